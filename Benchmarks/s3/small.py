"""4 KiB objects: PUT and GET over 100,000 keys, beside the peer and the floor."""

from contextlib import ExitStack
from pathlib import Path

from harness import wrk
from harness.processes import Server
from harness.report import Row, Target
from harness.rounds import Samples, alternate
from harness.servers import Floor, Varve
from s3 import content
from s3.content import SMALL_BYTES
from s3.servers import SeaweedFS
from s3.setting import Setting
from s3.signing import write_targets

# Objects of each round that are read back whole and compared, off the clock.
VERIFIED = 200


class _Bench:
    """The three servers and what is asked of them."""

    def __init__(self, setting: Setting, stack: ExitStack):
        self.setting = setting
        self.files = setting.place("small")
        self.varve = Varve(setting.place("varve"), setting.varve)
        self.weed = SeaweedFS(setting.place("weed"), setting.weed)
        self.floor = Floor(setting.place("floor"), setting.floor, SMALL_BYTES)
        for server in self.servers:
            stack.enter_context(server).start()
        for server in (self.varve, self.weed):
            content.create_bucket(server)
            content.check_signatures_are_verified(server)
        self.tail = content.write_body_tail(self.files, SMALL_BYTES)

    @property
    def servers(self) -> list[Server]:
        return [self.varve, self.weed, self.floor]

    def targets(self, server: Server, method: str, keys: list[str]) -> Path:
        return write_targets(self.files / "targets", content.host_of(server), method, content.BUCKET, keys)

    def put(self, server: Server, connections: int, count: int, number: int) -> dict[str, float]:
        """Puts `count` new objects, each once."""
        keys = content.shuffled_keys(f"c{connections}-r{number}", count)
        load = wrk.Load("PUT", self.targets(server, "PUT", keys), connections, answer_bytes=0, body_tail=self.tail)
        if server is self.floor:
            # It answers PUT with no body, and has nothing to read back.
            return wrk.run(server, load)
        result = wrk.run(server, load)
        content.verify_small(server, keys[:VERIFIED], self.tail.read_bytes())
        return result

    def get(self, server: Server, connections: int, keys: list[str]) -> dict[str, float]:
        """Gets the objects over and over, in a shuffled order."""
        seconds = self.setting.pick(8, 2)
        load = wrk.Load("GET", self.targets(server, "GET", keys), connections, SMALL_BYTES, seconds=seconds)
        return wrk.run(server, load)


def run(setting: Setting) -> list[Row]:
    objects = setting.pick(100_000, 5_000)
    rows: list[Row] = []
    with ExitStack() as stack:
        bench = _Bench(setting, stack)
        for connections, count in ((16, objects), (1, objects // 20)):
            results = alternate(setting.rounds, {
                server.name: lambda number, server=server, connections=connections, count=count:
                    bench.put(server, connections, count, number)
                for server in bench.servers})
            rows += _rows("PUT", connections, count, 5.0, results, bench)
        keys = content.shuffled_keys(f"c16-r{setting.rounds}", objects)
        for connections in (16, 1):
            results = alternate(setting.rounds, {
                server.name: lambda _, server=server, connections=connections: bench.get(server, connections, keys)
                for server in bench.servers})
            rows += _rows("GET", connections, objects, 5.0, results, bench)
    return rows


def _rows(
    method: str, connections: int, count: int, target: float, results: dict[str, dict[str, Samples]], bench: _Bench
) -> list[Row]:
    """One row beside the peer, one beside the floor. Targets are for 16 connections; one explains latency."""
    what = f"{method} 4 KiB, {connections} connection{'s' if connections > 1 else ''}"
    how = f"{count:,} new objects a round, each once" if method == "PUT" else f"{count:,} objects, uniform"
    ours = results["varve"]
    rows = []
    aim = Target(0.8, at_least=True, aim=True)
    for peer, goal in ((bench.weed, Target(target, at_least=True)), (bench.floor, aim)):
        theirs = results[peer.name]
        short = "floor" if peer is bench.floor else "seaweedfs"
        rows.append(Row(
            name=f"{method.lower()}-4k-{connections}-{short}", what=f"{what}, beside {peer.name}", unit="op/s",
            ours=ours["operations_per_second"], peer=theirs["operations_per_second"], peer_name=peer.name,
            target=goal if connections == 16 else None,
            note=f"{how}. Ours: {bench.varve.durability}. {peer.name}: {peer.durability}.",
            details={
                label: (ours[key].median, theirs[key].median)
                for label, key in (
                    ("p50 µs", "p50_us"), ("p99 µs", "p99_us"), ("server CPU µs/op", "server_cpu_us"),
                    ("client CPU µs/op", "client_cpu_us"))}))
    return rows
