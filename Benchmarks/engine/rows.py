"""From what the programs printed to rows of the report."""

from harness.report import Row, Target
from harness.rounds import Samples
from engine.setting import OURS

# By the name of the side, then of the workload: what each round printed.
Results = dict[str, dict[str, list[dict]]]

AT_LEAST_AS_FAST = Target(1.0, at_least=True)
NO_MORE = Target(1.0, at_least=False)


def samples(results: Results, side: str, workload: str, key: str, scale: float = 1) -> Samples:
    return Samples([result[key] * scale for result in results[side][workload]])


def better_rocksdb(results: Results, workload: str, key: str = "operations_per_second", least: bool = False) -> str:
    """The column that is the target."""
    names = [name for name in results if name.startswith("RocksDB")]
    return (min if least else max)(names, key=lambda name: samples(results, name, workload, key).median)


def throughput_row(
    name: str, what: str, results: Results, workload: str, note: str, target: Target | None = None,
) -> Row:
    """Operations a second beside the better RocksDB; the others and the latencies as details."""
    best = better_rocksdb(results, workload)

    def pair(key: str, scale: float = 1) -> tuple[float, float]:
        return (
            samples(results, OURS, workload, key, scale).median, samples(results, best, workload, key, scale).median)

    speed = samples(results, OURS, workload, "operations_per_second")
    details: dict[str, tuple[float | None, float | None]] = {
        f"operations a second, {side}": (speed.median, samples(
            results, side, workload, "operations_per_second").median)
        for side in results if side not in (OURS, best)}
    first = results[OURS][workload][0]
    if first["user_bytes"]:
        details["acknowledged a second"] = pair("acknowledged_per_second")
    for key, text in [("p50_us", "p50, µs"), ("p99_us", "p99, µs"), ("p999_us", "p99.9, µs")]:
        details[text] = pair(key)
    details["CPU an operation, µs"] = pair("cpu_us")
    if first["user_bytes"]:
        details["bytes written, MB"] = pair("written_bytes", 1e-6)
    details["peak resident, MB"] = pair("peak_resident_bytes", 1e-6)
    return Row(
        name=name, what=what, unit="/s", ours=speed,
        peer=samples(results, best, workload, "operations_per_second"), peer_name=best, target=target, note=note,
        details=details)


def least_row(
    name: str, what: str, unit: str, results: Results, workload: str, key: str, note: str, target: Target | None,
    scale: float = 1,
) -> Row:
    """A number of which less is better, beside the RocksDB that has less of it; the others as details."""
    best = better_rocksdb(results, workload, key, least=True)
    ours = samples(results, OURS, workload, key, scale)
    return Row(
        name=name, what=what, unit=unit, ours=ours, peer=samples(results, best, workload, key, scale), peer_name=best,
        target=target, note=note,
        details={
            side: (ours.median, samples(results, side, workload, key, scale).median)
            for side in results if side not in (OURS, best)})
