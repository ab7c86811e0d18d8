"""One turn of one server: requests signed now, sent by wrk, every answer checked."""

from collections.abc import Callable, Iterable

from dynamodb.client import Client, encode, host_of
from dynamodb.setting import Setting
from dynamodb.signing import Signer
from harness import wrk
from harness.processes import Server
from harness.report import Row, Target
from harness.rounds import Samples, alternate
from harness.servers import Floor, Varve

# What is shown beside the speed of a row.
DETAILS = (
    ("p50 µs", "p50_us"), ("p99 µs", "p99_us"), ("server CPU µs/op", "server_cpu_us"),
    ("client CPU µs/op", "client_cpu_us"))


class Turns:
    """The requests of a group's turns, in one file after the other."""

    def __init__(self, setting: Setting, name: str):
        self.setting = setting
        self.file = setting.place(name) / "requests"

    def once(
        self, server: Server, operation: str, inputs: Iterable[dict], connections: int, answer_bytes: int,
        method: str = "POST",
    ) -> dict[str, float]:
        """Sends each request exactly once."""
        return self._run(server, operation, inputs, connections, answer_bytes, method, None)

    def over(
        self, server: Server, operation: str, inputs: Iterable[dict], connections: int, answer_bytes: int,
        method: str = "POST",
    ) -> dict[str, float]:
        """Sends the requests over and over for the size's time of reading."""
        seconds = self.setting.size.read_seconds
        return self._run(server, operation, inputs, connections, answer_bytes, method, seconds)

    def _run(
        self, server: Server, operation: str, inputs: Iterable[dict], connections: int, answer_bytes: int, method: str,
        seconds: float | None,
    ) -> dict[str, float]:
        requests = Signer(host_of(server)).requests(operation, (encode(members) for members in inputs), method)
        file = wrk.write_requests(self.file, requests)
        return wrk.run(server, wrk.Load(wrk.WHOLE, file, connections, answer_bytes, seconds=seconds))


def length_of(server: Server, operation: str, members: dict, check: Callable[[dict], None] | None = None) -> int:
    """How long a server's answer is, which differs by the spaces in its JSON; `check` looks at what it says."""
    with Client(server) as client:
        if check:
            check(client.must(operation, members))
        return len(client.answer(operation, members))


def take_turns(
    setting: Setting, servers: Iterable[Server], turn: Callable[[Server, int], dict[str, float]]
) -> dict[str, dict[str, Samples]]:
    """Rounds in which each server has a turn: given the server and the number of the round."""
    return alternate(
        setting.size.rounds,
        {server.name: lambda number, server=server: turn(server, number) for server in servers})


def row(
    name: str, what: str, how: str, results: dict[str, dict[str, Samples]], varve: Varve, peer: Server,
    target: Target | None,
) -> Row:
    """Operations a second, ours beside a peer's."""
    ours, theirs = results[varve.name], results[peer.name]
    return Row(
        name=name, what=f"{what}, beside {peer.name}", unit="op/s", ours=ours["operations_per_second"],
        peer=theirs["operations_per_second"], peer_name=peer.name, target=target,
        note=f"{how} Ours: {varve.durability}, signatures verified. {peer.name}: {peer.durability}.",
        details={label: (ours[key].median, theirs[key].median) for label, key in DETAILS})


def is_fast(server: Server) -> bool:
    """Whether a server's turns are of the size for thousands of operations a second."""
    return isinstance(server, (Varve, Floor))
