"""Durable commits: one key each, synced before the answer."""

from harness.report import Row, Target
from engine import rows, turns
from engine.load import Load
from engine.setting import OURS, Setting

TARGETS = {1: 1.2, 16: 2.5, 64: 3.0}


def run(setting: Setting) -> list[Row]:
    load = Load(keys=1_000_000, value_bytes=100, synced=True)
    seconds = setting.pick(5, 2)
    found: list[Row] = []
    for threads, target in TARGETS.items():
        results = turns.fresh(
            setting, setting.sides(), load, [f"fillsync:sync:threads={threads}:seconds={seconds}"])
        found.append(rows.throughput_row(
            f"fillsync-{threads}", f"durable commits of one key, {threads} threads", results, "fillsync", OURS,
            note="every commit synced to the device before it is acknowledged, on all sides; random keys in a new "
                 f"store; {load.text()}", target=Target(target, at_least=True)))
    return found
