"""Buckets and objects: what is in them, and whether it came back."""

import http.client
import random
from collections.abc import Iterable
from pathlib import Path

from harness.failure import CannotRun
from harness.processes import Server
from s3.signing import Signer

BUCKET = "bench"

# A small object starts with its key, padded to this many bytes, so that one object cannot be taken for another.
KEY_BYTES = 32

SMALL_BYTES = 4096


def host_of(server: Server) -> str:
    return server.endpoint.removeprefix("http://")


def random_bytes(count: int, seed: int = 1) -> bytes:
    """Bytes that no codec makes smaller, the same in every run."""
    return random.Random(seed).randbytes(count)


def write_random_file(file: Path, count: int) -> Path:
    """A file of `count` random bytes, in the page cache when this returns."""
    generator = random.Random(2)
    with open(file, "wb") as out:
        for offset in range(0, count, 1 << 20):
            out.write(generator.randbytes(min(1 << 20, count - offset)))
    return file


def write_body_tail(directory: Path, size: int) -> Path:
    """What all small objects of `size` bytes have behind their keys."""
    file = directory / f"tail-{size}"
    file.write_bytes(random_bytes(size - KEY_BYTES))
    return file


def small_body(key: str, tail: bytes) -> bytes:
    return key.ljust(KEY_BYTES, ".")[:KEY_BYTES].encode() + tail


def shuffled_keys(prefix: str, count: int) -> list[str]:
    """Distinct keys in an order that has nothing to do with theirs, the same in every run."""
    keys = [f"{prefix}-{number:07d}" for number in range(count)]
    random.Random(3).shuffle(keys)
    return keys


class Client:
    """One connection that signs each request anew: for what is not measured, and for single calls that are."""

    def __init__(self, server: Server):
        self.server = server
        self.signer = Signer(host_of(server))
        host, port = host_of(server).split(":")
        self.connection = http.client.HTTPConnection(host, int(port), timeout=120)

    def call(
        self, method: str, path: str, query: dict[str, str] | None = None, body: bytes | None = None
    ) -> tuple[int, bytes]:
        """Status and body of one answer."""
        target = self.signer.target(method, path, query)
        self.connection.request(method, target, body=body)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def must(self, method: str, path: str, query: dict[str, str] | None = None, body: bytes | None = None) -> bytes:
        """The body of a 2xx answer; anything else ends the row."""
        status, content = self.call(method, path, query, body)
        if not 200 <= status < 300:
            raise CannotRun(f"{self.server.name} answered {method} {path} with {status}: {content[:300]!r}")
        return content

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def create_bucket(server: Server) -> None:
    with Client(server) as client:
        client.must("PUT", f"/{BUCKET}")


def verify_small(server: Server, keys: Iterable[str], tail: bytes) -> None:
    """Reads objects back and compares every byte."""
    with Client(server) as client:
        for key in keys:
            if client.must("GET", f"/{BUCKET}/{key}") != small_body(key, tail):
                raise CannotRun(f"{server.name} gave back other bytes than were put under {key}")


def check_signatures_are_verified(server: Server) -> None:
    """A side that lets a wrong signature pass is not measured."""
    with Client(server) as client:
        target = client.signer.target("GET", f"/{BUCKET}")
        wrong = target[:-8] + ("00000000" if not target.endswith("00000000") else "11111111")
        client.connection.request("GET", wrong)
        answer = client.connection.getresponse()
        answer.read()
        if answer.status != 403:
            raise CannotRun(f"{server.name} answered a wrong signature with {answer.status} instead of 403")
