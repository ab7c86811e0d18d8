"""Runs the S3 benchmark: see docs/benchmarks.md."""

import argparse
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from harness.failure import CannotRun
from harness.report import Row, print_table
from s3 import large, listing, memory, page_server, recovery, small, startup
from s3.setting import Setting
from s3.signing import check_against_botocore

GROUPS = {
    "startup": startup.run, "small": small.run, "nginx": page_server.run, "large": large.run, "list": listing.run,
    "memory": memory.run, "recovery": recovery.run}

ROOT = Path(__file__).resolve().parents[2]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench s3",
        description="Measures S3 beside SeaweedFS, nginx and a floor. docs/benchmarks.md says how to read it.",
        epilog="Exit status: 0 all rows were run, whatever their numbers; 1 a row could not be run; 2 wrong usage.")
    parser.add_argument(
        "--quick", action="store_true", help="fewer objects and rounds: shows that it works, not how fast it is")
    parser.add_argument("--json", type=Path, metavar="FILE", help="append one JSON object a row to FILE")
    parser.add_argument(
        "--only", action="append", choices=list(GROUPS), metavar="GROUP",
        help=f"one group of rows, may be repeated: {', '.join(GROUPS)}")
    parser.add_argument("--varve", type=Path, metavar="PATH", help="measure this program instead of building one")
    parser.add_argument(
        "--dir", type=Path, default=Path("/var/tmp"),
        help="where the temporary directory is made (default: %(default)s)")
    parser.add_argument(
        "--keep", action="store_true", help="stop at a row that cannot be run, and leave its data and logs there")
    return parser.parse_args()


def build(product: str, package: Path) -> Path:
    """Builds a release and answers where it lies."""
    common = ["swift", "build", "-c", "release", "--package-path", str(package)]
    done = subprocess.run([*common, "--product", product], stdout=sys.stderr)
    if done.returncode != 0:
        raise CannotRun(f"{product} could not be built")
    shown = subprocess.run([*common, "--show-bin-path"], capture_output=True, text=True, check=True)
    return Path(shown.stdout.strip()) / product


def file_system(path: Path) -> str:
    shown = subprocess.run(["df", "--output=fstype", str(path)], capture_output=True, text=True).stdout.split()
    return shown[-1] if shown else "unknown"


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def context(options: argparse.Namespace) -> dict:
    """What every JSON line says of its run."""
    commit = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    return {
        "quick": options.quick, "commit": commit or None, "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": {
            "cpus": os.cpu_count(), "processor": processor(), "kernel": platform.release(),
            "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            "file_system": file_system(options.dir)}}


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    about = context(options)
    machine = about["machine"]
    print(
        f"s3{', quick: not for comparison' if options.quick else ''} · {machine['cpus']} × {machine['processor']} · "
        f"Linux {machine['kernel']} · {machine['file_system']} at {options.dir} · {about['commit'] or 'no commit'} · "
        f"load {os.getloadavg()[0]:.1f}")
    if machine["file_system"] == "tmpfs":
        print("warning: the directory is in memory, where a sync is free; name another with --dir", file=sys.stderr)
    directory = Path(tempfile.mkdtemp(prefix="varve-bench-", dir=options.dir))
    groups = options.only or list(GROUPS)
    rows: list[Row] = []
    try:
        check_against_botocore()
        setting = Setting(
            quick=options.quick, directory=directory,
            varve=options.varve.resolve() if options.varve else build("varve", ROOT),
            weed=Path(sys.prefix) / "bin" / "weed",
            floor=build("floor", ROOT / "Benchmarks" / "Floor") if "small" in groups else None)
        for name in groups:
            rows += run_group(name, setting)
            if options.keep and rows[-1].failure:
                break
            # The next group needs the room.
            for left in directory.iterdir():
                shutil.rmtree(left, ignore_errors=True)
    except CannotRun as error:
        rows.append(Row(name="setup", what="setup", unit="", failure=str(error)))
    finally:
        if options.keep and any(row.failure for row in rows):
            print(f"kept: {directory}", file=sys.stderr)
        else:
            shutil.rmtree(directory, ignore_errors=True)
    print()
    print_table(rows, sys.stdout)
    if options.json:
        with open(options.json, "a") as out:
            out.writelines(row.as_json(about) + "\n" for row in rows)
    return 1 if any(row.failure for row in rows) else 0


def run_group(name: str, setting: Setting) -> list[Row]:
    """The rows of one group; one row that says why when they cannot be had."""
    begun = time.monotonic()
    print(f"{name} …", end=" ", file=sys.stderr, flush=True)
    try:
        rows = GROUPS[name](setting)
    except (CannotRun, OSError, subprocess.SubprocessError) as error:
        if not isinstance(error, CannotRun):
            traceback.print_exc()
        rows = [Row(name=name, what=name, unit="", failure=str(error))]
    print(f"{time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())
