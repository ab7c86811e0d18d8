"""What DynamoDB does over time, on a lab clock that the tests move: streams, time to live, recovery, backups, exports."""

import functools
import gzip
import json
import time

import pytest

import dynamodb
import server as varve


@pytest.fixture
def ddb(own):
    return dynamodb.client(own)


@pytest.fixture
def streams(own):
    return dynamodb.client(own, "dynamodbstreams")


@pytest.fixture
def clock(own):
    return functools.partial(varve.clock, own)


def eventually(found, seconds=60):
    """What `found` gives as soon as it is true. Jobs run beside the requests."""
    end = time.monotonic() + seconds
    while not (result := found()) and time.monotonic() < end:
        time.sleep(0.05)
    assert result
    return result


def items(ddb, table):
    pages = ddb.get_paginator("scan").paginate(TableName=table)
    return sorted((item for page in pages for item in page["Items"]), key=json.dumps)


def records(streams, arn):
    """All records of a stream, parents before their children."""
    found = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        while iterator:
            answer = streams.get_records(ShardIterator=iterator)
            found += answer["Records"]
            iterator = answer.get("NextShardIterator") if answer["Records"] else None
    return found


def test_a_stream_tells_what_happened(ddb, streams):
    table = dynamodb.new_table(
        ddb, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    arn = ddb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    assert [stream["StreamArn"] for stream in streams.list_streams(TableName=table)["Streams"]] == [arn]
    one, two = {"p": {"S": "a"}, "v": {"N": "1"}}, {"p": {"S": "a"}, "v": {"N": "2"}}
    ddb.put_item(TableName=table, Item=one)
    ddb.put_item(TableName=table, Item=one)
    ddb.put_item(TableName=table, Item=two)
    ddb.delete_item(TableName=table, Key={"p": {"S": "a"}})
    told = [(r["eventName"], r["dynamodb"].get("OldImage"), r["dynamodb"].get("NewImage")) for r in records(streams, arn)]
    assert told == [("INSERT", None, one), ("MODIFY", one, two), ("REMOVE", two, None)]


def test_items_go_when_their_time_is_over(ddb, streams, clock):
    clock("freeze")
    table = dynamodb.new_table(
        ddb, StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    ddb.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    now = int(ddb.describe_table(TableName=table)["Table"]["CreationDateTime"].timestamp())
    for name, until in (("soon", now + 600), ("later", now + 86_400)):
        ddb.put_item(TableName=table, Item={"p": {"S": name}, "until": {"N": str(until)}})
    clock("advance", "5m")
    assert len(items(ddb, table)) == 2
    clock("advance", "6m")
    assert [item["p"]["S"] for item in items(ddb, table)] == ["later"]
    last = records(streams, ddb.describe_table(TableName=table)["Table"]["LatestStreamArn"])[-1]
    assert last["eventName"] == "REMOVE"
    assert last["userIdentity"] == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}


def test_a_table_comes_back_as_it_was_at_a_second(ddb, clock):
    clock("freeze")
    table = dynamodb.new_table(ddb)
    ddb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    ddb.put_item(TableName=table, Item={"p": {"S": "a"}, "v": {"N": "1"}})
    then = items(ddb, table)
    clock("advance", "1h")
    moment = ddb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"][
        "PointInTimeRecoveryDescription"]["LatestRestorableDateTime"]
    clock("advance", "1h")
    ddb.put_item(TableName=table, Item={"p": {"S": "a"}, "v": {"N": "2"}})
    ddb.put_item(TableName=table, Item={"p": {"S": "b"}})
    restored = dynamodb.new_name()
    ddb.restore_table_to_point_in_time(
        SourceTableName=table, TargetTableName=restored, RestoreDateTime=moment)
    eventually(lambda: ddb.describe_table(TableName=restored)["Table"]["TableStatus"] == "ACTIVE")
    assert items(ddb, restored) == then


def test_a_backup_outlives_its_table(ddb):
    table = dynamodb.new_table(ddb)
    for number in range(300):
        ddb.put_item(TableName=table, Item={"p": {"S": str(number)}})
    then = items(ddb, table)
    backup = ddb.create_backup(TableName=table, BackupName="first")["BackupDetails"]
    ddb.put_item(TableName=table, Item={"p": {"S": "0"}, "changed": {"BOOL": True}})
    ddb.delete_table(TableName=table)
    restored = dynamodb.new_name()
    ddb.restore_table_from_backup(TargetTableName=restored, BackupArn=backup["BackupArn"])
    eventually(lambda: ddb.describe_table(TableName=restored)["Table"]["TableStatus"] == "ACTIVE")
    assert items(ddb, restored) == then
    ddb.delete_backup(BackupArn=backup["BackupArn"])
    assert dynamodb.refusal(ddb.describe_backup, BackupArn=backup["BackupArn"])[0] == "BackupNotFoundException"


def test_an_export_imported_again_is_equal(own, ddb):
    s3 = dynamodb.client(own, "s3")
    s3.create_bucket(Bucket="exports")
    table = dynamodb.new_table(ddb)
    ddb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    for number in range(50):
        ddb.put_item(TableName=table, Item={"p": {"S": str(number)}, "v": {"L": [{"N": str(number)}, {"NULL": True}]}})
    arn = ddb.describe_table(TableName=table)["Table"]["TableArn"]
    export = ddb.export_table_to_point_in_time(TableArn=arn, S3Bucket="exports", S3Prefix="mine")["ExportDescription"]
    done = eventually(
        lambda: (found := ddb.describe_export(ExportArn=export["ExportArn"])["ExportDescription"])
        ["ExportStatus"] != "IN_PROGRESS" and found)
    assert done["ExportStatus"] == "COMPLETED" and done["ItemCount"] == 50
    manifest = json.loads(s3.get_object(Bucket="exports", Key=done["ExportManifest"])["Body"].read())
    assert manifest["itemCount"] == 50
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket="exports", Prefix="mine/")["Contents"]]
    data = [key for key in keys if key.endswith(".json.gz")]
    lines = gzip.decompress(b"".join(s3.get_object(Bucket="exports", Key=key)["Body"].read() for key in data))
    assert sorted((json.loads(line)["Item"] for line in lines.splitlines()), key=json.dumps) == items(ddb, table)
    imported = dynamodb.new_name()
    work = ddb.import_table(
        S3BucketSource={"S3Bucket": "exports", "S3KeyPrefix": data[0].rsplit("/", 1)[0]},
        InputFormat="DYNAMODB_JSON", InputCompressionType="GZIP",
        TableCreationParameters={
            "TableName": imported, "KeySchema": dynamodb.key("p"), "AttributeDefinitions": dynamodb.attributes(p="S"),
            "BillingMode": "PAY_PER_REQUEST"})["ImportTableDescription"]
    done = eventually(
        lambda: (found := ddb.describe_import(ImportArn=work["ImportArn"])["ImportTableDescription"])
        ["ImportStatus"] != "IN_PROGRESS" and found)
    assert (done["ImportStatus"], done["ImportedItemCount"]) == ("COMPLETED", 50)
    assert items(ddb, imported) == items(ddb, table)
