"""Starts the daemon under test, and knows its identities."""

import dataclasses
import os
import pathlib
import queue
import re
import signal
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]

# The identities of every server that the tests start: the default one, and another account's.
CONFIGURATION = """
[[identity]]
name = "test"
account_id = "000000000000"
access_key = "test"
secret_key = "test"

[[identity]]
name = "other"
account_id = "111122223333"
access_key = "OTHERKEYOTHERKEY"
secret_key = "another/secret+key"
"""
OTHER = {"aws_access_key_id": "OTHERKEYOTHERKEY", "aws_secret_access_key": "another/secret+key"}


def binary():
    """The program under test: $VARVE_BINARY, or what was built last."""
    if named := os.environ.get("VARVE_BINARY"):
        return named
    built = [ROOT / ".build" / kind / "varve" for kind in ("release", "debug")]
    existing = [path for path in built if path.exists()]
    if not existing:
        raise AssertionError("no varve program: build it, or set VARVE_BINARY")
    return str(max(existing, key=lambda path: path.stat().st_mtime))


@dataclasses.dataclass
class Server:
    """A running daemon."""

    process: subprocess.Popen
    endpoint: str
    directory: pathlib.Path
    ca_bundle: str | None = None
    data: pathlib.Path | None = None

    def __post_init__(self):
        self.data = self.data or self.directory / "data"

    @property
    def host(self):
        return self.endpoint.split("://")[1]

    @property
    def port(self):
        return int(self.host.rsplit(":", 1)[1])

    def stop(self, sig=signal.SIGTERM):
        self.process.send_signal(sig)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("the daemon did not stop within 30 s of being asked")


def start(directory, *arguments, ca_bundle=None, identities=CONFIGURATION, data=None):
    """Starts a daemon on a free port and waits for its ready line. Its data is in `directory/data`, or where told."""
    data = data or directory / "data"
    directory.mkdir(parents=True, exist_ok=True)
    configuration = directory / "varve.toml"
    configuration.write_text(identities)
    log = open(directory / "server.log", "ab")
    process = subprocess.Popen(
        [binary(), "serve", "--data-dir", str(data), "--listen", "127.0.0.1:0", "--config",
         str(configuration), *arguments],
        stdout=subprocess.PIPE, stderr=log, env={k: v for k, v in os.environ.items() if not k.startswith("VARVE_")})
    lines = queue.Queue()

    def read():
        for line in process.stdout:
            lines.put(line.decode())
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=60)
        except queue.Empty:
            line = None
        if line is None:
            process.kill()
            raise AssertionError(f"the daemon is not ready; {(directory / 'server.log').read_text()[-2000:]}")
        if found := re.search(r"endpoint=(https?://\S+)", line):
            return Server(process, found[1], directory, ca_bundle, data)


def make_certificates(directory):
    """A certificate authority of the tests, and a certificate of it for this machine."""
    directory.mkdir(parents=True, exist_ok=True)

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Varve test authority",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "server.key",
            "-out", "server.csr", "-subj", "/CN=localhost")
    (directory / "extensions").write_text(
        "subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "extensions", "-out", "server.pem")
    return directory


def clock(of, *arguments, check=True):
    """Runs `varve clock` for a server."""
    done = subprocess.run(
        [binary(), "clock", *map(str, arguments), "--data-dir", str(of.data), "--endpoint", of.endpoint],
        capture_output=True, text=True, timeout=120,
        env={name: value for name, value in os.environ.items() if not name.startswith("VARVE_")})
    if check:
        assert done.returncode == 0, done.stderr
    return done
