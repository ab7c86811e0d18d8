"""The AWS SDK for Go, version 2 as Debian has it: its waiters, paginators, expressions, error types and checksums.

The program is below go/, and each of its checks is a test here."""

import os
import pathlib
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).parent / "go"
CHECKS = [
    "tables", "items", "conditions", "queries", "scans", "batches", "transactions", "statements", "streams",
    "checksums", "retries", "objects", "uploads"]
# Debian's Go libraries are sources in a GOPATH; nothing is fetched.
ENVIRONMENT = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": ""}


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The program, built. A machine without Go or its libraries fails here, and tells what to install."""
    built = tmp_path_factory.mktemp("go") / "varve-go"
    environment = {"HOME": str(built.parent), **os.environ, **ENVIRONMENT}
    try:
        outcome = subprocess.run(
            ["go", "build", "-o", str(built), "."], cwd=SOURCE, env=environment, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.fail("go is not installed: scripts/bootstrap test installs it")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return built


def test_no_check_is_left_out(program):
    listed = subprocess.run([program, "list"], capture_output=True, text=True, check=True)
    assert listed.stdout.split() == CHECKS


@pytest.mark.parametrize("check", CHECKS)
def test_go(program, server, check):
    outcome = subprocess.run(
        [program, "run", server.endpoint, check], capture_output=True, text=True, timeout=120)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "ok\n", "")
