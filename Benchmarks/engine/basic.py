"""The rows of db_bench: fills and reads, in both regimes, with small and larger values."""

from contextlib import ExitStack

from harness.report import Row, Target
from engine import rows, turns
from engine.load import MIB, Load
from engine.setting import OURS, Setting

AT_LEAST_AS_FAST = Target(1.0, at_least=True)
UNSYNCED = "the log is written at each commit, on all sides, and not synced"
# Threads that read: those of the machine when memory answers, more when the device does.
READERS = {False: 2, True: 8}


def loads(setting: Setting, direct: bool) -> list[Load]:
    small = Load(
        keys=setting.pick(4_000_000, 1_000_000), value_bytes=100, direct=direct,
        memtable_bytes=setting.pick(64, 16) * MIB)
    return [small, small.but(keys=setting.pick(1_000_000, 150_000), value_bytes=1024)]


def write_cached(setting: Setting) -> list[Row]:
    return _write(setting, direct=False)


def write_direct(setting: Setting) -> list[Row]:
    return _write(setting, direct=True)


def read_cached(setting: Setting) -> list[Row]:
    return _read(setting, direct=False)


def read_direct(setting: Setting) -> list[Row]:
    return _read(setting, direct=True)


def _name(workload: str, load: Load) -> str:
    return f"{workload}-{load.value_bytes}-{load.regime}"


def _write(setting: Setting, direct: bool) -> list[Row]:
    found: list[Row] = []
    for load in loads(setting, direct):
        sides = setting.sides(direct=direct)
        sequential = turns.fresh(setting, sides, load, ["fillseq"])
        random = turns.fresh(setting, sides, load, ["fillrandom", "overwrite"])
        note = f"one thread; {UNSYNCED}; until flushes and compactions have settled; {load.text()}"
        for workload, results, target, what in [
            ("fillseq", sequential, None, "puts in order into a new store"),
            ("fillrandom", random, AT_LEAST_AS_FAST, "puts of random keys into a new store"),
            ("overwrite", random, AT_LEAST_AS_FAST, "puts of random keys over them"),
        ]:
            found.append(rows.throughput_row(
                _name(workload, load), f"{what}, {load.value_bytes} B", results, workload, OURS, note, target))
    return found


def _read(setting: Setting, direct: bool) -> list[Row]:
    found: list[Row] = []
    threads = READERS[direct]
    seconds = setting.pick(4, 2)
    for load in loads(setting, direct):
        sides = setting.sides(direct=direct)
        reads = [
            f"{workload}:threads={threads}:seconds={seconds}"
            for workload in ("readrandom", "readmissing", "seekrandom", "readwhilewriting")]
        with ExitStack() as stack:
            places = {side.name: stack.enter_context(setting.place(side.name)) for side in sides}
            results = turns.on_loaded(setting, sides, load, ["load", "settle"], ["warm", "settle", *reads], places)
        note = (
            f"{threads} threads; loaded in shuffled order and settled; opened anew and read through once before each "
            f"turn; a value in 64 is compared whole; {load.text()}")
        for workload, what in [
            ("readrandom", "gets of random keys"), ("readmissing", "gets of keys that are not there"),
            ("seekrandom", "seeks to random keys and ten nexts"),
            ("readwhilewriting", "gets beside one writer at 10,000 puts a second"),
        ]:
            found.append(rows.throughput_row(
                _name(workload, load), f"{what}, {load.value_bytes} B", results, workload, OURS, note,
                AT_LEAST_AS_FAST))
    return found
