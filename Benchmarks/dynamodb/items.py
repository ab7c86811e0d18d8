"""PutItem and GetItem of 1 KB, beside the peers and the floor; server CPU of a GetItem."""

import random
from contextlib import ExitStack

from dynamodb import content
from dynamodb.client import check_signatures_are_verified
from dynamodb.content import TABLE
from dynamodb.servers import Ministack, Moto
from dynamodb.setting import Setting
from dynamodb.turns import Turns, is_fast, length_of, row, take_turns
from harness.processes import Server
from harness.report import Row, Target
from harness.servers import Floor, Varve

CONNECTIONS = 16

# Items of each round that are read back whole and compared, off the clock.
VERIFIED = 50

# What `{}` has.
EMPTY_BYTES = 2


class _Bench:
    """The four servers and what is asked of them."""

    def __init__(self, setting: Setting, stack: ExitStack):
        self.size = setting.size
        self.turns = Turns(setting, "items")
        self.varve = Varve(setting.place("varve"), setting.varve)
        self.ministack = Ministack(setting.place("ministack"))
        self.moto = Moto(setting.place("moto"))
        self.keys = content.keys("stored", setting.size.stored)
        self.answers: dict[str, int] = {}
        for server in (self.varve, self.ministack, self.moto):
            stack.enter_context(server).start()
            content.create_table(server)
            content.store(server, map(content.kilobyte_item, self.keys))
            self.answers[server.name] = length_of(server, "GetItem", self._get(self.keys[0]))
            content.verify(server, map(content.kilobyte_item, self.keys[:VERIFIED]))
        check_signatures_are_verified(self.varve)
        # Its constant is as long as our answer.
        self.answers[Floor.name] = self.answers[self.varve.name]
        self.floor = Floor(setting.place("floor"), setting.floor, self.answers[Floor.name])
        stack.enter_context(self.floor).start()
        self.servers: list[Server] = [self.varve, self.ministack, self.moto, self.floor]

    @staticmethod
    def _get(key: str) -> dict:
        return {"TableName": TABLE, "Key": {"pk": {"S": key}}}

    def put(self, server: Server, number: int) -> dict[str, float]:
        """Puts new items, each once."""
        count = self.size.puts_ours if is_fast(server) else self.size.puts_theirs
        keys = content.keys(f"r{number}", count)
        inputs = ({"TableName": TABLE, "Item": content.kilobyte_item(key)} for key in keys)
        if server is self.floor:
            # It commits the body of a PUT, and answers with nothing.
            return self.turns.once(server, "PutItem", inputs, CONNECTIONS, answer_bytes=0, method="PUT")
        result = self.turns.once(server, "PutItem", inputs, CONNECTIONS, EMPTY_BYTES)
        content.verify(server, map(content.kilobyte_item, random.sample(keys, min(VERIFIED, count))))
        return result

    def get(self, server: Server, _: int) -> dict[str, float]:
        """Gets the stored items over and over, in a shuffled order."""
        method = "GET" if server is self.floor else "POST"
        return self.turns.over(
            server, "GetItem", map(self._get, self.keys), CONNECTIONS, self.answers[server.name], method)


def run(setting: Setting) -> list[Row]:
    size = setting.size
    rows: list[Row] = []
    with ExitStack() as stack:
        bench = _Bench(setting, stack)
        for name, operation, turn, ministack_times, how in (
            ("put", "PutItem", bench.put, 8,
             f"New items, each once: {size.puts_ours:,} a round, {size.puts_theirs:,} of the peers'."),
            ("get", "GetItem", bench.get, 12, f"{size.stored:,} items, shuffled.")):
            results = take_turns(setting, bench.servers, turn)
            for peer, target in (
                (bench.ministack, Target(ministack_times, at_least=True)), (bench.moto, Target(40, at_least=True)),
                (bench.floor, Target(0.6, at_least=True, aim=True))):
                rows.append(row(
                    f"{name}-1k-{peer.name.partition('_')[0]}", f"{operation} 1 KB, {CONNECTIONS} connections", how,
                    results, bench.varve, peer, target))
    ours, floor = results[bench.varve.name], results[bench.floor.name]
    rows.append(Row(
        name="get-1k-cpu", what=f"server CPU of a GetItem of 1 KB, {CONNECTIONS} connections, beside floor", unit="µs",
        ours=ours["server_cpu_us"], peer=floor["server_cpu_us"], peer_name=bench.floor.name,
        target=Target(1.8, at_least=False),
        note="The floor reads the same requests and answers a constant of the same length."))
    return rows
