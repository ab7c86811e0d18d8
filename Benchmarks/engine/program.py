"""One run of a program under measurement, ours or a peer's: they take the same arguments and print the same lines."""

import json
import subprocess
from pathlib import Path

from harness.failure import CannotRun

# A run that takes longer has hung.
RUN_SECONDS_MAX = 3600


def run(program: Path, directory: Path, arguments: list[str], workloads: list[str]) -> dict[str, dict]:
    """Runs the workloads and answers what was printed for each, by name; `open` is the first."""
    command = [str(program), str(directory), *arguments, *workloads]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS_MAX)
    except subprocess.TimeoutExpired as error:
        raise CannotRun(f"{program.name} {' '.join(workloads)} did not end") from error
    killed = done.returncode == -9 and workloads[-1] == "kill"
    if done.returncode != 0 and not killed:
        said = done.stderr.strip()[-600:] or "nothing"
        raise CannotRun(f"{program.name} {' '.join(workloads)} ended with {done.returncode}; it said: {said}")
    results = {}
    for line in done.stdout.splitlines():
        result = json.loads(line)
        results[result["workload"]] = result
    return results
