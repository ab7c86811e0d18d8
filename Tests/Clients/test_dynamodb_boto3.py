"""boto3's client and resource, as applications use them."""

import decimal

import boto3.dynamodb.types
import botocore.exceptions
import pytest
from boto3.dynamodb.conditions import Attr, Key

import dynamodb


@pytest.fixture(scope="module")
def ddb(server):
    return dynamodb.client(server)


@pytest.fixture(scope="module")
def resource(server):
    return dynamodb.resource(server)


@pytest.fixture(scope="module")
def games(resource, ddb):
    """A table with a local and a global index, and some items."""
    name = dynamodb.new_table(
        ddb, {"p": "S", "s": "N", "score": "N", "genre": "S"}, sort="s",
        LocalSecondaryIndexes=[
            {"IndexName": "by-score", "KeySchema": dynamodb.key("p", "score"),
             "Projection": {"ProjectionType": "KEYS_ONLY"}}],
        GlobalSecondaryIndexes=[
            {"IndexName": "by-genre", "KeySchema": dynamodb.key("genre", "score"),
             "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["title"]}}])
    table = resource.Table(name)
    with table.batch_writer() as batch:
        for user in "abc":
            for number in range(30):
                batch.put_item(Item={
                    "p": user, "s": number, "score": number * 7 % 10, "genre": ["chess", "go"][number % 2],
                    "title": f"{user}{number}", "tags": {"x", user}, "nested": {"list": [number, {"deep": True}]}})
    return table


def test_values_come_back_as_they_were_put(ddb, resource):
    table = resource.Table(dynamodb.new_table(ddb))
    item = {
        "p": "types", "empty": "", "text": "Grüße \U0001f600\x00", "binary": boto3.dynamodb.types.Binary(b"\x00\xff"),
        "number": decimal.Decimal("-1.2345678901234567890123456789012345678E-100"), "zero": decimal.Decimal(0),
        "large": decimal.Decimal("9.9999999999999999999999999999999999999E+37"), "yes": True, "nothing": None,
        "list": [], "map": {}, "deep": {"a": [{"b": [1, "2", None, {"c": False}]}]}, "strings": {"a", "b", ""},
        "numbers": {decimal.Decimal(1), decimal.Decimal("2.5")},
        "binaries": {boto3.dynamodb.types.Binary(b"a"), boto3.dynamodb.types.Binary(b"")}}
    table.put_item(Item=item)
    assert table.get_item(Key={"p": "types"}, ConsistentRead=True)["Item"] == item
    raw = ddb.get_item(TableName=table.name, Key={"p": {"S": "types"}})["Item"]
    deserialize = boto3.dynamodb.types.TypeDeserializer().deserialize
    assert {name: deserialize(value) for name, value in raw.items()} == item
    assert table.scan()["Items"] == [item]


@pytest.mark.parametrize(("sent", "kept"), [
    ("1.0", "1"), ("-0", "0"), ("1E3", "1000"), ("0.00000000000000000001", "0.00000000000000000001"),
    ("000123.4500", "123.45"), ("1e-130", "0." + "0" * 129 + "1"),
])
def test_numbers_have_one_form(ddb, games, sent, kept):
    key = {"p": {"S": "number"}, "s": {"N": "1"}}
    ddb.put_item(TableName=games.name, Item={**key, "n": {"N": sent}})
    assert ddb.get_item(TableName=games.name, Key=key)["Item"]["n"]["N"] == kept
    ddb.delete_item(TableName=games.name, Key=key)


def test_conditions_of_keys_and_attributes(games):
    def numbers(**query):
        return [int(item["s"]) for item in games.query(**query)["Items"]]

    user = Key("p").eq("a")
    assert numbers(KeyConditionExpression=user & Key("s").between(3, 5)) == [3, 4, 5]
    assert numbers(KeyConditionExpression=user & Key("s").gte(28), ScanIndexForward=False) == [29, 28]
    assert numbers(KeyConditionExpression=user & Key("s").lt(9), FilterExpression=Attr("score").gt(6)) == [1, 4, 7]
    assert numbers(
        KeyConditionExpression=user, FilterExpression=Attr("title").begins_with("a2") & Attr("score").is_in([1, 4])
        & ~Attr("missing").exists() & Attr("tags").contains("x") & Attr("nested.list[1].deep").eq(True)
        & Attr("nested.list").size().eq(2) & Attr("tags").attribute_type("SS")) == [2, 22, 23]


def test_queries_of_indexes(games):
    local = games.query(IndexName="by-score", KeyConditionExpression=Key("p").eq("b") & Key("score").eq(7))
    assert sorted(int(item["s"]) for item in local["Items"]) == [1, 11, 21]
    assert set(local["Items"][0]) == {"p", "s", "score"}
    whole = games.query(
        IndexName="by-score", KeyConditionExpression=Key("p").eq("b"), Select="ALL_ATTRIBUTES", ConsistentRead=True)
    assert len(whole["Items"]) == 30 and "nested" in whole["Items"][0]
    entries = games.query(IndexName="by-genre", KeyConditionExpression=Key("genre").eq("go"))["Items"]
    assert len(entries) == 45 and set(entries[0]) == {"p", "s", "score", "genre", "title"}
    scores = [item["score"] for item in entries]
    assert scores == sorted(scores)


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_pages_of_ties_miss_and_repeat_nothing(ddb, games, limit):
    """All of an index's sort keys occur several times."""
    pages = ddb.get_paginator("query").paginate(
        TableName=games.name, IndexName="by-genre", KeyConditionExpression="genre = :g",
        ExpressionAttributeValues={":g": {"S": "chess"}}, PaginationConfig={"PageSize": limit})
    seen = [(item["p"]["S"], item["s"]["N"]) for page in pages for item in page["Items"]]
    assert len(seen) == len(set(seen)) == 45


def test_the_last_page_ends_where_the_limit_does_not(games):
    exact = games.query(KeyConditionExpression=Key("p").eq("a"), Limit=30)
    assert exact["LastEvaluatedKey"] == {"p": "a", "s": 29}
    rest = games.query(KeyConditionExpression=Key("p").eq("a"), ExclusiveStartKey=exact["LastEvaluatedKey"])
    assert rest["Items"] == [] and "LastEvaluatedKey" not in rest
    assert "LastEvaluatedKey" not in games.query(KeyConditionExpression=Key("p").eq("a"), Limit=31)


def test_a_page_goes_on_behind_an_item_that_is_gone(ddb, resource):
    table = resource.Table(dynamodb.new_table(ddb, sort="s"))
    for number in range(4):
        table.put_item(Item={"p": "a", "s": number})
    first = table.query(KeyConditionExpression=Key("p").eq("a"), Limit=2)
    table.delete_item(Key=first["LastEvaluatedKey"])
    rest = table.query(KeyConditionExpression=Key("p").eq("a"), ExclusiveStartKey=first["LastEvaluatedKey"])
    assert [int(item["s"]) for item in rest["Items"]] == [2, 3]


def test_a_page_ends_behind_a_megabyte(ddb, resource):
    table = resource.Table(dynamodb.new_table(ddb, sort="s"))
    with table.batch_writer() as batch:
        for number in range(12):
            batch.put_item(Item={"p": "a", "s": number, "v": "x" * 100_000})
    page = table.query(KeyConditionExpression=Key("p").eq("a"))
    assert page["Count"] == 11 and page["LastEvaluatedKey"] == {"p": "a", "s": 10}
    counted = table.query(KeyConditionExpression=Key("p").eq("a"), Select="COUNT")
    assert counted["Count"] == 11 and "Items" not in counted
    filtered = table.scan(FilterExpression=Attr("v").eq("y"))
    assert filtered["Count"] == 0 and filtered["ScannedCount"] == 11 and "LastEvaluatedKey" in filtered


def test_segments_of_a_scan_make_the_table(ddb, games):
    seen = []
    for segment in range(7):
        for page in ddb.get_paginator("scan").paginate(
                TableName=games.name, Segment=segment, TotalSegments=7, PaginationConfig={"PageSize": 4}):
            seen += [(item["p"]["S"], item["s"]["N"]) for item in page["Items"]]
    assert len(seen) == len(set(seen)) == 90


def test_updates_answer_what_they_touched(resource, ddb):
    table = resource.Table(dynamodb.new_table(ddb))
    table.put_item(Item={"p": "a", "m": {"x": 1, "y": 2}, "l": [1], "n": 5})

    def update(values):
        return table.update_item(
            Key={"p": "a"}, UpdateExpression="SET m.x = m.x + :one, l = list_append(l, :l), q = if_not_exists(q, :one) "
            "REMOVE m.y ADD n :one", ExpressionAttributeValues={":one": 1, ":l": [2]}, ReturnValues=values)

    assert update("UPDATED_OLD")["Attributes"] == {"m": {"x": 1, "y": 2}, "l": [1], "n": 5}
    assert update("UPDATED_NEW")["Attributes"] == {"m": {"x": 3}, "l": [1, 2, 2], "n": 7, "q": 1}
    assert update("ALL_NEW")["Attributes"] == {"p": "a", "m": {"x": 4}, "l": [1, 2, 2, 2], "n": 8, "q": 1}
    assert "Attributes" not in update("NONE")


def test_what_only_takes_away_makes_no_item(resource, ddb):
    table = resource.Table(dynamodb.new_table(ddb))
    answer = table.update_item(Key={"p": "a"}, UpdateExpression="REMOVE x, y.z", ReturnValues="ALL_NEW")
    assert "Attributes" not in answer and "Item" not in table.get_item(Key={"p": "a"})
    table.update_item(Key={"p": "a"}, AttributeUpdates={"x": {"Action": "DELETE"}})
    assert "Item" not in table.get_item(Key={"p": "a"})
    table.update_item(Key={"p": "a"})
    assert table.get_item(Key={"p": "a"})["Item"] == {"p": "a"}


def test_a_failed_condition_shows_the_item(ddb, games):
    key = {"p": {"S": "a"}, "s": {"N": "1"}}
    for call in (ddb.put_item, ddb.delete_item):
        arguments = {"Item" if call == ddb.put_item else "Key": key}
        with pytest.raises(ddb.exceptions.ConditionalCheckFailedException) as raised:
            call(TableName=games.name, **arguments, ConditionExpression="attribute_not_exists(p)",
                 ReturnValuesOnConditionCheckFailure="ALL_OLD")
        assert raised.value.response["Item"]["title"] == {"S": "a1"}
        with pytest.raises(ddb.exceptions.ConditionalCheckFailedException) as raised:
            call(TableName=games.name, **arguments, ConditionExpression="attribute_not_exists(p)")
        assert "Item" not in raised.value.response


def test_batches_read_and_write_tables(ddb, resource, games):
    other = dynamodb.new_table(ddb)
    ddb.batch_write_item(RequestItems={
        other: [{"PutRequest": {"Item": {"p": {"S": str(number)}}}} for number in range(25)]})
    answer = ddb.batch_get_item(RequestItems={
        other: {"Keys": [{"p": {"S": str(number)}} for number in range(30)]},
        games.name: {"Keys": [{"p": {"S": "a"}, "s": {"N": "3"}}], "ProjectionExpression": "title"}})
    assert len(answer["Responses"][other]) == 25
    assert answer["Responses"][games.name] == [{"title": {"S": "a3"}}]
    assert answer["UnprocessedKeys"] == {}
    ddb.batch_write_item(RequestItems={
        other: [{"DeleteRequest": {"Key": {"p": {"S": str(number)}}}} for number in range(25)]})
    assert ddb.scan(TableName=other)["Count"] == 0


def test_a_batch_of_more_than_sixteen_megabytes_leaves_keys(ddb):
    table = dynamodb.new_table(ddb)
    for number in range(45):
        ddb.put_item(TableName=table, Item={"p": {"S": str(number)}, "v": {"B": b"x" * 390_000}})
    wanted = {table: {"Keys": [{"p": {"S": str(number)}} for number in range(45)], "ConsistentRead": True}}
    seen = set()
    rounds = 0
    while wanted:
        answer = ddb.batch_get_item(RequestItems=wanted)
        seen |= {item["p"]["S"] for item in answer["Responses"][table]}
        wanted = answer["UnprocessedKeys"]
        assert not wanted or wanted[table]["ConsistentRead"] is True
        rounds += 1
    assert len(seen) == 45 and rounds == 2


def test_batches_have_their_limits(ddb):
    """W37 of the course: 25 puts and 100 gets, no more."""
    table = dynamodb.new_table(ddb)

    def puts(count):
        return {table: [{"PutRequest": {"Item": {"p": {"S": str(number)}}}} for number in range(count)]}

    def gets(count):
        return {table: {"Keys": [{"p": {"S": str(number)}} for number in range(count)]}}

    ddb.batch_write_item(RequestItems=puts(25))
    assert dynamodb.refusal(ddb.batch_write_item, RequestItems=puts(26))[0] == "ValidationException"
    ddb.batch_get_item(RequestItems=gets(100))
    assert dynamodb.refusal(ddb.batch_get_item, RequestItems=gets(101))[0] == "ValidationException"
    twice = {table: {"Keys": [{"p": {"S": "1"}}] * 2}}
    assert dynamodb.refusal(ddb.batch_get_item, RequestItems=twice) == (
        "ValidationException", "Provided list of item keys contains duplicates")
    twice = {table: puts(1)[table] * 2}
    assert dynamodb.refusal(ddb.batch_write_item, RequestItems=twice) == (
        "ValidationException", "Provided list of item keys contains duplicates")


def test_items_and_keys_have_their_sizes(ddb):
    table = dynamodb.new_table(ddb)
    room = 400 * 1024 - len("p") - len("a") - len("v")
    ddb.put_item(TableName=table, Item={"p": {"S": "a"}, "v": {"S": "x" * room}})
    assert dynamodb.refusal(
        ddb.put_item, TableName=table, Item={"p": {"S": "a"}, "v": {"S": "x" * (room + 1)}}) == (
            "ValidationException", "Item size has exceeded the maximum allowed size")
    assert dynamodb.refusal(
        ddb.update_item, TableName=table, Key={"p": {"S": "a"}}, UpdateExpression="SET w = :w",
        ExpressionAttributeValues={":w": {"S": "x"}}) == (
            "ValidationException", "Item size to update has exceeded the maximum allowed size")
    ddb.put_item(TableName=table, Item={"p": {"S": "x" * 2048}})
    assert "2048" in dynamodb.refusal(ddb.put_item, TableName=table, Item={"p": {"S": "x" * 2049}})[1]


def test_transactions_happen_as_a_whole(ddb):
    """W31 of the course: two transfers between two accounts, each with its record."""
    table = dynamodb.new_table(ddb)

    def balances():
        answer = ddb.transact_get_items(TransactItems=[
            {"Get": {"TableName": table, "Key": {"p": {"S": name}}}} for name in ("Acct_21", "Acct_45")])
        return [int(response["Item"]["balance"]["N"]) for response in answer["Responses"]]

    def change(name, amount):
        return {"Update": {
            "TableName": table, "Key": {"p": {"S": name}}, "UpdateExpression": "ADD balance :a",
            "ConditionExpression": "balance >= :least",
            "ExpressionAttributeValues": {":a": {"N": str(amount)}, ":least": {"N": str(max(0, -amount))}}}}

    def transfer(record, source, target, amount, **more):
        ddb.transact_write_items(TransactItems=[
            {"Put": {"TableName": table, "Item": {"p": {"S": record}, "value": {"N": str(amount)}},
                     "ConditionExpression": "attribute_not_exists(p)"}},
            change(source, -amount), change(target, amount)], **more)

    for name, balance in (("Acct_21", 285), ("Acct_45", 65)):
        ddb.put_item(TableName=table, Item={"p": {"S": name}, "balance": {"N": str(balance)}})
    transfer("Tx_12345", "Acct_45", "Acct_21", 45)
    assert balances() == [330, 20]
    transfer("Tx_23456", "Acct_21", "Acct_45", 100, ClientRequestToken="once")
    transfer("Tx_23456", "Acct_21", "Acct_45", 100, ClientRequestToken="once")
    assert balances() == [230, 120]
    with pytest.raises(ddb.exceptions.IdempotentParameterMismatchException):
        transfer("Tx_23456", "Acct_21", "Acct_45", 101, ClientRequestToken="once")
    with pytest.raises(ddb.exceptions.TransactionCanceledException) as raised:
        transfer("Tx_23456", "Acct_45", "Acct_21", 500)
    reasons = [reason["Code"] for reason in raised.value.response["CancellationReasons"]]
    assert reasons == ["ConditionalCheckFailed", "ConditionalCheckFailed", "None"]
    assert balances() == [230, 120]
    assert dynamodb.refusal(ddb.transact_write_items, TransactItems=[change("Acct_21", 1), change("Acct_21", 2)]) == (
        "ValidationException", "Transaction request cannot include multiple operations on one item")


def test_a_wrong_key_cancels_a_transaction_before_its_conditions(ddb):
    table = dynamodb.new_table(ddb)
    puts = [{"Put": {"TableName": table, "Item": {"p": value}}} for value in ({"N": "1"}, {"N": "2"}, {"S": "x"})]
    puts[2]["Put"]["ConditionExpression"] = "attribute_exists(p)"
    with pytest.raises(ddb.exceptions.TransactionCanceledException) as raised:
        ddb.transact_write_items(TransactItems=puts)
    reasons = raised.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["ValidationError", "None", "None"]


def test_the_first_of_two_writers_wins(ddb):
    """W28 and W30 of the course: conditional writes on a value, and on a version."""
    table = dynamodb.new_table(ddb)
    key = {"p": {"S": "a"}}

    def write(attribute, old, new):
        ddb.update_item(
            TableName=table, Key=key, UpdateExpression="SET #a = :new", ConditionExpression="#a = :old",
            ExpressionAttributeNames={"#a": attribute},
            ExpressionAttributeValues={":old": {"N": str(old)}, ":new": {"N": str(new)}})

    ddb.put_item(TableName=table, Item={**key, "value": {"N": "0"}, "version": {"N": "1"}})
    for attribute, old, first, second in (("value", 0, 1, 2), ("version", 1, 2, 2)):
        write(attribute, old, first)
        with pytest.raises(ddb.exceptions.ConditionalCheckFailedException):
            write(attribute, old, second)
        assert ddb.get_item(TableName=table, Key=key)["Item"][attribute] == {"N": str(first)}


def test_tables_come_and_go(ddb, resource):
    name = dynamodb.new_name()
    table = resource.create_table(
        TableName=name, KeySchema=dynamodb.key("p"), AttributeDefinitions=dynamodb.attributes(p="S"),
        ProvisionedThroughput={"ReadCapacityUnits": 3, "WriteCapacityUnits": 2})
    table.wait_until_exists()
    table.reload()
    assert table.table_status == "ACTIVE" and table.item_count == 0
    assert table.provisioned_throughput["ReadCapacityUnits"] == 3
    assert table.table_arn == f"arn:aws:dynamodb:us-east-1:000000000000:table/{name}"
    with pytest.raises(ddb.exceptions.ResourceInUseException):
        ddb.create_table(
            TableName=name, KeySchema=dynamodb.key("p"), AttributeDefinitions=dynamodb.attributes(p="S"),
            BillingMode="PAY_PER_REQUEST")
    names = [n for page in ddb.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 2})
             for n in page["TableNames"]]
    assert name in names and names == sorted(names)
    assert table.delete()["TableDescription"]["TableStatus"] == "DELETING"
    table.wait_until_not_exists()
    with pytest.raises(botocore.exceptions.ClientError, match="ResourceNotFoundException"):
        table.load()


def test_an_index_is_added_and_taken_away(ddb, resource):
    table = resource.Table(dynamodb.new_table(ddb))
    for number in range(50):
        table.put_item(Item={"p": str(number), "x": ["", "y" * 2049, "z"][number % 3]})
    ddb.update_table(
        TableName=table.name, AttributeDefinitions=dynamodb.attributes(x="S"), GlobalSecondaryIndexUpdates=[
            {"Create": {
                "IndexName": "index", "KeySchema": dynamodb.key("x"), "Projection": {"ProjectionType": "ALL"}}}])
    ddb.get_waiter("table_exists").wait(TableName=table.name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    # What cannot be a key of the index is left out of it.
    assert table.query(IndexName="index", KeyConditionExpression=Key("x").eq("z"))["Count"] == 16
    assert table.scan(IndexName="index")["Count"] == 16
    assert "2048" in dynamodb.refusal(table.put_item, Item={"p": "n", "x": "y" * 2049})[1]
    ddb.update_table(TableName=table.name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "index"}}])
    table.load()
    assert not table.global_secondary_indexes


