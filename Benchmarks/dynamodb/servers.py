"""The peers, as PyPI has them: both keep everything in memory and verify no signature."""

import sys
import time
from pathlib import Path

from dynamodb.client import Client
from harness.failure import CannotRun
from harness.processes import Server, free_port

# Seconds that a peer may take from its start to its first answer.
PEER_READY_SECONDS = 60


class _Peer(Server):
    durability = "in memory, signatures not verified"

    def wait_ready(self) -> None:
        deadline = time.monotonic() + PEER_READY_SECONDS
        said: object = "no answer"
        while time.monotonic() < deadline:
            self.check_alive()
            try:
                with Client(self) as client:
                    status, said = client.call("ListTables", {})
                if status == 200:
                    return
            except OSError as error:
                said = error
            time.sleep(0.1)
        raise CannotRun(f"{self.name} listed no tables within {PEER_READY_SECONDS} s: {said!r}")


class Ministack(_Peer):
    """Configured are port and loopback, nothing else."""

    name = "ministack"

    def command(self) -> list[str]:
        port = free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        program = Path(sys.prefix) / "bin" / "ministack"
        return ["env", f"GATEWAY_PORT={port}", "BIND_HOST=127.0.0.1", f"TMPDIR={self.directory}", str(program)]


class Moto(_Peer):
    """`moto_server` on a port and loopback."""

    name = "moto_server"

    def command(self) -> list[str]:
        port = free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        return [str(Path(sys.prefix) / "bin" / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
