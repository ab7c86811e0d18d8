"""What every benchmark's command does: arguments, heading, groups one after the other, table, JSON lines."""

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
from collections.abc import Callable
from pathlib import Path

from harness.failure import CannotRun
from harness.report import Row, print_table

ROOT = Path(__file__).resolve().parents[2]


def parser(name: str, description: str, groups: list[str]) -> argparse.ArgumentParser:
    """The arguments that all benchmarks have."""
    result = argparse.ArgumentParser(
        prog=f"scripts/bench {name}", description=description + " docs/benchmarks.md says how to read it.",
        epilog="Exit status: 0 all rows were run, whatever their numbers; 1 a row could not be run; 2 wrong usage.")
    result.add_argument(
        "--quick", action="store_true", help="less of everything: shows that it works, not how fast it is")
    result.add_argument("--json", type=Path, metavar="FILE", help="append one JSON object a row to FILE")
    result.add_argument(
        "--only", action="append", choices=groups, metavar="GROUP",
        help=f"one group of rows, may be repeated: {', '.join(groups)}")
    result.add_argument(
        "--dir", type=Path, default=Path("/var/tmp"),
        help="where the temporary directory is made (default: %(default)s)")
    result.add_argument(
        "--keep", action="store_true", help="stop at a row that cannot be run, and leave its data and logs there")
    return result


def build(product: str, package: Path) -> Path:
    """Builds a release and answers where it lies."""
    common = ["swift", "build", "-c", "release", "--package-path", str(package)]
    done = subprocess.run([*common, "--product", product], stdout=sys.stderr)
    if done.returncode != 0:
        raise CannotRun(f"{product} could not be built")
    shown = subprocess.run([*common, "--show-bin-path"], capture_output=True, text=True, check=True)
    return Path(shown.stdout.strip()) / product


def _file_system(path: Path) -> str:
    shown = subprocess.run(["df", "--output=fstype", str(path)], capture_output=True, text=True).stdout.split()
    return shown[-1] if shown else "unknown"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _context(options: argparse.Namespace) -> dict:
    """What every JSON line says of its run."""
    commit = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    return {
        "quick": options.quick, "commit": commit or None, "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": {
            "cpus": os.cpu_count(), "processor": _processor(), "kernel": platform.release(),
            "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            "file_system": _file_system(options.dir)}}


def run(
    name: str, options: argparse.Namespace, groups: dict[str, Callable],
    make_setting: Callable[[Path, list[str]], object],
) -> int:
    """Runs the groups asked for and reports. `make_setting` is given the temporary directory and their names."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    about = _context(options)
    machine = about["machine"]
    print(
        f"{name}{', quick: not for comparison' if options.quick else ''} · "
        f"{machine['cpus']} × {machine['processor']} · Linux {machine['kernel']} · "
        f"{machine['file_system']} at {options.dir} · {about['commit'] or 'no commit'} · "
        f"load {os.getloadavg()[0]:.1f}")
    if machine["file_system"] == "tmpfs":
        print("warning: the directory is in memory, where a sync is free; name another with --dir", file=sys.stderr)
    directory = Path(tempfile.mkdtemp(prefix="varve-bench-", dir=options.dir))
    names = options.only or list(groups)
    rows: list[Row] = []

    def note(found: list[Row]) -> None:
        # At once: what ends the run early leaves what was measured.
        rows.extend(found)
        if options.json:
            with open(options.json, "a") as out:
                out.writelines(row.as_json(about) + "\n" for row in found)

    try:
        setting = make_setting(directory, names)
        for group in names:
            note(_run_group(group, groups[group], setting))
            if options.keep and rows and rows[-1].failure:
                break
            # The next group needs the room.
            for left in directory.glob("[0-9]*"):
                shutil.rmtree(left, ignore_errors=True)
    except CannotRun as error:
        note([Row(name="setup", what="setup", unit="", failure=str(error))])
    finally:
        if options.keep and any(row.failure for row in rows):
            print(f"kept: {directory}", file=sys.stderr)
        else:
            shutil.rmtree(directory, ignore_errors=True)
        print()
        print_table(rows, sys.stdout)
    return 1 if any(row.failure for row in rows) else 0


def _run_group(name: str, group: Callable, setting: object) -> list[Row]:
    """The rows of one group; one row that says why when they cannot be had."""
    begun = time.monotonic()
    print(f"{name} …", end=" ", file=sys.stderr, flush=True)
    try:
        rows = group(setting)
    except (CannotRun, OSError, subprocess.SubprocessError) as error:
        if not isinstance(error, CannotRun):
            traceback.print_exc()
        rows = [Row(name=name, what=name, unit="", failure=str(error))]
    print(f"{time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return rows
