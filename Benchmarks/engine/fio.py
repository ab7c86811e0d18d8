"""What the disk gives to a program that does nothing but write and sync, in files that were laid out before."""

import json
import subprocess
from pathlib import Path

from harness.failure import CannotRun

BLOCK_BYTES = 1 << 20
SYNC_PROBE_SECONDS = 1


def _run(directory: Path, name: str, options: list[str]) -> dict:
    command = [
        "fio", f"--name={name}", f"--directory={directory}", "--ioengine=psync", "--direct=1", "--fallocate=none",
        "--thread", "--group_reporting", "--output-format=json", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotRun(f"fio ended with {done.returncode}: {done.stderr[-400:]}")
    # It may say something before the object.
    return json.loads(done.stdout[done.stdout.index("{"):])["jobs"][0]


def lay_out(directory: Path, writers: int, total_bytes: int) -> None:
    """Files for `write`, written whole and synced."""
    _run(directory, "large", _shape(writers, total_bytes) + ["--end_fsync=1"])


def write(directory: Path, writers: int, total_bytes: int, syncs: int) -> dict[str, float]:
    """Writes the laid-out files again, with about that many syncs in all: bytes a second and syncs."""
    blocks = total_bytes // BLOCK_BYTES
    between = max(1, round(blocks / max(1, syncs)))
    done = _run(directory, "large", _shape(writers, total_bytes) + [f"--fdatasync={between}"])
    return {
        "bytes_per_second": done["write"]["io_bytes"] / (done["write"]["runtime"] / 1000),
        # `total_ios` counts none of them.
        "syncs": done["sync"]["lat_ns"]["N"]}


def _shape(writers: int, total_bytes: int) -> list[str]:
    each = total_bytes // writers // BLOCK_BYTES * BLOCK_BYTES
    return ["--rw=write", f"--bs={BLOCK_BYTES}", f"--numjobs={writers}", f"--size={each}", "--overwrite=1"]


def sync_microseconds(directory: Path) -> float:
    """The median of one block of 4 KiB written and synced."""
    shape = ["--rw=write", "--bs=4096", "--size=16777216", "--overwrite=1"]
    _run(directory, "sync", shape + ["--end_fsync=1"])
    done = _run(directory, "sync", shape + ["--fdatasync=1", "--time_based", f"--runtime={SYNC_PROBE_SECONDS}"])
    writes = done["write"]["total_ios"]
    return done["write"]["runtime"] * 1000 / writes if writes else 0
