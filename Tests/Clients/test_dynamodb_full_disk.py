"""A full disk refuses writes of items, loses none that it took, and lets tables go: there is always a way out."""

import concurrent.futures
import hashlib
import os
import signal
import subprocess
import time

import botocore.exceptions
import pytest

import dynamodb
import server as varve
from conftest import SMALL_DISK_BYTES as DISK_BYTES

ITEM_BYTES = 300_000
WRITERS = 6
# How long space may take to come back after a table was deleted.
RECOVERY_SECONDS = 10
FULL = ("InsufficientStorageException", 507)


def outcome(call, **arguments):
    """The code and status of a refusal; nothing when it was done."""
    try:
        call(**arguments)
        return None
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def on_small_disk(small_disk):
    place = small_disk / "dynamodb"
    started = []

    def start():
        started.append(varve.start(place, "--memory-budget", "64MiB", "--access-log", "off"))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
    subprocess.run(["rm", "-rf", str(place)], check=True)


def fill(server, table):
    """Puts items by six clients, in three ways, until each is refused for good: what was acknowledged, by key."""

    def write(number):
        ddb, written, count = dynamodb.client(server), {}, 0
        while True:
            count += 1
            value = os.urandom(ITEM_BYTES)
            items = [{"p": {"S": f"{number}-{count}{suffix}"}, "v": {"B": value}} for suffix in "ab"]
            match number % 3:
                case 0:
                    items = items[:1]
                    refused = outcome(ddb.put_item, TableName=table, Item=items[0])
                case 1:
                    refused = outcome(
                        ddb.batch_write_item, RequestItems={table: [{"PutRequest": {"Item": item}} for item in items]})
                case _:
                    refused = outcome(
                        ddb.transact_write_items,
                        TransactItems=[{"Put": {"TableName": table, "Item": item}} for item in items])
            if refused:
                assert refused == FULL
                return written
            written |= {item["p"]["S"]: hashlib.md5(value).digest() for item in items}
            assert len(written) * ITEM_BYTES < DISK_BYTES, "the disk holds more than it is large"

    with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
        parts = list(pool.map(write, range(WRITERS)))
    return {key: digest for part in parts for key, digest in part.items()}


def check(server, table, written):
    ddb = dynamodb.client(server)
    pages = ddb.get_paginator("scan").paginate(TableName=table)
    found = {item["p"]["S"]: item["v"]["B"] for page in pages for item in page["Items"]}
    assert {key: hashlib.md5(found[key]).digest() for key in written} == written


@pytest.mark.parametrize("keeps_its_past", [False, True])
def test_a_full_disk_keeps_items_and_lets_tables_go(on_small_disk, keeps_its_past):
    server = on_small_disk()
    ddb = dynamodb.client(server)
    more = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"}} if keeps_its_past else {}
    table = dynamodb.new_table(ddb, **more)
    if keeps_its_past:
        ddb.update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    written = fill(server, table)
    assert len(written) * ITEM_BYTES > DISK_BYTES // 16, "a disk that is nearly empty was called full"
    check(server, table, written)

    key = {"p": {"S": min(written)}}
    update = {"UpdateExpression": "SET x = :x", "ExpressionAttributeValues": {":x": {"S": "x" * 1000}}}
    assert outcome(ddb.update_item, TableName=table, Key=key, **update) == FULL
    # What is deleted is kept where a stream or recovery asks for it, and that takes space.
    assert outcome(ddb.delete_item, TableName=table, Key=key) == (FULL if keeps_its_past else None)
    if not keeps_its_past:
        del written[key["p"]["S"]]

    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    server = on_small_disk()
    ddb = dynamodb.client(server)
    check(server, table, written)

    ddb.delete_table(TableName=table)
    for backup in ddb.list_backups(BackupType="ALL")["BackupSummaries"]:
        ddb.delete_backup(BackupArn=backup["BackupArn"])
    deadline = time.monotonic() + RECOVERY_SECONDS
    while refused := outcome(dynamodb.new_table, to=ddb):
        assert refused == FULL
        assert time.monotonic() < deadline, f"no table was made within {RECOVERY_SECONDS} s of deleting everything"
        time.sleep(0.1)
    again = ddb.list_tables()["TableNames"][0]
    item = {"p": {"S": "again"}, "v": {"B": os.urandom(ITEM_BYTES)}}
    assert outcome(ddb.put_item, TableName=again, Item=item) is None
    assert server.stop() == 0
