"""The four servers: ours, the peer, the web server and the floor."""

import json
import os
import time
from pathlib import Path

from harness.failure import CannotRun
from harness.processes import Server, free_port
from s3.content import BUCKET, Client
from s3.signing import ACCESS_KEY, SECRET_KEY

# Seconds that a peer may take from its start to its first stored object.
PEER_READY_SECONDS = 60


class Varve(Server):
    """`varve serve` with nothing configured: durability `always`, access log and metrics on, signatures verified."""

    name = "varve"
    durability = "synced before each answer (always)"

    def __init__(self, directory: Path, binary: Path):
        super().__init__(directory)
        self.binary = binary

    @property
    def data_directory(self) -> Path:
        return self.directory / "data"

    def command(self) -> list[str]:
        self.data_directory.mkdir(mode=0o700, exist_ok=True)
        return [str(self.binary), "serve", "--data-dir", str(self.data_directory), "--listen", "127.0.0.1:0"]

    def wait_ready(self) -> None:
        line = self.read_ready_line(seconds=600)
        for word in line.split():
            if word.startswith("endpoint="):
                self.endpoint = word.removeprefix("endpoint=").rstrip("/")
                return
        raise CannotRun(f"varve's ready line names no endpoint: {line.strip()}")


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


class Nginx(Server):
    """Debian's nginx: one worker, sendfile, its default access log to a file."""

    name = "nginx"
    durability = "read only"

    def __init__(self, directory: Path, access_log: bool = True):
        super().__init__(directory)
        self.access_log = access_log
        self.name = "nginx" if access_log else "nginx without a log"

    @property
    def root(self) -> Path:
        return self.directory / "www"

    def command(self) -> list[str]:
        self.root.mkdir(exist_ok=True)
        port = free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        at = self.directory
        paths = " ".join(
            f"{name}_temp_path {at}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        # A worker of another user could not read a private temporary directory.
        user = "user root;" if os.getuid() == 0 else ""
        (at / "nginx.conf").write_text(f"""
            {user} daemon off; worker_processes 1; pid {at}/nginx.pid; error_log {at}/error.log;
            events {{ worker_connections 1024; }}
            http {{
                sendfile on; tcp_nopush on; {paths}
                access_log {f"{at}/access.log" if self.access_log else "off"};
                keepalive_requests 1000000000;
                default_type application/octet-stream;
                server {{ listen 127.0.0.1:{port}; root {self.root}; }}
            }}
            """)
        return ["/usr/sbin/nginx", "-c", str(at / "nginx.conf"), "-e", str(at / "error.log")]

    def wait_ready(self) -> None:
        deadline = time.monotonic() + PEER_READY_SECONDS
        while time.monotonic() < deadline:
            self.check_alive()
            try:
                with Client(self) as client:
                    client.call("GET", "/")
                return
            except OSError:
                time.sleep(0.02)
        raise CannotRun(f"nginx did not answer: {self.last_words()}")


class Floor(Server):
    """The constant server of Benchmarks/Floor: HTTP over SwiftNIO and a group commit, with nothing on top."""

    name = "floor"
    durability = "GET: a constant; PUT: a group write and fdatasync into a file written before"

    def __init__(self, directory: Path, binary: Path):
        super().__init__(directory)
        self.binary = binary

    def command(self) -> list[str]:
        loops = os.cpu_count() or 1
        return [str(self.binary), "--bytes", "4096", "--loops", str(loops), "--commit", str(self.directory / "log")]

    def wait_ready(self) -> None:
        self.endpoint = self.read_ready_line().partition("endpoint=")[2].split()[0]
