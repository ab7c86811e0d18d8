"""Servers that more than one benchmark runs: ours, the web server and the floor."""

import os
import time
import urllib.error
import urllib.request
from pathlib import Path

from harness.failure import CannotRun
from harness.processes import Server, free_port

# Seconds that a web server may take from its start to its first answer.
NGINX_READY_SECONDS = 60


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
        deadline = time.monotonic() + NGINX_READY_SECONDS
        while time.monotonic() < deadline:
            self.check_alive()
            try:
                urllib.request.urlopen(self.endpoint).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.02)
        raise CannotRun(f"nginx did not answer: {self.last_words()}")


class Floor(Server):
    """The constant server of Benchmarks/Floor: HTTP over SwiftNIO and a group commit, with nothing on top."""

    name = "floor"
    durability = "GET: a constant; PUT: a group write and fdatasync into a file written before"

    def __init__(self, directory: Path, binary: Path, answer_bytes: int):
        super().__init__(directory)
        self.binary = binary
        self.answer_bytes = answer_bytes

    def command(self) -> list[str]:
        loops = os.cpu_count() or 1
        return [
            str(self.binary), "--bytes", str(self.answer_bytes), "--loops", str(loops),
            "--commit", str(self.directory / "log")]

    def wait_ready(self) -> None:
        self.endpoint = self.read_ready_line().partition("endpoint=")[2].split()[0]
