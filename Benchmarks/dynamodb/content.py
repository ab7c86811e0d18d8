"""Tables and items: what is in them, and whether it came back."""

import random
import string
from collections.abc import Iterable

from dynamodb.client import Client
from harness.failure import CannotRun
from harness.processes import Server

TABLE = "bench"

# Items of a BatchWriteItem.
BATCH = 25

_random = random.Random(4)
_letters = string.ascii_letters + string.digits


def text(count: int) -> str:
    """Letters and digits that no codec makes much smaller, the same in every run."""
    return "".join(_random.choices(_letters, k=count))


def create_table(server: Server, name: str = TABLE, sort: str | None = None, **more: object) -> None:
    """A table on demand with a partition key `pk` (S), and a sort key (N) if named, once it is active."""
    attributes = [{"AttributeName": "pk", "AttributeType": "S"}]
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}]
    if sort:
        attributes.append({"AttributeName": sort, "AttributeType": "N"})
        keys.append({"AttributeName": sort, "KeyType": "RANGE"})
    attributes += more.pop("attributes", [])
    with Client(server) as client:
        client.must("CreateTable", {
            "TableName": name, "AttributeDefinitions": attributes, "KeySchema": keys,
            "BillingMode": "PAY_PER_REQUEST", **more})
        for _ in range(600):
            if client.must("DescribeTable", {"TableName": name})["Table"]["TableStatus"] == "ACTIVE":
                return
        raise CannotRun(f"{server.name}: the table did not become active")


# What items of 1 KB have besides their keys: strings, numbers, a Boolean, a list, a map, as applications store them.
_KILOBYTE = {
    "name": {"S": text(24)}, "email": {"S": text(12) + "@example.com"}, "created": {"N": "1764000000123"},
    "score": {"N": "98.75"}, "active": {"BOOL": True}, "roles": {"L": [{"S": text(8)}, {"S": text(8)}]},
    "address": {"M": {"street": {"S": text(20)}, "city": {"S": text(10)}, "zip": {"S": text(5)}}},
}


def _value_size(value: dict) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content)
        case "N":
            return (len(content.replace(".", "").strip("0")) + 1) // 2 + 1
        case "BOOL":
            return 1
        case "L":
            return 3 + sum(1 + _value_size(element) for element in content)
        case "M":
            return 3 + sum(1 + len(name) + _value_size(member) for name, member in content.items())
    raise ValueError(kind)


def _size(item: dict) -> int:
    """As DynamoDB reckons, to the byte or two that numbers may differ."""
    return sum(len(name) + _value_size(value) for name, value in item.items())


def _filled(item: dict, size: int) -> dict:
    """The item with as much text as makes it `size` bytes."""
    return item | {"text": {"S": text(size - _size(item) - len("text"))}}


# Made once: what makes an item another is its key.
_KILOBYTE_ITEM = _filled({"pk": {"S": "0" * 20}} | _KILOBYTE, 1024)
_SMALL_ITEM = _filled(
    {"pk": {"S": "0" * 12}, "sk": {"N": "1234567"}, "name": {"S": text(24)}, "value": {"N": "123456.789"},
     "done": {"BOOL": False}}, 400)


def keys(prefix: str, count: int) -> list[str]:
    """Distinct keys of 20 bytes in an order that has nothing to do with theirs, the same in every run."""
    found = [f"{prefix}-{number:07d}".ljust(20, ".") for number in range(count)]
    random.Random(3).shuffle(found)
    return found


def kilobyte_item(key: str) -> dict:
    """An item of 1 KB."""
    return _KILOBYTE_ITEM | {"pk": {"S": key}}


def small_item(partition: int, number: int) -> dict:
    """An item of 400 bytes in one of many collections."""
    return _SMALL_ITEM | {"pk": {"S": f"part-{partition:07d}"}, "sk": {"N": str(1_000_001 + number)}}


def batches(items: Iterable[dict], table: str = TABLE) -> Iterable[dict]:
    """BatchWriteItems of 25 each."""
    pending: list[dict] = []
    for item in items:
        pending.append({"PutRequest": {"Item": item}})
        if len(pending) == BATCH:
            yield {"RequestItems": {table: pending}}
            pending = []
    if pending:
        yield {"RequestItems": {table: pending}}


def store(server: Server, items: Iterable[dict], table: str = TABLE) -> None:
    """Puts items by BatchWriteItem, off the clock."""
    with Client(server) as client:
        for batch in batches(items, table):
            left = client.must("BatchWriteItem", batch).get("UnprocessedItems")
            if left:
                raise CannotRun(f"{server.name} left items of a batch unprocessed")


def verify(server: Server, items: Iterable[dict]) -> None:
    """Reads items of 1 KB back and compares them."""
    with Client(server) as client:
        for item in items:
            found = client.must("GetItem", {"TableName": TABLE, "Key": {"pk": item["pk"]}}).get("Item")
            if found != item:
                raise CannotRun(f"{server.name} gave back another item than was put: {str(found)[:300]}")
