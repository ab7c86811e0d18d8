"""Connections by the thousand, and clients that keep no rule of HTTP: others are served, and nothing is left behind."""

import contextlib
import gzip
import os
import resource
import socket
import struct
import threading

import pytest

import dynamodb
import server as varve

HEAD = (
    b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: DynamoDB_20120810.GetItem\r\n"
    b"Content-Type: application/x-amz-json-1.0\r\n")
QUERY = b'{"TableName":"no-such-table","Key":{"p":{"S":"a"}}}'
REQUEST = HEAD + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY
GROWTH_MIB_MAX = 96


class Daemon:
    """A server of its own, one who reads from it all the while, and what both may come to."""

    def __init__(self, running):
        self.running = running
        self.to = dynamodb.client(running)
        self.table = dynamodb.new_table(self.to)
        self.to.put_item(TableName=self.table, Item={"p": {"S": "small"}})
        self.before = self.memory("VmRSS")
        self.files_before = self.files()

    def memory(self, name):
        with open(f"/proc/{self.running.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(name)) // 1024

    def files(self):
        return len(os.listdir(f"/proc/{self.running.process.pid}/fd"))

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.running.port), timeout=60)

    def answers(self):
        found = self.to.get_item(TableName=self.table, Key={"p": {"S": "small"}})
        return found["Item"] == {"p": {"S": "small"}}

    def is_as_before(self):
        """Whether memory stayed small, and all connections have gone."""
        assert self.memory("VmHWM") - self.before < GROWTH_MIB_MAX
        # Those of the client's own pool may be some more.
        for _ in range(600):
            if self.files() <= self.files_before + 4:
                return True
            threading.Event().wait(0.05)
        return False


@pytest.fixture
def daemon(tmp_path):
    running = varve.start(tmp_path / "own", "--access-log", "off", "--auth", "relaxed", "--header-seconds", "5")
    yield Daemon(running)
    assert running.stop() == 0
    assert b'"error"' not in (tmp_path / "own" / "server.log").read_bytes()


def many(count):
    """As many connections as are asked for, or as this machine lets one process have."""
    return min(count, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2 - 100)


def send(connection, data):
    """Sends what is taken; the server may close in the midst."""
    with contextlib.suppress(OSError):
        connection.sendall(data)


def status(connection):
    """The status of an answer; nothing if the connection ends without one."""
    with contextlib.suppress(OSError):
        return int((connection.recv(65536) or b"x 0").split()[1]) or None


def at_once(count, work):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_thousands_that_send_a_byte_now_and_then_are_ended(daemon):
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(daemon.connect()) for _ in range(many(3000))]
        for byte in (b"P", b"O", b"S"):
            for connection in slow:
                connection.sendall(byte)
            assert daemon.answers()
        # Bytes that trickle in do not extend the time that a head may take.
        assert {status(connection) for connection in slow} <= {408, 400}
        assert daemon.answers()
    assert daemon.is_as_before()


def test_floods_of_headers_are_refused(daemon):
    flood = b"GET / HTTP/1.1\r\nHost: h\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 100) for n in range(10_000))
    for _ in range(50):
        with daemon.connect() as connection:
            send(connection, flood)
            assert status(connection) in (400, 431)
    assert daemon.answers()
    assert daemon.is_as_before()


@pytest.mark.parametrize("request_bytes", [REQUEST, b"GET / HTTP/1.1\r\n\r\n", HEAD + b"\r\n"])
def test_pipelines_that_end_unread_leave_nothing(daemon, request_bytes):
    def pipeline():
        with daemon.connect() as connection:
            connection.settimeout(1)
            send(connection, request_bytes * (4_000_000 // len(request_bytes)))
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            threading.Event().wait(0.5)

    at_once(50, pipeline)
    assert daemon.answers()
    assert daemon.is_as_before()


def test_bodies_that_are_cut_short_leave_nothing(daemon):
    def cut():
        with daemon.connect() as connection:
            connection.settimeout(2)
            send(connection, HEAD + b"Content-Length: 16000000\r\n\r\n" + b" " * 4_000_000)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            connection.settimeout(60)
            assert status(connection) in (400, None)

    at_once(100, cut)
    assert daemon.answers()
    assert daemon.is_as_before()


@pytest.mark.parametrize("length", [b"17000000", b"7000000000", b"99999999999999999999", b"-1"])
def test_expected_bodies_that_are_refused_are_not_asked_for(daemon, length):
    for sends_anyway in (False, True):
        with daemon.connect() as connection:
            send(connection, HEAD + b"Content-Length: " + length + b"\r\nExpect: 100-continue\r\n\r\n")
            if sends_anyway:
                send(connection, b"x" * 17_000_000)
            assert status(connection) in (400, 413)
    assert daemon.is_as_before()


@pytest.mark.parametrize("body", [
    b"1\r\nx\r\n" * 200_000 + b"0\r\n\r\n", b"1;" + b"e" * 3_000_000 + b"\r\nx\r\n0\r\n\r\n",
    b"0\r\n" + b"T: x\r\n" * 100_000 + b"\r\n", b"1\r\nx\r\n0\r\nT: " + b"y" * 5_000_000 + b"\r\n\r\n", b"-1\r\n",
    b"100000\r\n" + b"x" * 0x100000 + b"\r\n" + b"ffffff\r\n" + b"x" * 0xffffff + b"\r\n0\r\n\r\n",
], ids=["bytes", "extension", "trailers", "trailer", "negative", "too long"])
def test_unkind_chunks_are_refused(daemon, body):
    with daemon.connect() as connection:
        send(connection, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body)
        assert status(connection) in (400, 413)
    assert daemon.answers()
    assert daemon.is_as_before()


def test_small_bodies_that_become_large_have_a_bound(daemon):
    bomb = gzip.compress(b" " * (256 << 20), 1)
    statuses = []

    def throw():
        with daemon.connect() as connection:
            send(connection, HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)
            statuses.append(status(connection))

    at_once(50, throw)
    assert statuses == [413] * 50
    assert daemon.answers()
    assert daemon.memory("VmHWM") - daemon.before < 200
    # No more than the bound: nothing is kept.
    assert daemon.memory("VmRSS") - daemon.before < GROWTH_MIB_MAX


def test_connections_that_come_and_go_leave_nothing(daemon):
    ways = [b"", b"GET / HTTP", HEAD + b"Content-Length: 16000000\r\n\r\nxx", REQUEST, REQUEST[:-5]]
    for number in range(5000):
        with daemon.connect() as connection:
            connection.sendall(ways[number % len(ways)])
            if number % 3 == 0:
                # Ends with a reset.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert daemon.answers()
    assert daemon.is_as_before()
