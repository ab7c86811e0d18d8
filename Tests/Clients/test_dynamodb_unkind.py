"""A daemon that is killed in the midst of its work, and clients that send what is large, slowly or not at all."""

import os
import signal
import socket
import threading

import botocore.exceptions
import pytest

import dynamodb
import server as varve

INDEX = {
    "IndexName": "byGroup", "KeySchema": dynamodb.key("g"), "Projection": {"ProjectionType": "ALL"}}
ITEMS = 20_000
WRITERS = 4


@pytest.fixture
def place(tmp_path):
    """Where the daemon's data is, over its restarts."""
    return tmp_path / "own"


def load(ddb, table):
    for first in range(0, ITEMS, 25):
        ddb.batch_write_item(RequestItems={table: [
            {"PutRequest": {"Item": {"p": {"S": f"k{number}"}, "g": {"S": f"g{number % 7}"}}}}
            for number in range(first, first + 25)]})


def scan(ddb, table, **more):
    return sorted(
        str(sorted(item.items()))
        for page in ddb.get_paginator("scan").paginate(TableName=table, **more) for item in page["Items"])


def test_an_index_that_is_filled_through_kills_is_what_its_table_is(place):
    server = varve.start(place, "--access-log", "off")
    try:
        ddb = dynamodb.client(server)
        table = dynamodb.new_table(ddb)
        load(ddb, table)
        ddb.update_table(
            TableName=table, AttributeDefinitions=dynamodb.attributes(g="S"),
            GlobalSecondaryIndexUpdates=[{"Create": INDEX}])
        for _ in range(3):
            write_until_killed(server, table)
            server = varve.start(place, "--access-log", "off")
        ddb = dynamodb.client(server)
        dynamodb.wait_for_indexes(ddb, table)
        items = scan(ddb, table)
        assert scan(ddb, table, IndexName="byGroup") == items
        described = ddb.describe_table(TableName=table)["Table"]
        counts = [described["ItemCount"], described["GlobalSecondaryIndexes"][0]["ItemCount"]]
        assert counts == [len(items)] * 2
        sizes = [described["TableSizeBytes"], described["GlobalSecondaryIndexes"][0]["IndexSizeBytes"]]
        assert sizes[0] == sizes[1]
    finally:
        server.process.kill()
        server.process.wait()


def write_until_killed(server, table):
    """Changes and deletes items that the fill has or has not come to, until the daemon is gone."""
    clients = [dynamodb.client(server) for _ in range(WRITERS)]
    done = threading.Semaphore(0)

    def write(number):
        try:
            for count in range(number, ITEMS, 613):
                key = {"p": {"S": f"k{count}"}}
                if count % 2:
                    clients[number].delete_item(TableName=table, Key=key)
                else:
                    clients[number].put_item(TableName=table, Item={**key, "g": {"S": "changed"}})
                done.release()
        except botocore.exceptions.BotoCoreError:
            return

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for _ in range(WRITERS * 5):
        done.acquire()
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    for thread in threads:
        thread.join()


def test_others_are_served_whoever_holds_connections(server):
    """Half requests, large ones that never end, and answers that nobody reads."""
    ddb = dynamodb.client(server)
    table = dynamodb.new_table(ddb)
    value = os.urandom(390_000)
    # As much as one request may bring: 25 items of nearly 400 KB.
    ddb.batch_write_item(RequestItems={table: [
        {"PutRequest": {"Item": {"p": {"S": f"k{number}"}, "v": {"B": value}}}} for number in range(25)]})
    head = (
        b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: DynamoDB_20120810.PutItem\r\n"
        b"Content-Type: application/x-amz-json-1.0\r\n")
    held = []
    try:
        for start in [head] * 40 + [head + b"Content-Length: 16000000\r\n\r\n" + b" " * 1_000_000] * 10:
            held.append(socket.create_connection(("127.0.0.1", server.port)))
            held[-1].sendall(start)
        for number in range(25):
            found = ddb.get_item(TableName=table, Key={"p": {"S": f"k{number}"}})["Item"]
            assert found["v"]["B"] == value
    finally:
        for connection in held:
            connection.close()
