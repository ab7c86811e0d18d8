"""Writers that wait for the device together, or are in each other's way."""

from harness.report import Row, Target
from engine import fio, rows, turns
from engine.load import Load
from engine.setting import OURS, Setting

FILLSYNC_TARGETS = {1: 1.2, 16: 2.5, 64: 3.0}
WRITERS = 64
COUNTS_A_SECOND = Target(20_000, at_least=True, of="ours")
# At least one a second is progress.
PROGRESS = Target(1, at_least=True, of="ours")
SYNCED = "every commit synced to the device before it is acknowledged, on all sides"


def fillsync(setting: Setting) -> list[Row]:
    load = Load(keys=1_000_000, value_bytes=100, synced=True)
    found: list[Row] = []
    for threads, target in FILLSYNC_TARGETS.items():
        workload = f"fillsync:sync:threads={threads}:seconds={setting.size.fillsync_seconds}"
        results = turns.fresh(setting, setting.sides(), load, [workload])
        who = f"{threads} threads" if threads > 1 else "one thread"
        found.append(rows.throughput_row(
            f"fillsync-{threads}", f"durable commits of one key, {who}", results, "fillsync",
            note=f"{SYNCED}; random keys in a new store; {load.text()}", target=Target(target, at_least=True)))
    return found


def contention(setting: Setting) -> list[Row]:
    return [_counter(setting), *_transactions(setting)]


def _counter(setting: Setting) -> Row:
    load = Load(keys=1000, value_bytes=100, synced=True)
    seconds = setting.size.contention_seconds
    results = turns.fresh(setting, [setting.ours], load, [f"counter:sync:threads={WRITERS}:seconds={seconds}"])
    speed = rows.samples(results, OURS, "counter", "operations_per_second")
    with setting.place("fio") as place:
        sync_us = fio.sync_microseconds(place)
    return Row(
        name="counter", what=f"{WRITERS} writers count up one key, durably", unit="/s", ours=speed,
        target=COUNTS_A_SECOND,
        note="each reads the newest value, adds one and waits until that is synced; no count may be lost. The target "
             "is for a disk that syncs in 200 µs",
        details={
            "fio: one block of 4 KiB written and synced, µs": (sync_us, None),
            "p50, µs": (rows.samples(results, OURS, "counter", "p50_us").median, None),
            "p99.9, µs": (rows.samples(results, OURS, "counter", "p999_us").median, None),
            "counts a sync": (_per_sync(results), None)})


def _per_sync(results: rows.Results) -> float:
    done = results[OURS]["counter"][0]
    return done["operations"] / max(1, done["syncs"])


def _transactions(setting: Setting) -> list[Row]:
    load = Load(keys=min(100_000, setting.size.small_keys), value_bytes=100, synced=True)
    asked = f"transactions:sync:threads={WRITERS}:seconds={setting.size.contention_seconds}"
    blind = turns.fresh(setting, setting.sides(only_rocksdb=True), load, ["load", asked])
    reading = turns.fresh(setting, [setting.ours], load, ["load", f"{asked}:reads"])
    note = f"{SYNCED}; beside it {WRITERS} threads put random keys of the same {load.keys:,}, one a commit"
    first = rows.throughput_row(
        "batches-25", f"25 puts a commit beside {WRITERS} writers", blind, "transactions", note)
    best = first.peer_name or ""
    first.details["puts of the others a second"] = (
        rows.samples(blind, OURS, "singles", "operations_per_second").median,
        rows.samples(blind, best, "singles", "operations_per_second").median)
    second = Row(
        name="transactions-25", what=f"transactions of 25 reads and puts beside {WRITERS} writers", unit="/s",
        ours=rows.samples(reading, OURS, "transactions", "operations_per_second"), target=PROGRESS,
        note=note + "; serializable: each key is read, then written",
        details={
            "p99.9, µs": (rows.samples(reading, OURS, "transactions", "p999_us").median, None),
            "slowest, µs": (rows.samples(reading, OURS, "transactions", "max_us").median, None),
            "puts of the others a second": (
                rows.samples(reading, OURS, "singles", "operations_per_second").median, None)})
    return [first, second]
