"""One connection that signs each request anew: for what is not measured, and for single calls that are."""

import http.client
import json
from types import TracebackType

from dynamodb.signing import Signer
from harness.failure import CannotRun
from harness.processes import Server


def host_of(server: Server) -> str:
    return server.endpoint.removeprefix("http://")


def encode(members: dict) -> bytes:
    """JSON as botocore writes it."""
    return json.dumps(members).encode()


class Client:
    def __init__(self, server: Server):
        self.server = server
        host, port = host_of(server).split(":")
        self.connection = http.client.HTTPConnection(host, int(port), timeout=120)

    def send(self, operation: str, body: bytes, authorization: str | None = None) -> tuple[int, bytes]:
        """Status and body of one answer. `authorization` replaces the true one."""
        headers = Signer(host_of(self.server)).headers(operation, body)
        if authorization:
            headers["Authorization"] = authorization
        self.connection.request("POST", "/", body=body, headers=headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def call(self, operation: str, members: dict) -> tuple[int, bytes]:
        return self.send(operation, encode(members))

    def must(self, operation: str, members: dict) -> dict:
        """What a 200 says; anything else ends the row."""
        return json.loads(self.answer(operation, members))

    def answer(self, operation: str, members: dict) -> bytes:
        """The bytes of a 200; anything else ends the row."""
        status, body = self.call(operation, members)
        if status != 200:
            raise CannotRun(f"{self.server.name} answered {operation} with {status}: {body[:300]!r}")
        return body

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def check_signatures_are_verified(server: Server) -> None:
    """Ours is not measured when it lets a wrong signature pass."""
    with Client(server) as client:
        true = Signer(host_of(server)).headers("ListTables", b"{}")["Authorization"]
        wrong = true[:-8] + ("00000000" if not true.endswith("00000000") else "11111111")
        status, body = client.send("ListTables", b"{}", authorization=wrong)
        if status != 400 or b"InvalidSignatureException" not in body:
            raise CannotRun(f"{server.name} answered a wrong signature with {status}: {body[:300]!r}")
