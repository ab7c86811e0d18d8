"""db_bench's reads and YCSB, in both regimes."""

from contextlib import ExitStack

from harness.report import Row
from engine import load as loads
from engine import rows, turns
from engine.load import Load
from engine.rows import AT_LEAST_AS_FAST, Results
from engine.setting import Setting

# Threads that read: those of the machine when memory answers, more when the device does.
READERS = {False: 2, True: 8}

READS = {
    "readrandom": "gets of random keys", "readmissing": "gets of keys that are not there",
    "seekrandom": "seeks to random keys and ten nexts",
    "readwhilewriting": "gets beside one writer at 10,000 puts a second"}
YCSB = {
    "ycsb-a": "half reads, half updates", "ycsb-b": "95 % reads, 5 % updates", "ycsb-c": "reads",
    "ycsb-d": "reads of the latest, 5 % inserts", "ycsb-e": "scans of up to 100, 5 % inserts",
    "ycsb-f": "half reads, half read-modify-writes"}


def cached(setting: Setting) -> list[Row]:
    return [row for load in loads.both(setting.size, direct=False) for row in _reads(setting, load)]


def direct(setting: Setting) -> list[Row]:
    return [row for load in loads.both(setting.size, direct=True) for row in _reads(setting, load)]


def ycsb(setting: Setting) -> list[Row]:
    found: list[Row] = []
    for direct in (False, True) if setting.size.ycsb_direct else (False,):
        load = loads.both(setting.size, direct)[1]
        results, note = _measure(setting, load, list(YCSB))
        for workload, what in YCSB.items():
            found.append(rows.throughput_row(load.name(workload), what, results, workload, (
                "zipfian choice of keys (0.99), spread over all; the log is written at each commit and not synced; "
                f"{note}")))
    return found


def _reads(setting: Setting, load: Load) -> list[Row]:
    results, note = _measure(setting, load, list(READS))
    return [
        rows.throughput_row(
            load.name(workload), f"{what}, {load.value_bytes} B", results, workload, note, AT_LEAST_AS_FAST)
        for workload, what in READS.items()]


def _measure(setting: Setting, load: Load, workloads: list[str]) -> tuple[Results, str]:
    threads = READERS[load.direct]
    sides = setting.sides(direct=load.direct)
    timed = [f"{workload}:threads={threads}:seconds={setting.size.read_seconds}" for workload in workloads]
    with ExitStack() as stack:
        places = {side.name: stack.enter_context(setting.place(side.name)) for side in sides}
        results = turns.on_loaded(setting, sides, load, ["load", "settle"], ["warm", "settle", *timed], places)
    return results, (
        f"{threads} threads; loaded in shuffled order and settled; opened anew and read through once before each turn; "
        f"a value in 64 is compared whole; {load.text()}")
