"""BatchWriteItem of 25 items of 1 KB, beside ministack."""

import random
from contextlib import ExitStack

from dynamodb import content
from dynamodb.content import BATCH
from dynamodb.servers import Ministack
from dynamodb.setting import Setting
from dynamodb.turns import Turns, is_fast, length_of, row, take_turns
from harness.processes import Server
from harness.report import Row, Target
from harness.servers import Varve

CONNECTIONS = 8

# Items of each round that are read back whole and compared, off the clock.
VERIFIED = 50


def run(setting: Setting) -> list[Row]:
    size = setting.size
    turns = Turns(setting, "batch")
    answers: dict[str, int] = {}
    with ExitStack() as stack:
        varve, ministack = Varve(setting.place("varve"), setting.varve), Ministack(setting.place("ministack"))
        for server in (varve, ministack):
            stack.enter_context(server).start()
            content.create_table(server)
            (first,) = content.batches(map(content.kilobyte_item, content.keys("first", BATCH)))
            answers[server.name] = length_of(server, "BatchWriteItem", first)

        def turn(server: Server, number: int) -> dict[str, float]:
            """Writes new items, each once."""
            count = size.batches_ours if is_fast(server) else size.batches_theirs
            keys = content.keys(f"r{number}", count * BATCH)
            result = turns.once(
                server, "BatchWriteItem", content.batches(map(content.kilobyte_item, keys)), CONNECTIONS,
                answers[server.name])
            content.verify(server, map(content.kilobyte_item, random.sample(keys, VERIFIED)))
            return result

        results = take_turns(setting, (varve, ministack), turn)
    return [row(
        "batch-25", f"BatchWriteItem of {BATCH} items of 1 KB, {CONNECTIONS} connections",
        f"New items: {size.batches_ours:,} batches a round, {size.batches_theirs:,} of the peer's.", results, varve,
        ministack, Target(15, at_least=True))]
