"""Load by wrk: one run over a file of prepared requests, every answer checked."""

import os
import signal
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.failure import CannotRun
from harness.processes import Server

SCRIPT = Path(__file__).with_name("wrk.lua")

# A run by count that takes longer than this has hung.
RUN_SECONDS_MAX = 900


# In the place of a method: the file has whole requests.
WHOLE = "-"


@dataclass(frozen=True)
class Load:
    """What to ask for. `seconds` for a run by time, None for a run that asks for every target once."""

    method: str
    targets: Path
    connections: int
    answer_bytes: int
    body_tail: Path | None = None
    seconds: float | None = None

    @property
    def threads(self) -> int:
        return min(self.connections, os.cpu_count() or 1)


def write_requests(file: Path, requests: Iterable[bytes]) -> Path:
    """Whole requests, for a load whose method is `WHOLE`: each behind a line with its length."""
    with open(file, "wb") as out:
        out.writelines(b"%d\n%s" % (len(request), request) for request in requests)
    return file


def start(server: Server, load: Load) -> subprocess.Popen:
    """Starts wrk and does not wait for it."""
    host = server.endpoint.removeprefix("http://")
    seconds = RUN_SECONDS_MAX if load.seconds is None else max(1, round(load.seconds))
    command = [
        "wrk", "-t", str(load.threads), "-c", str(load.connections), "-d", f"{seconds}s", "--timeout", "60s",
        "-s", str(SCRIPT), server.endpoint, "--",
        load.method, str(load.targets), host, str(load.threads), str(load.answer_bytes),
        "1" if load.seconds is None else "0",
    ]
    if load.body_tail:
        command.append(str(load.body_tail))
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(server: Server, load: Load) -> dict[str, float]:
    """One run: operations a second, latencies, and CPU of both sides for each operation."""
    server.check_alive()
    cpu_before = server.cpu_seconds()
    wrk = start(server, load)
    try:
        said = _wait(wrk, load)
    finally:
        if wrk.poll() is None:
            wrk.kill()
            wrk.wait()
    server_cpu = server.cpu_seconds() - cpu_before
    found = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    server.check_alive()
    if "answers" not in found:
        raise CannotRun(f"wrk against {server.name} gave no result: {said[-300:]}")
    answers = int(found["answers"])
    if int(found["wrong"]) or int(found["socket_errors"]) or not answers:
        raise CannotRun(
            f"{server.name}: of {answers} answers {found['wrong']} were wrong, {found['socket_errors']} connections "
            f"failed; first wrong answer: {found['example'] or 'none'}")
    seconds = float(found["seconds"])
    return {
        "operations_per_second": answers / seconds,
        "answers": answers, "p50_us": float(found["p50"]), "p99_us": float(found["p99"]),
        "server_cpu_us": server_cpu / answers * 1e6,
        "client_cpu_us": float(found["client_cpu"]) / answers * 1e6,
    }


def _wait(wrk: subprocess.Popen, load: Load) -> str:
    """What wrk printed. A run by count is ended here when all threads have had their answers: wrk would sleep on."""
    assert wrk.stderr is not None
    complaints: list[str] = []
    finished = 0
    if load.seconds is None:
        for line in wrk.stderr:
            if line.strip() == "finished":
                finished += 1
            else:
                complaints.append(line)
            if finished == load.threads:
                wrk.send_signal(signal.SIGINT)
                break
    output, errors = wrk.communicate(timeout=RUN_SECONDS_MAX + 60)
    if wrk.returncode != 0 or (load.seconds is None and finished < load.threads):
        raise CannotRun(f"wrk did not get through: {' '.join(complaints)}{errors}".strip())
    return output
