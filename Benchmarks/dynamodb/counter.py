"""UpdateItem that adds to one item from 64 connections: no count is lost and no update refused."""

import os
import statistics
import time
from contextlib import ExitStack
from pathlib import Path

from dynamodb import content
from dynamodb.client import Client
from dynamodb.content import TABLE
from dynamodb.servers import Ministack
from dynamodb.setting import Setting
from dynamodb.turns import Turns, is_fast, row, take_turns
from harness.failure import CannotRun
from harness.processes import Server
from harness.report import Row, Target
from harness.servers import Varve

CONNECTIONS = 64

# Updates a second where the disk syncs in 200 µs.
TARGET = 8_000

SYNCS = 200


def _sync_us(directory: Path) -> float:
    """The median of a write of 4 KiB and its fdatasync, in a file that was written before."""
    file = os.open(directory / "sync", os.O_RDWR | os.O_CREAT)
    try:
        os.write(file, bytes(4 << 20))
        os.fsync(file)
        times = []
        for number in range(SYNCS):
            begun = time.perf_counter()
            os.pwrite(file, b"x" * 4096, number * 4096)
            os.fdatasync(file)
            times.append(time.perf_counter() - begun)
        return statistics.median(times) * 1e6
    finally:
        os.close(file)


def run(setting: Setting) -> list[Row]:
    size = setting.size
    turns = Turns(setting, "counter")
    sync_us = _sync_us(setting.place("sync"))
    with ExitStack() as stack:
        varve, ministack = Varve(setting.place("varve"), setting.varve), Ministack(setting.place("ministack"))
        for server in (varve, ministack):
            stack.enter_context(server).start()
            content.create_table(server)

        def turn(server: Server, number: int) -> dict[str, float]:
            count = size.updates_ours if is_fast(server) else size.updates_theirs
            key = {"pk": {"S": f"counter-{number}"}}
            update = {
                "TableName": TABLE, "Key": key, "UpdateExpression": "ADD hits :one",
                "ExpressionAttributeValues": {":one": {"N": "1"}}}
            # `{}` to each: anything else, a refusal too, ends the row.
            result = turns.once(server, "UpdateItem", (update for _ in range(count)), CONNECTIONS, answer_bytes=2)
            with Client(server) as client:
                item = client.must("GetItem", {"TableName": TABLE, "Key": key, "ConsistentRead": True})["Item"]
            if int(item["hits"]["N"]) != count:
                raise CannotRun(f"{server.name} counted {item['hits']['N']} where {count} were added")
            return result

        results = take_turns(setting, (varve, ministack), turn)
    found = row(
        "counter", f"UpdateItem ADD on one item, {CONNECTIONS} connections",
        f"{size.updates_ours:,} a round, {size.updates_theirs:,} of the peer's; the sum is exact. The target is for a "
        "disk that syncs in 200 µs.",
        results, varve, ministack, Target(TARGET, at_least=True, of="ours"))
    found.details["4 KiB written and synced, µs"] = (sync_us, None)
    return [found]
