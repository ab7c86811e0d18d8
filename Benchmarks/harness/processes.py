"""Servers under measurement: started in their own process group, watched through /proc, always ended."""

import ctypes
import os
import select
import signal
import socket
import subprocess
import time
from pathlib import Path

from harness.failure import CannotRun

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")

# Seconds that a server gets from SIGTERM to its end before it is killed.
STOP_SECONDS = 20

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def free_port(below: int = 65536) -> int:
    """A loopback port that nothing listens on now. `below` is for servers that derive other ports from it."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            if port < below:
                return port


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split()]


def process_tree(pid: int) -> list[int]:
    """The process and all that descend from it through main threads."""
    found = [pid]
    for parent in found:
        found.extend(_children(parent))
    return found


class Server:
    """A child process that serves. Subclasses say how it is started and when it is ready."""

    name = "server"
    # What an acknowledged write has survived, as it is printed on the row.
    durability = "none"

    def __init__(self, directory: Path):
        self.directory = directory
        self.process: subprocess.Popen | None = None
        self.endpoint = ""
        self.ready_seconds = 0.0

    def command(self) -> list[str]:
        """The program and its arguments. May write files into `directory` first."""
        raise NotImplementedError

    def wait_ready(self) -> None:
        """Returns when the server answers; sets `endpoint`."""
        raise NotImplementedError

    def start(self) -> "Server":
        self.directory.mkdir(parents=True, exist_ok=True)
        command = self.command()
        with open(self.directory / "stderr.log", "ab") as errors:
            begun = time.perf_counter()
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                start_new_session=True, preexec_fn=_die_with_parent, cwd=self.directory)
        try:
            self.wait_ready()
        except BaseException:
            self.kill()
            raise
        self.ready_seconds = time.perf_counter() - begun
        return self

    def read_ready_line(self, seconds: float = 60) -> str:
        """The next line of standard output."""
        assert self.process is not None and self.process.stdout is not None
        line = b""
        deadline = time.monotonic() + seconds
        while not line.endswith(b"\n"):
            readable, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 1) if readable else b""
            if not piece:
                raise CannotRun(f"{self.name} printed no ready line; it said: {self.last_words()}")
            line += piece
        return line.decode()

    def last_words(self) -> str:
        """The end of what it wrote to standard error, or what a crash said of itself."""
        text = (self.directory / "stderr.log").read_text(errors="replace").strip()
        crash = max(text.rfind(mark) for mark in ("Fatal error", "*** ", "panic:"))
        return text[crash:crash + 1500] if crash >= 0 else text[-400:] if text else "nothing"

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def check_alive(self) -> None:
        if not self.alive():
            raise CannotRun(f"{self.name} ended by itself; it said: {self.last_words()}")

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def cpu_seconds(self) -> float:
        """User and system time so far, of the process and its children, at the resolution of the clock tick."""
        ticks = 0
        for pid in process_tree(self.pid):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ticks += int(fields[11]) + int(fields[12])
        return ticks / CLOCK_TICKS

    def _memory_bytes(self, field: str) -> int:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
        raise CannotRun(f"/proc/{self.pid}/status has no {field}")

    def resident_bytes(self) -> int:
        return self._memory_bytes("VmRSS")

    def peak_resident_bytes(self) -> int:
        return self._memory_bytes("VmHWM")

    def stop(self) -> None:
        """Asks the server to end, and makes it."""
        if self.alive():
            os.killpg(self.pid, signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def kill(self) -> None:
        """Ends the server as a crash would, and what is left of its group."""
        if self.process is None:
            return
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_) -> None:
        self.stop()
