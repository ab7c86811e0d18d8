"""The peer."""

import json
import time
from pathlib import Path

from harness.failure import CannotRun
from harness.processes import Server, free_port
from harness.signature import ACCESS_KEY, SECRET_KEY
from s3.content import BUCKET, Client

# Seconds that a peer may take from its start to its first stored object.
PEER_READY_SECONDS = 60


class SeaweedFS(Server):
    """`weed server`: master, volume server, filer and S3 gateway in one process, with its defaults.

    Configured are: loopback only, free ports, identities (so that signatures are verified), no telemetry, and room for
    more volumes.
    """

    name = "SeaweedFS"
    durability = "not synced: answers from the page cache (its default)"

    def __init__(self, directory: Path, binary: Path):
        super().__init__(directory)
        self.binary = binary
        self.sockets: list[Path] = []

    def command(self) -> list[str]:
        for name in ("data", "logs"):
            (self.directory / name).mkdir(exist_ok=True)
        identities = {"identities": [{
            "name": "bench", "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}
        (self.directory / "s3.json").write_text(json.dumps(identities))
        ports: list[str] = []
        for part in ("master", "volume", "filer", "s3"):
            rpc = free_port()
            ports += [f"-{part}.port={free_port()}", f"-{part}.port.grpc={rpc}"]
            # It leaves these behind.
            self.sockets.append(Path(f"/tmp/seaweedfs-{part}-grpc-{rpc}.sock"))
        self.endpoint = "http://127.0.0.1:" + ports[6].partition("=")[2]
        return [
            str(self.binary), "-logdir=logs", "server", "-dir=data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            "-master.telemetry=false", "-volume.max=100", "-filer", "-filer.localSocket=filer.sock",
            "-s3", "-s3.config=s3.json", "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.localSocket=s3.sock", *ports]

    def wait_ready(self) -> None:
        """It listens before it can store; an object that went in is the sign."""
        deadline = time.monotonic() + PEER_READY_SECONDS
        said: object = "no answer"
        while time.monotonic() < deadline:
            self.check_alive()
            try:
                with Client(self) as client:
                    client.call("PUT", f"/{BUCKET}-ready")
                    status, said = client.call("PUT", f"/{BUCKET}-ready/object", body=b"ready")
                if status == 200:
                    return
            except OSError as error:
                said = error
            time.sleep(0.1)
        raise CannotRun(f"SeaweedFS stored nothing within {PEER_READY_SECONDS} s: {said!r}")

    def kill(self) -> None:
        super().kill()
        for socket in self.sockets:
            socket.unlink(missing_ok=True)
