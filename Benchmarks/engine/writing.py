"""db_bench's fills, in both regimes, with small and larger values; and what they cost in bytes."""

from harness.report import Row
from engine import load as loads
from engine import rows, turns
from engine.load import KEY_BYTES, Load
from engine.rows import AT_LEAST_AS_FAST, NO_MORE, Results
from engine.setting import Setting
from engine.sizes import FULL

UNSYNCED = "the log is written at each commit, on all sides, and not synced"


def cached(setting: Setting) -> list[Row]:
    return _run(setting, direct=False)


def direct(setting: Setting) -> list[Row]:
    return _run(setting, direct=True)


def _run(setting: Setting, direct: bool) -> list[Row]:
    found: list[Row] = []
    for load in loads.both(setting.size, direct):
        sides = setting.sides(direct=direct)
        sequential = {} if direct and setting.size is not FULL else turns.fresh(setting, sides, load, ["fillseq"])
        # What can be read at the end is what is alive.
        random = turns.fresh(setting, sides, load, ["fillrandom", "overwrite", "warm"])
        note = f"one thread; {UNSYNCED}; until flushes and compactions have settled; {load.text()}"
        for workload, results, target, what in [
            ("fillseq", sequential, None, "puts in order into a new store"),
            ("fillrandom", random, AT_LEAST_AS_FAST, "puts of random keys into a new store"),
            ("overwrite", random, AT_LEAST_AS_FAST, "puts of random keys over them"),
        ]:
            if results:
                found.append(rows.throughput_row(
                    load.name(workload), f"{what}, {load.value_bytes} B", results, workload, note, target))
        found += _amplification(random, load)
    return found


def _amplification(results: Results, load: Load) -> list[Row]:
    for all_printed in results.values():
        for overwrite, warm, space in zip(all_printed["overwrite"], all_printed["warm"], all_printed["space"]):
            overwrite["amplification"] = overwrite["written_bytes"] / overwrite["user_bytes"]
            live = warm["found"] * (KEY_BYTES + load.value_bytes)
            space["amplification"] = space["data_bytes"] / live
            space["with_log"] = (space["data_bytes"] + space["log_bytes"]) / live
    written = rows.least_row(
        load.name("overwrite-writeamp"), f"bytes written for each byte put, {load.value_bytes} B", "×", results,
        "overwrite", "amplification",
        "everything that the process hands to write calls during overwrite and until it has settled, log and zeros for "
        f"laid-out segments included, by bytes of keys and values; {load.text()}", NO_MORE)
    taken = rows.least_row(
        load.name("overwrite-spaceamp"), f"bytes on disk for each byte alive, {load.value_bytes} B", "×", results,
        "space", "amplification",
        "allocated bytes after overwrite, settled and closed, without the log, by bytes of keys and values that a scan "
        f"finds; {load.text()}", NO_MORE)
    taken.details["with the log"] = (
        rows.samples(results, "Varve", "space", "with_log").median,
        rows.samples(results, taken.peer_name or "", "space", "with_log").median)
    return [written, taken]
