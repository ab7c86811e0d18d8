"""Recovery after a kill under write load."""

import time
from pathlib import Path

from harness import wrk
from harness.failure import CannotRun
from harness.report import Row, Target
from harness.rounds import Samples
from harness.servers import Varve
from s3 import content
from s3.content import SMALL_BYTES
from s3.logs import unread_log_bytes
from s3.setting import Setting
from s3.signing import write_targets

MIB = 1 << 20
LOG_UNIT = 64 * MIB
CONNECTIONS = 16

# Objects that are read back whole after each restart.
VERIFIED = 1000


def run(setting: Setting) -> list[Row]:
    count = setting.pick(262_144, 8_192)
    files = setting.place("recovery")
    tail = content.write_body_tail(files, SMALL_BYTES)
    keys = content.shuffled_keys("stays", count)
    churn = content.shuffled_keys("churn", setting.pick(100_000, 5_000))
    per_unit, ready, replayed = Samples(), Samples(), Samples()
    varve = Varve(setting.place("varve"), setting.varve)
    with varve.start():
        content.create_bucket(varve)
        targets = write_targets(files / "targets", content.host_of(varve), "PUT", content.BUCKET, keys)
        wrk.run(varve, wrk.Load("PUT", targets, CONNECTIONS, answer_bytes=0, body_tail=tail))
        for _ in range(setting.rounds):
            _kill_under_load(varve, files, churn, tail, seconds=setting.pick(4, 1.5))
            log_bytes = unread_log_bytes(varve.data_directory)
            varve.start()
            ready.add(varve.ready_seconds * 1000)
            replayed.add(log_bytes / MIB)
            if log_bytes > 0:
                per_unit.add(varve.ready_seconds / (log_bytes / LOG_UNIT))
            content.verify_small(varve, keys[:VERIFIED], tail.read_bytes())
    if not per_unit.values:
        raise CannotRun("no kill left a log behind")
    return [Row(
        name="recovery", what=f"restart after a kill under load, {count:,} objects of 4 KiB, for each 64 MiB of log",
        unit="s", ours=per_unit, target=Target(1, at_least=False, of="ours"),
        note="From the start of the process to its ready line, divided by the length of the log that it has to read: "
             f"from the manifest's log start to the last frame; after each restart {VERIFIED:,} objects are read back "
             "and compared.",
        details={
            "restart, ms": (ready.median, None), "slowest restart, ms": (max(ready.values), None),
            "log, MiB": (replayed.median, None)})]


def _kill_under_load(varve: Varve, files: Path, keys: list[str], tail: Path, seconds: float) -> None:
    targets = write_targets(files / "targets", content.host_of(varve), "PUT", content.BUCKET, keys)
    load = wrk.start(varve, wrk.Load(
        "PUT", targets, CONNECTIONS, answer_bytes=0, body_tail=tail, seconds=seconds + 10))
    try:
        time.sleep(seconds)
        varve.check_alive()
        varve.kill()
    finally:
        # Its server is gone: what it would say has no meaning.
        load.kill()
        load.communicate()
