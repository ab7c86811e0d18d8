"""From what the programs printed to rows of the report."""

from harness.report import Row, Target
from harness.rounds import Samples

# By the name of the side, then of the workload: what each round printed.
Results = dict[str, dict[str, list[dict]]]


def samples(results: Results, side: str, workload: str, key: str) -> Samples:
    return Samples([result[key] for result in results[side][workload]])


def better_rocksdb(results: Results, workload: str, key: str = "operations_per_second") -> str:
    """The column that is the target."""
    names = [name for name in results if name.startswith("RocksDB")]
    return max(names, key=lambda name: samples(results, name, workload, key).median)


def throughput_row(
    name: str, what: str, results: Results, workload: str, ours: str, note: str, target: Target | None = None,
) -> Row:
    """Operations a second beside the better RocksDB; the others and the latencies as details."""
    best = better_rocksdb(results, workload)

    def pair(key: str, scale: float = 1) -> tuple[float, float]:
        return (
            samples(results, ours, workload, key).median * scale, samples(results, best, workload, key).median * scale)

    speed = samples(results, ours, workload, "operations_per_second")
    details: dict[str, tuple[float | None, float | None]] = {
        f"operations a second, {side}": (speed.median, samples(
            results, side, workload, "operations_per_second").median)
        for side in results if side not in (ours, best)}
    first = results[ours][workload][0]
    if first["user_bytes"]:
        details["acknowledged a second"] = pair("acknowledged_per_second")
    for key, text in [("p50_us", "p50, µs"), ("p99_us", "p99, µs"), ("p999_us", "p99.9, µs")]:
        details[text] = pair(key)
    if first["user_bytes"]:
        details["bytes written, MB"] = pair("written_bytes", 1e-6)
    details["peak resident, MB"] = pair("peak_resident_bytes", 1e-6)
    return Row(
        name=name, what=what, unit="/s", ours=speed,
        peer=samples(results, best, workload, "operations_per_second"), peer_name=best, target=target, note=note,
        details=details)
