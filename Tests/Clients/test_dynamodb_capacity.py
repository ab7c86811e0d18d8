"""What operations cost, to the half unit: every example of the course that is about DynamoDB's capacity."""

import pytest

import dynamodb


@pytest.fixture(scope="module")
def ddb(server):
    return dynamodb.client(server)


@pytest.fixture(scope="module")
def table(ddb):
    return dynamodb.new_table(ddb)


def item(name, size):
    """An item of so many bytes: names and values count."""
    return {"p": {"S": name}, "v": {"B": b"x" * (size - len("p") - len(name) - len("v"))}}


def units(answer):
    return answer["ConsumedCapacity"]["CapacityUnits"]


@pytest.mark.parametrize(("rate", "size", "expected"), [
    (10, 2048, 20),  # W1
    (6, 4608, 30),  # W2
    (2, 2048, 4),  # W3: 120 in a minute
    (1, 1024, 1), (1, 1025, 2), (1, 10, 1),
])
def test_writes(ddb, table, rate, size, expected):
    name = f"w{size}"
    cost = units(ddb.put_item(TableName=table, Item=item(name, size), ReturnConsumedCapacity="TOTAL"))
    assert rate * cost == expected
    deleted = ddb.delete_item(TableName=table, Key={"p": {"S": name}}, ReturnConsumedCapacity="TOTAL")
    assert rate * units(deleted) == expected
    # Twice in a transaction (W7).
    put = {"Put": {"TableName": table, "Item": item(name, size)}}
    answer = ddb.transact_write_items(TransactItems=[put], ReturnConsumedCapacity="TOTAL")
    consumed = answer["ConsumedCapacity"][0]
    assert rate * consumed["CapacityUnits"] == rate * consumed["WriteCapacityUnits"] == 2 * expected


@pytest.mark.parametrize(("rate", "size", "is_strong", "expected"), [
    (10, 4096, True, 10),  # W4
    (16, 12288, False, 24),  # W5
    (10, 6144, True, 20),  # W6
    (1, 1024, False, 0.5), (1, 5120, False, 1), (1, 4097, True, 2), (1, 8192, False, 1),
])
def test_reads(ddb, table, rate, size, is_strong, expected):
    ddb.put_item(TableName=table, Item=item("r", size))
    key = {"p": {"S": "r"}}
    answer = ddb.get_item(
        TableName=table, Key=key, ConsistentRead=is_strong, ProjectionExpression="p", ReturnConsumedCapacity="TOTAL")
    assert rate * units(answer) == expected
    batch = ddb.batch_get_item(
        RequestItems={table: {"Keys": [key], "ConsistentRead": is_strong}}, ReturnConsumedCapacity="TOTAL")
    assert rate * batch["ConsumedCapacity"][0]["CapacityUnits"] == expected
    query = ddb.query(
        TableName=table, KeyConditionExpression="p = :p", ExpressionAttributeValues={":p": {"S": "r"}},
        ConsistentRead=is_strong, ReturnConsumedCapacity="TOTAL")
    assert rate * units(query) == expected
    together = ddb.transact_get_items(
        TransactItems=[{"Get": {"TableName": table, "Key": key}}], ReturnConsumedCapacity="TOTAL")
    consumed = together["ConsumedCapacity"][0]
    strong = expected if is_strong else 2 * expected
    assert rate * consumed["CapacityUnits"] == rate * consumed["ReadCapacityUnits"] == 2 * strong


def test_what_is_not_there_costs_a_unit(ddb, table):
    key = {"p": {"S": "none"}}
    assert units(ddb.get_item(TableName=table, Key=key, ReturnConsumedCapacity="TOTAL")) == 0.5
    assert units(
        ddb.get_item(TableName=table, Key=key, ConsistentRead=True, ReturnConsumedCapacity="TOTAL")) == 1
    assert units(ddb.delete_item(TableName=table, Key=key, ReturnConsumedCapacity="TOTAL")) == 1


def test_a_page_is_charged_by_the_sum_of_its_items(ddb):
    table = dynamodb.new_table(ddb, sort="s")
    for number in range(8):
        ddb.put_item(TableName=table, Item={"p": {"S": "a"}, "s": {"N": str(number)}, "v": {"B": b"x" * 1500}})
    query = {
        "TableName": table, "KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "a"}},
        "ReturnConsumedCapacity": "TOTAL", "ConsistentRead": True}
    # 8 × 1,505 bytes (and 2 for each number that is not zero) are 3 × 4 KB; one at a time they would be 8.
    assert units(ddb.query(**query)) == 3
    # What a filter leaves out was read.
    assert units(ddb.query(**query, FilterExpression="attribute_exists(nothing)")) == 3
    assert units(ddb.query(**query, Select="COUNT")) == 3
    assert units(ddb.query(**query, Limit=2)) == 1


def test_an_update_costs_the_larger_item(ddb, table):
    key = {"p": {"S": "u"}}
    ddb.put_item(TableName=table, Item=item("u", 3000))
    answer = ddb.update_item(
        TableName=table, Key=key, UpdateExpression="SET v = :v", ExpressionAttributeValues={":v": {"S": ""}},
        ReturnConsumedCapacity="TOTAL")
    assert units(answer) == 3


def test_indexes_are_charged_apart(ddb):
    table = dynamodb.new_table(
        ddb, {"p": "S", "s": "N", "g": "S", "l": "N"}, sort="s",
        LocalSecondaryIndexes=[
            {"IndexName": "local", "KeySchema": dynamodb.key("p", "l"), "Projection": {"ProjectionType": "KEYS_ONLY"}}],
        GlobalSecondaryIndexes=[
            {"IndexName": "global", "KeySchema": dynamodb.key("g"), "Projection": {"ProjectionType": "ALL"}}])
    key = {"p": {"S": "a"}, "s": {"N": "1"}}

    def put(**more):
        consumed = ddb.put_item(
            TableName=table, Item={**key, **more}, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
        local = consumed.get("LocalSecondaryIndexes", {}).get("local", {}).get("CapacityUnits", 0)
        world = consumed.get("GlobalSecondaryIndexes", {}).get("global", {}).get("CapacityUnits", 0)
        assert consumed["CapacityUnits"] == consumed["Table"]["CapacityUnits"] + local + world
        return consumed["Table"]["CapacityUnits"], local, world

    body = {"v": {"B": b"x" * 1200}}
    assert put(**body) == (2, 0, 0)
    # A new entry of each index; the local one holds keys only.
    assert put(**body, g={"S": "g"}, l={"N": "1"}) == (2, 1, 2)
    # Nothing of the entries changes.
    assert put(**body, g={"S": "g"}, l={"N": "1"})[1:] == (0, 0)
    # A changed key takes one entry away and makes another.
    assert put(**body, g={"S": "h"}, l={"N": "2"}) == (2, 2, 4)
    assert put(**body) == (2, 1, 2)


def test_item_collections_are_measured(ddb):
    table = dynamodb.new_table(
        ddb, {"p": "S", "s": "N", "l": "N"}, sort="s", LocalSecondaryIndexes=[
            {"IndexName": "local", "KeySchema": dynamodb.key("p", "l"), "Projection": {"ProjectionType": "ALL"}}])
    answer = ddb.put_item(
        TableName=table, Item={"p": {"S": "a"}, "s": {"N": "1"}}, ReturnItemCollectionMetrics="SIZE")
    assert answer["ItemCollectionMetrics"] == {"ItemCollectionKey": {"p": {"S": "a"}}, "SizeEstimateRangeGB": [0, 1]}
