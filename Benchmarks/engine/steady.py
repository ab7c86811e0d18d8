"""Whether it goes on evenly: a long overwrite, and durable commits while much is being deleted."""

from harness.report import Row, Target
from harness.rounds import Samples, settle
from engine import program, rows, turns
from engine.load import Load
from engine.rows import NO_MORE
from engine.setting import OURS, Setting
from engine.sizes import GIB, MIB

NO_WINDOW = Target(1, at_least=False, of="ours")
VALUE_BYTES = 4 * MIB
DELETING_THREADS = 16
LISTINGS = 20


def overwrite(setting: Setting) -> list[Row]:
    size = setting.size
    load = Load(keys=size.steady_keys, value_bytes=100, memtable_bytes=size.memtable_bytes)
    sides = setting.sides(only_rocksdb=True)
    # One turn each: it is long enough.
    results: rows.Results = {side.name: {} for side in sides}
    for side in sides:
        settle()
        with setting.place(side.name) as place:
            printed = program.run(
                side.program, place / "store", load.arguments(),
                ["fillrandom", f"overwrite:as=steady:seconds={size.steady_seconds}"])
        results[side.name] = {name: [result] for name, result in printed.items()}
    note = (
        f"one thread overwrites random keys for {size.steady_seconds:g} s as fast as it may, unsynced; windows of "
        f"100 ms in which nothing was acknowledged are counted; {load.text()}")
    idle = rows.least_row(
        "steady-windows", "windows of 100 ms without a put", "windows", results, "steady", "idle_windows", note,
        NO_WINDOW)
    idle.details["windows"] = (
        rows.samples(results, OURS, "steady", "windows").median,
        rows.samples(results, idle.peer_name or "", "steady", "windows").median)
    slowest = rows.least_row(
        "steady-p999", "p99.9 of a put in the long overwrite", "µs", results, "steady", "p999_us", note, NO_MORE)
    slowest.details["slowest, µs"] = (
        rows.samples(results, OURS, "steady", "max_us").median,
        rows.samples(results, slowest.peer_name or "", "steady", "max_us").median)
    return [idle, slowest, rows.throughput_row("steady-speed", "puts in it", results, "steady", note)]


def deleting(setting: Setting) -> list[Row]:
    size = setting.size
    values = size.deleted_bytes // VALUE_BYTES
    # Memtables that are flushed while it lasts: before, nothing is freed.
    load = Load(keys=1_000_000, value_bytes=100, memtable_bytes=size.memtable_bytes, synced=True)
    without, during, freed = Samples(), Samples(), Samples()
    for number in range(size.deleting_rounds):
        settle()
        with setting.place(OURS) as place:
            printed = program.run(setting.ours.program, place / "store", load.arguments(seed=number + 1), [
                f"largefill:ops={values}:bytes={VALUE_BYTES}", "settle",
                f"fillsync:sync:threads={DELETING_THREADS}:seconds={size.deleting_seconds / 2}",
                f"fillsyncdeleting:threads={DELETING_THREADS}:seconds={size.deleting_seconds}:ops={values}"])
        without.add(printed["fillsync"]["p999_us"])
        during.add(printed["fillsyncdeleting"]["p999_us"])
        freed.add(printed["freed"]["bytes"] / GIB)
    return [Row(
        name="deleting-p999", what=f"p99.9 of fillsync, {DELETING_THREADS} threads, while values are being deleted",
        unit="µs", ours=during, peer=without, peer_name="without", target=Target(2, at_least=False),
        note=f"{size.deleted_bytes / GIB:g} GiB in values of 4 MiB, deleted evenly over the first half of "
             f"{size.deleting_seconds:g} s; files go when a compaction finds them dead; {load.text()}",
        details={
            "operations a second": (
                printed["fillsyncdeleting"]["operations_per_second"], printed["fillsync"]["operations_per_second"]),
            "slowest, µs": (printed["fillsyncdeleting"]["max_us"], printed["fillsync"]["max_us"]),
            "freed meanwhile, GiB": (freed.median, None)})]


def listing(setting: Setting) -> list[Row]:
    load = Load(keys=setting.size.listing_keys, value_bytes=100, memtable_bytes=setting.size.memtable_bytes)
    sides = setting.sides(only_rocksdb=True)
    fresh = turns.fresh(setting, sides, load, ["fillend", f"listfirst:as=listfresh:ops={LISTINGS}"], peers_once=True)
    deleted = turns.fresh(setting, sides, load, [
        "load", "deleteall", "fillend", f"listfirst:as=listatonce:ops={LISTINGS}", "settle",
        f"listfirst:as=listsettled:ops={LISTINGS}"], peers_once=True)
    target = Target(2, at_least=False)
    note = (
        f"the first 1,000 keys from the start, where {load.keys:,} were put and deleted before them; the mean of "
        f"{LISTINGS} listings; beside it the same in a fresh store")

    def microseconds(results: rows.Results, side: str, workload: str) -> Samples:
        return Samples([1e6 / result["operations_per_second"] for result in results[side][workload]])

    found = []
    for workload, when in [("listatonce", "at once"), ("listsettled", "when settled")]:
        found.append(Row(
            name=workload, what=f"listing after deleting {load.keys:,} keys, {when}", unit="µs",
            ours=microseconds(deleted, OURS, workload), peer=microseconds(fresh, OURS, "listfresh"),
            peer_name="fresh store", target=target, note=note,
            details={
                side.name: (
                    microseconds(deleted, side.name, workload).median,
                    microseconds(fresh, side.name, "listfresh").median)
                for side in sides if side.name != OURS}))
    return found
