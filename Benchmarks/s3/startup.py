"""An empty store: how soon it is ready, and what it holds in memory then."""

import time

from harness.report import Row, Target
from harness.rounds import Samples
from harness.servers import Varve
from s3.setting import Setting

# Seconds after the ready line at which the idle size is read.
IDLE_SECONDS = 2


def run(setting: Setting) -> list[Row]:
    ready, idle = Samples(), Samples()
    for _ in range(setting.rounds):
        with Varve(setting.place("varve"), setting.varve).start() as varve:
            ready.add(varve.ready_seconds * 1000)
            time.sleep(IDLE_SECONDS)
            idle.add(varve.resident_bytes() / 1e6)
    return [
        Row(name="ready-empty", what="start to ready line, empty directory", unit="ms", ours=ready,
            target=Target(200, at_least=False, of="ours"), note="From the start of the process to its ready line."),
        Row(name="idle-rss", what="resident memory, idle, empty store", unit="MB", ours=idle,
            target=Target(40, at_least=False, of="ours"), note=f"VmRSS {IDLE_SECONDS} s after the ready line."),
    ]