def test_tags_stay_with_the_table(ddb, games):
    arn = ddb.describe_table(TableName=games.name)["Table"]["TableArn"]
    ddb.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    ddb.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert ddb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": ""}]
    for tag in ({"Key": "", "Value": "x"}, {"Key": "x" * 129, "Value": "x"}, {"Key": "x", "Value": "x" * 257},
                {"Key": "x"}, {"Key": "x!", "Value": "x"}):
        assert dynamodb.refusal(ddb.tag_resource, ResourceArn=arn, Tags=[tag])[0] == "ValidationException"


def test_parameters_of_the_older_kind(games):
    key = {"p": {"AttributeValueList": ["a"], "ComparisonOperator": "EQ"}}
    found = games.query(
        KeyConditions={**key, "s": {"AttributeValueList": [27], "ComparisonOperator": "GE"}},
        QueryFilter={"missing": {"AttributeValueList": [1], "ComparisonOperator": "NE"}}, AttributesToGet=["s"])
    assert [int(item["s"]) for item in found["Items"]] == [27, 28, 29]
    mixed = games.query(KeyConditions=key, FilterExpression=Attr("score").eq(7), ProjectionExpression="s")
    assert [int(item["s"]) for item in mixed["Items"]] == [1, 11, 21]
    none = games.scan(ScanFilter={"missing": {"AttributeValueList": [1], "ComparisonOperator": "NOT_CONTAINS"}})
    assert none["ScannedCount"] == 90
    with pytest.raises(botocore.exceptions.ClientError, match="Can not use both expression and non-expression"):
        games.query(KeyConditions=key, QueryFilter={}, FilterExpression=Attr("score").eq(7))


@pytest.mark.parametrize(("billing", "table_units", "index_units"), [
    ({}, (12000, 4000), (12000, 4000)),
    ({"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}},
     (5, 6), (1, 2)),
])
def test_warm_throughput_follows_the_billing(ddb, billing, table_units, index_units):
    index = {"IndexName": "by-g", "KeySchema": dynamodb.key("g"), "Projection": {"ProjectionType": "ALL"}}
    if billing:
        index["ProvisionedThroughput"] = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2}
    name = dynamodb.new_table(ddb, {"p": "S", "g": "S"}, GlobalSecondaryIndexes=[index], **billing)
    table = ddb.describe_table(TableName=name)["Table"]
    for described, (reads, writes) in ((table, table_units), (table["GlobalSecondaryIndexes"][0], index_units)):
        assert described["WarmThroughput"] == {
            "ReadUnitsPerSecond": reads, "WriteUnitsPerSecond": writes, "Status": "ACTIVE"}
