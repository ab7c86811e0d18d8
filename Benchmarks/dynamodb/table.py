"""A large table with two indexes: memory after it was loaded, and how soon a restarted server answers."""

import random
import time

from dynamodb import content
from dynamodb.client import Client
from dynamodb.content import BATCH, TABLE
from dynamodb.setting import Setting
from dynamodb.turns import Turns, length_of
from harness.failure import CannotRun
from harness.report import Row, Target
from harness.rounds import Samples
from harness.servers import Varve

CONNECTIONS = 8

# Items of one partition key.
COLLECTION = 10

# Items that are signed and sent at once: what wrk has in memory.
PORTION = 50_000

# The memory budget when nothing is configured, in MB.
BUDGET_MB = 256 * (1 << 20) / 1e6

# How long a server that is asked nothing has to finish what it does in the background.
SETTLE_SECONDS = 3

# Items that are read back after each restart.
VERIFIED = 20

# An item's text is a piece of it: no two items near each other have the same.
_TEXT = content.text(100_003)
_TEXT_BYTES = 126

_INDEXES = {
    "attributes": [
        {"AttributeName": "when", "AttributeType": "N"}, {"AttributeName": "owner", "AttributeType": "S"}],
    "LocalSecondaryIndexes": [{
        "IndexName": "by-when", "Projection": {"ProjectionType": "ALL"},
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "when", "KeyType": "RANGE"}]}],
    "GlobalSecondaryIndexes": [{
        "IndexName": "by-owner", "Projection": {"ProjectionType": "ALL"},
        "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}]}],
}


def _item(number: int) -> dict:
    """An item of 200 bytes. Neighbours by number are not neighbours in any index."""
    start = number * 7_919 % (len(_TEXT) - _TEXT_BYTES)
    return {
        "pk": {"S": f"collection-{number // COLLECTION:09d}"}, "sk": {"N": str(1_000_000_000 + number)},
        "when": {"N": str(1_000_000_000 + number * 7_919 % 1_000_003)},
        "owner": {"S": f"owner-{number * 104_729 % 1_000_003:07d}"}, "text": {"S": _TEXT[start:start + _TEXT_BYTES]}}


def _load(turns: Turns, varve: Varve, count: int) -> float:
    """Puts all items; answers how many a second."""
    seconds = 0.0
    (probe,) = content.batches(map(_item, range(BATCH)))
    answer_bytes = length_of(varve, "BatchWriteItem", probe)
    for start in range(0, count, PORTION):
        batches = content.batches(map(_item, range(start, min(count, start + PORTION))))
        result = turns.once(varve, "BatchWriteItem", batches, CONNECTIONS, answer_bytes)
        seconds += result["answers"] / result["operations_per_second"]
    return count / seconds


def _check(varve: Varve, count: int) -> None:
    """An index answers as the table does."""
    with Client(varve) as client:
        for number in random.Random(count).sample(range(count), VERIFIED):
            item = _item(number)
            key = {name: item[name] for name in ("pk", "sk")}
            found = client.must("GetItem", {"TableName": TABLE, "Key": key}).get("Item")
            by_owner = client.must("Query", {
                "TableName": TABLE, "IndexName": "by-owner", "KeyConditionExpression": "#owner = :owner",
                "ExpressionAttributeNames": {"#owner": "owner"},
                "ExpressionAttributeValues": {":owner": item["owner"]}})["Items"]
            if found != item or item not in by_owner:
                raise CannotRun(f"item {number} did not come back, from the table or from its index")


def _first_answer_ms(varve: Varve) -> float:
    """From the start of the process to the answer to a GetItem."""
    begun = time.perf_counter()
    varve.start()
    item = _item(0)
    with Client(varve) as client:
        found = client.must("GetItem", {"TableName": TABLE, "Key": {"pk": item["pk"], "sk": item["sk"]}})
    if found.get("Item") != item:
        raise CannotRun("the first answer after a restart was another item")
    return (time.perf_counter() - begun) * 1000


def run(setting: Setting) -> list[Row]:
    size = setting.size
    turns = Turns(setting, "table")
    varve = Varve(setting.place("varve"), setting.varve)
    resident, restarts = Samples(), Samples()
    try:
        varve.start()
        content.create_table(varve, sort="sk", **_INDEXES)
        speed = _load(turns, varve, size.table_items)
        _check(varve, size.table_items)
        peak = varve.peak_resident_bytes() / 1e6
        time.sleep(SETTLE_SECONDS)
        resident.add(varve.resident_bytes() / 1e6)
        for _ in range(size.restarts):
            varve.stop()
            restarts.add(_first_answer_ms(varve))
            _check(varve, size.table_items)
        restarted = varve.resident_bytes() / 1e6
    finally:
        varve.kill()
    what = f"table of {size.table_items:,} items of 200 B, one LSI, one GSI"
    return [
        Row(name="table-rss", what=f"{what}: resident memory", unit="MB", ours=resident,
            target=Target(BUDGET_MB, at_least=False, of="ours"),
            note=f"VmRSS {SETTLE_SECONDS} s after it was loaded by BatchWriteItem and read; {BUDGET_MB:.0f} MB are the "
                 "256 MiB of the default memory budget. Both indexes project all.",
            details={
                "peak while it was loaded, MB": (peak, None), "after the last restart, MB": (restarted, None),
                "items loaded a second": (speed, None)}),
        Row(name="table-restart", what=f"{what}: restart to first answer", unit="ms", ours=restarts,
            target=Target(1000, at_least=False, of="ours"),
            note="From the start of the process to the answer to a GetItem, after a stop by SIGTERM.")]
