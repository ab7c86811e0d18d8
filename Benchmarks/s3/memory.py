"""Peak memory while several clients upload large files by multipart at once."""

import hashlib
import subprocess
import sys
import time

from harness.failure import CannotRun
from harness.report import Row, Target
from harness.rounds import Samples, settle
from harness.servers import Varve
from s3 import content
from s3.setting import Setting

CLIENTS = 8
MIB = 1 << 20

# The engine's memory budget when nothing is configured, in MB: the row is what lies above it.
BUDGET_MB = 256 * MIB / 1e6

# A round moves 8 GiB, so there are fewer of them than elsewhere.
ROUNDS = 3

UPLOAD_SECONDS_MAX = 900


def run(setting: Setting) -> list[Row]:
    size = setting.pick(1024, 64) * MIB
    files = setting.place("memory")
    file = content.write_random_file(files / "content", size)
    with open(file, "rb") as stream:
        expected = hashlib.file_digest(stream, "sha256").hexdigest()
    above, speed = Samples(), Samples()
    for _ in range(ROUNDS):
        settle()
        place = setting.place("varve")
        with Varve(place, setting.varve).start() as varve:
            content.create_bucket(varve)
            begun = time.perf_counter()
            _upload(varve, str(file))
            speed.add(CLIENTS * size / (time.perf_counter() - begun) / 1e6)
            above.add(varve.peak_resident_bytes() / 1e6 - BUDGET_MB)
            with content.Client(varve) as client:
                got = client.must("GET", f"/{content.BUCKET}/upload-{CLIENTS - 1}")
            if hashlib.sha256(got).hexdigest() != expected:
                raise CannotRun("an uploaded object came back with other bytes")
        # The next round needs the room.
        subprocess.run(["rm", "-rf", str(place)], check=True)
    return [Row(
        name="multipart-rss",
        what=f"peak resident memory above the budget, {CLIENTS} clients uploading {size // MIB} MiB each",
        unit="MB", ours=above, target=Target(150, at_least=False, of="ours"),
        note=f"VmHWM less {BUDGET_MB:.0f} MB (256 MiB, the default memory budget); a fresh server each round; clients "
             "are boto3 processes with their default transfer settings.",
        details={"all clients together, MB/s": (speed.median, None)})]


def _upload(varve: Varve, file: str) -> None:
    clients = [
        subprocess.Popen(
            [sys.executable, "-m", "s3.upload_client", varve.endpoint, content.BUCKET, f"upload-{number}", file],
            stderr=subprocess.PIPE, text=True)
        for number in range(CLIENTS)]
    try:
        for client in clients:
            _, errors = client.communicate(timeout=UPLOAD_SECONDS_MAX)
            if client.returncode != 0:
                raise CannotRun(f"an upload failed: {errors[-400:]}")
    finally:
        for client in clients:
            if client.poll() is None:
                client.kill()
                client.wait()
    varve.check_alive()
