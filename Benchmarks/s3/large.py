"""64 MiB and 256 MiB objects over 1 and 4 connections: throughput, and server CPU for each gigabyte."""

import hashlib
import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from harness.failure import CannotRun
from harness.processes import Server
from harness.report import Row, Target
from harness.rounds import Samples, alternate, forget
from harness.servers import Varve
from s3 import content
from s3.servers import SeaweedFS
from s3.setting import Setting
from s3.signing import Signer

MIB = 1 << 20
GIGABYTE = 1e9

# Bytes that one connection, and four, move in a round: enough to last seconds.
ROUND_BYTES = {1: 512 * MIB, 4: 1024 * MIB}
QUICK_ROUND_BYTES = {1: 128 * MIB, 4: 256 * MIB}

TRANSFER_SECONDS_MAX = 600


class _Job:
    """Objects of one size over a number of connections."""

    def __init__(self, setting: Setting, directory: Path, file: Path, size: int, connections: int):
        self.directory, self.file, self.size, self.connections = directory, file, size, connections
        self.count = max(connections, setting.pick(ROUND_BYTES, QUICK_ROUND_BYTES)[connections] // size)
        with open(file, "rb") as stream:
            self.sha256 = hashlib.file_digest(stream, "sha256").hexdigest()

    def keys(self) -> list[str]:
        return [f"large-{self.size}-{number}" for number in range(self.count)]

    def transfer(self, server: Server, method: str, verify: bool = False) -> dict[str, float]:
        """Moves all objects once. `verify` compares the content of what is read and is not for timing."""
        signer = Signer(content.host_of(server))
        job = self.directory / "job.json"
        job.write_text(json.dumps({
            "host": content.host_of(server), "method": method, "size": self.size, "connections": self.connections,
            "file": str(self.file), "sha256": self.sha256 if verify else None,
            "targets": [signer.target(method, f"/{content.BUCKET}/{key}") for key in self.keys()]}))
        before = server.cpu_seconds()
        done = subprocess.run(
            [sys.executable, "-m", "s3.transfer", str(job)], capture_output=True, text=True,
            timeout=TRANSFER_SECONDS_MAX)
        server_cpu = server.cpu_seconds() - before
        server.check_alive()
        if done.returncode != 0:
            raise CannotRun(f"the transfer client failed: {done.stderr[-400:]}")
        found = json.loads(done.stdout)
        if found["failures"]:
            raise CannotRun(f"{server.name}: {found['failures'][0]}")
        moved = self.size * self.count
        return {
            f"{method} MB/s": moved / found["seconds"] / 1e6,
            f"{method} server CPU s/GB": server_cpu / (moved / GIGABYTE),
            f"{method} client CPU s/GB": found["client_cpu"] / (moved / GIGABYTE)}

    def turn(self, server: Server, number: int) -> dict[str, float]:
        """Puts all objects, gets them three times, checks their content in the uncounted round, and deletes them.

        The second time, from the page cache on both sides, is the row. The first would compare who writes through that
        cache with who does not; the third is from the disk on both sides. Both are shown.
        """
        found = self.transfer(server, "PUT")
        found["GET just put"] = self.transfer(server, "GET", verify=number == 0)["GET MB/s"]
        found |= self.transfer(server, "GET")
        forget(server.directory)
        found["GET not cached"] = self.transfer(server, "GET")["GET MB/s"]
        with content.Client(server) as client:
            for key in self.keys():
                client.must("DELETE", f"/{content.BUCKET}/{key}")
        return found


def run(setting: Setting) -> list[Row]:
    rows: list[Row] = []
    for size in (64 * MIB, 256 * MIB):
        with ExitStack() as stack:
            files = setting.place("large")
            file = content.write_random_file(files / "content", size)
            servers = [Varve(setting.place("varve"), setting.varve), SeaweedFS(setting.place("weed"), setting.weed)]
            for server in servers:
                stack.enter_context(server).start()
                content.create_bucket(server)
                content.check_signatures_are_verified(server)
            for connections in (1, 4):
                job = _Job(setting, files, file, size, connections)
                results = alternate(setting.rounds, {
                    server.name: lambda number, server=server, job=job: job.turn(server, number) for server in servers})
                rows += _rows(size // MIB, connections, results, *servers)
    return rows


def _rows(
    mebibytes: int, connections: int, results: dict[str, dict[str, Samples]], varve: Server, weed: Server
) -> list[Row]:
    rows = []
    ours, theirs = results[varve.name], results[weed.name]
    plural = "s" if connections > 1 else ""
    for method, target in (("PUT", 2.5), ("GET", 1.2)):
        for unit, goal in (("MB/s", Target(target, at_least=True)), ("server CPU s/GB", None)):
            short = "" if goal else "-cpu"
            rows.append(Row(
                name=f"{method.lower()}-{mebibytes}m-{connections}{short}",
                what=f"{method} {mebibytes} MiB, {connections} connection{plural}", unit=unit,
                ours=ours[f"{method} {unit}"], peer=theirs[f"{method} {unit}"], peer_name=weed.name, target=goal,
                note="Incompressible content; GET of what was read before, so from the page cache on both sides. "
                     f"Ours: {varve.durability}. {weed.name}: {weed.durability}.",
                details=_details(method, ours, theirs) if goal else {}))
    return rows


def _details(method: str, ours: dict[str, Samples], theirs: dict[str, Samples]) -> dict[str, tuple[float, float]]:
    keys = {"client CPU s/GB": f"{method} client CPU s/GB"}
    if method == "GET":
        keys |= {"read just after the PUT, MB/s": "GET just put", "read from the disk, MB/s": "GET not cached"}
    return {label: (ours[key].median, theirs[key].median) for label, key in keys.items()}
