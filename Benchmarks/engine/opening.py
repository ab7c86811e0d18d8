"""Opening a store after a clean close and after a kill, and memory beside the budget."""

from pathlib import Path

from harness.report import Row, Target
from harness.rounds import Samples, forget
from engine import program
from engine.load import Load
from engine.setting import OURS, Setting
from engine.sizes import MIB

BUDGET_BYTES = 256 * MIB
LOG_UNIT = 64 * MIB
# What a process may take beside its budget: the program itself, stacks, the allocator's waste.
BESIDE_BUDGET = Target(40, at_least=False, of="ours")


def _arguments(load: Load, seed: int = 1) -> list[str]:
    return [*load.arguments(seed), "--budget-bytes", str(BUDGET_BYTES)]


def _beyond(results: list[dict[str, dict]]) -> Samples:
    """The greatest resident size of each run, less the budget, in MB."""
    return Samples([
        (max(printed["peak_resident_bytes"] for printed in run.values() if "peak_resident_bytes" in printed)
         - BUDGET_BYTES) / 1e6 for run in results])


def opening(setting: Setting) -> list[Row]:
    load = Load(keys=setting.size.opening_keys, value_bytes=100)
    ours = setting.ours.program
    clean, cold, killed, log, per_unit = Samples(), Samples(), Samples(), Samples(), Samples()
    runs: list[dict[str, dict]] = []
    with setting.place(OURS) as place:
        store = place / "store"

        def run(workloads: list[str], seed: int = 1) -> dict[str, dict]:
            runs.append(program.run(ours, store, _arguments(load, seed), workloads))
            return runs[-1]

        run(["fillseq"])
        for number in range(setting.size.rounds):
            clean.add(run(["settle"])["open"]["seconds"] * 1000)
            forget(place)
            cold.add(run(["settle"])["open"]["seconds"] * 1000)
            run([f"overwrite:ops={setting.size.opening_overwrites}:unsettled", "kill"], seed=number + 1)
            log_bytes = _log_bytes(ours, store)
            seconds = run(["settle", "readrandom:threads=2:ops=10000"])["open"]["seconds"]
            killed.add(seconds * 1000)
            log.add(log_bytes / MIB)
            per_unit.add(seconds / max(1, log_bytes / LOG_UNIT))
    what = f"opening {load.keys:,} keys"
    return [
        Row(name="open-clean", what=f"{what} after a clean close", unit="ms", ours=clean,
            target=Target(300, at_least=False, of="ours"),
            note="from the call to the store that answers; files in the page cache",
            details={"nothing of it in the page cache, ms": (cold.median, None)}),
        Row(name="open-killed", what=f"{what} after a kill, for each 64 MiB of log", unit="s", ours=per_unit,
            target=Target(1, at_least=False, of="ours"),
            note="killed while it was being overwritten; less log counts as 64 MiB; afterwards reads are compared",
            details={"opening, ms": (killed.median, None), "log, MiB": (log.median, None)}),
        Row(name="open-memory", what="peak resident beyond a budget of 256 MiB, in filling, opening, recovery",
            unit="MB", ours=_beyond(runs), target=BESIDE_BUDGET, note="the greatest of each run of the program"),
    ]


def _log_bytes(ours: Path, store: Path) -> int:
    return program.run(ours, store, [], ["--log-bytes"])["log"]["bytes"]


def memory(setting: Setting) -> list[Row]:
    load = Load(keys=setting.size.memory_keys, value_bytes=1024)
    seconds = setting.size.contention_seconds
    workloads = [
        "fillrandom", "overwrite", f"readrandom:threads=16:seconds={seconds}",
        f"seekrandom:threads=16:seconds={seconds}", f"ycsb-a:sync:threads=64:seconds={seconds}",
        f"ycsb-e:threads=16:seconds={seconds}", f"large:threads=16:ops={setting.size.large_bytes // (8 * MIB)}",
        f"transactions:sync:reads:threads=64:seconds={seconds}", f"counter:threads=64:seconds={seconds}"]
    with setting.place(OURS) as place:
        run = program.run(setting.ours.program, place / "store", _arguments(load), workloads)
    return [Row(
        name="memory", what="peak resident beyond a budget of 256 MiB, under every kind of load", unit="MB",
        ours=_beyond([run]), target=BESIDE_BUDGET,
        note=f"one store after the other load; {load.keys:,} keys with values of 1 KB",
        details={
            f"peak in {name}, MB": (printed["peak_resident_bytes"] / 1e6, None)
            for name, printed in run.items() if "peak_resident_bytes" in printed})]
