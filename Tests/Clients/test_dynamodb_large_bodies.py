"""Many clients with bodies and answers as large as they may be: what the daemon holds of them has a bound."""

import json
import os
import socket
import threading
import time

import pytest

import dynamodb
import server as varve

CLIENTS = 100
BODY_BYTES = 16_000_000
# Room for four of the largest bodies and four of the largest answers, each once more for what becomes of it, and for
# what a hundred connections have received. Without a bound it is 500 MB to 1.8 GB.
GROWTH_MIB_MAX = 320


@pytest.fixture
def daemon(tmp_path):
    """A server of its own, whose memory is looked at, with a table and an item."""
    running = varve.start(tmp_path / "own", "--access-log", "off", "--auth", "relaxed")
    yield running
    assert running.stop() == 0


def memory(daemon, name):
    """MiB of the daemon, `VmRSS` now or `VmHWM` at most."""
    with open(f"/proc/{daemon.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name)) // 1024


def head(operation, length, *more):
    return "\r\n".join([
        "POST / HTTP/1.1", "Host: localhost", f"X-Amz-Target: DynamoDB_20120810.{operation}",
        "Content-Type: application/x-amz-json-1.0", f"Content-Length: {length}", *more, "", ""]).encode()


def at_once(count, work):
    """Runs `work` with each number, all at once; what they return."""
    results = [None] * count

    def run(number):
        results[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    return threads, results


def status(daemon, *parts):
    """Sends a request on a connection of its own; the answer's status, nothing when there is none."""
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=120) as connection:
        try:
            for part in parts:
                connection.sendall(part)
            return int((connection.recv(4096) or b"HTTP/1.1 0").split()[1])
        except OSError:
            return None


class Reader:
    """Reads a small item again and again while others do what they do."""

    def __init__(self, daemon):
        self.to = dynamodb.client(daemon)
        self.table = dynamodb.new_table(self.to)
        self.to.put_item(TableName=self.table, Item={"p": {"S": "small"}})
        self.count = 0

    def read_until(self, threads):
        while any(thread.is_alive() for thread in threads):
            found = self.to.get_item(TableName=self.table, Key={"p": {"S": "small"}})
            assert found["Item"] == {"p": {"S": "small"}}
            self.count += 1
        assert self.count > 10


@pytest.mark.parametrize("operation", ["BatchWriteItem", "PutItem", "NoSuchThing"])
def test_bodies_of_many_clients_have_a_bound(daemon, operation):
    reader = Reader(daemon)
    before = memory(daemon, "VmRSS")
    # Not JSON of anything: all of it is held, and read, before that is known.
    body = b"[" + b" " * (BODY_BYTES - 2) + b"]"
    threads, statuses = at_once(CLIENTS, lambda _: status(daemon, head(operation, len(body)), body))
    reader.read_until(threads)
    assert set(statuses) == {400}
    assert memory(daemon, "VmHWM") - before < GROWTH_MIB_MAX


def test_items_of_many_clients_have_a_bound_and_are_all_written(daemon):
    reader = Reader(daemon)
    before = memory(daemon, "VmRSS")

    def write(number):
        body = json.dumps({"RequestItems": {reader.table: [
            {"PutRequest": {"Item": {"p": {"S": f"k{number}-{place}"}, "v": {"S": "x" * 390_000}}}}
            for place in range(25)]}}).encode()
        return status(daemon, head("BatchWriteItem", len(body)), body)

    threads, statuses = at_once(CLIENTS // 5, write)
    reader.read_until(threads)
    assert set(statuses) == {200}
    assert dynamodb.client(daemon).get_item(
        TableName=reader.table, Key={"p": {"S": f"k{CLIENTS // 5 - 1}-24"}})["Item"]["v"] == {"S": "x" * 390_000}
    # The store takes its budget on top, which is for items.
    assert memory(daemon, "VmHWM") - before < GROWTH_MIB_MAX + 256


def test_bodies_that_stall_hold_others_up_for_a_while_only(daemon):
    reader = Reader(daemon)
    before = memory(daemon, "VmRSS")
    stalled = []

    def stall(_):
        stalled.append(socket.create_connection(("127.0.0.1", daemon.port), timeout=120))
        stalled[-1].sendall(head("PutItem", BODY_BYTES))
        try:
            stalled[-1].sendall(b" " * (BODY_BYTES - 100_000))
        except OSError:
            # It was closed already: for lack of progress.
            pass

    threads, _ = at_once(12, stall)
    time.sleep(0.5)
    body = b"[" + b" " * (BODY_BYTES - 2) + b"]"
    others, statuses = at_once(1, lambda _: status(daemon, head("PutItem", len(body)), body))
    reader.read_until(threads + others)
    assert statuses == [400]
    assert memory(daemon, "VmHWM") - before < GROWTH_MIB_MAX
    for connection in stalled:
        connection.close()


def test_answers_that_nobody_reads_have_a_bound(daemon):
    reader = Reader(daemon)
    value = os.urandom(290_000)
    for first in range(0, 40, 20):
        reader.to.batch_write_item(RequestItems={reader.table: [
            {"PutRequest": {"Item": {"p": {"S": f"k{number}"}, "v": {"B": value}}}}
            for number in range(first, first + 20)]})
    before = memory(daemon, "VmRSS")
    query = json.dumps({"RequestItems": {reader.table: {
        "Keys": [{"p": {"S": f"k{number}"}} for number in range(40)]}}}).encode()
    request = head("BatchGetItem", len(query)) + query
    unread = []
    try:
        for _ in range(CLIENTS):
            unread.append(socket.create_connection(("127.0.0.1", daemon.port), timeout=120))
            unread[-1].sendall(request)
        threads, _ = at_once(1, lambda _: time.sleep(3))
        reader.read_until(threads)
        assert memory(daemon, "VmHWM") - before < GROWTH_MIB_MAX
    finally:
        for connection in unread:
            connection.close()
    # Those that were waiting have gone: there is room for one who reads.
    answer = reader.to.batch_get_item(RequestItems={reader.table: {
        "Keys": [{"p": {"S": f"k{number}"}} for number in range(40)]}})
    assert len(answer["Responses"][reader.table]) == 40


def test_pipelined_requests_whose_answers_nobody_reads_have_a_bound(daemon):
    reader = Reader(daemon)
    reader.to.put_item(TableName=reader.table, Item={"p": {"S": "k"}, "v": {"S": "x" * 390_000}})
    before = memory(daemon, "VmRSS")
    query = json.dumps({"TableName": reader.table, "Key": {"p": {"S": "k"}}}).encode()
    request = (head("GetItem", len(query)) + query) * 2000
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=120) as connection:
        connection.setblocking(False)
        sent = connection.send(request)
        threads, _ = at_once(1, lambda _: time.sleep(2))
        reader.read_until(threads)
        assert memory(daemon, "VmHWM") - before < 64
        # All of those that came whole are answered all the same.
        connection.setblocking(True)
        connection.settimeout(60)
        whole = sent // (len(request) // 2000)
        stream = connection.makefile("rb")
        for _ in range(whole):
            line = stream.readline()
            assert line.split()[1] == b"200"
            length = 0
            while (line := stream.readline()) != b"\r\n":
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            assert len(stream.read(length)) == length
