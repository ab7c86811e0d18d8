"""Turns: every side runs the same workloads, round after round."""

from collections.abc import Callable
from pathlib import Path

from harness.failure import CannotRun
from harness.rounds import settle
from engine import program
from engine.load import Load
from engine.peers import Peer
from engine.rows import Results
from engine.setting import OURS, Setting


def alternate(rounds: int, sides: list[Peer], turn: Callable[[Peer, int], dict[str, dict]]) -> Results:
    """Every side once a round, in an order that reverses each round."""
    results: Results = {side.name: {} for side in sides}
    for number in range(rounds):
        for side in sides if number % 2 == 0 else reversed(sides):
            settle()
            for workload, printed in turn(side, number).items():
                results[side.name].setdefault(workload, []).append(printed)
    _check_equal_work(results)
    return results


def _check_equal_work(results: Results) -> None:
    """Workloads of a fixed number of operations on one thread must have used the same keys everywhere, and reads must
    have found something and compared it."""
    for workload, ours in results[OURS].items():
        for number, printed in enumerate(ours):
            if "key_sum" not in printed:
                continue
            reads = workload.startswith(("readr", "readw", "seek", "ycsb", "list", "warm"))
            for side, all_printed in results.items():
                other = all_printed[workload][number]
                if reads and not (other["found"] and other["verified"]):
                    raise CannotRun(f"{side} found nothing, or verified nothing, in {workload}")
                if workload == "readmissing" and other["found"]:
                    raise CannotRun(f"{side} found keys that nobody wrote")
                counted = workload in ("fillseq", "load", "fillrandom", "overwrite")
                if counted and (other["key_sum"], other["operations"]) != (printed["key_sum"], printed["operations"]):
                    raise CannotRun(f"{side} did other work than {OURS} in {workload}")


def fresh(setting: Setting, sides: list[Peer], load: Load, workloads: list[str], rounds: int | None = None) -> Results:
    """Each turn on a new store."""
    def turn(side: Peer, number: int) -> dict[str, dict]:
        with setting.place(side.name) as place:
            return program.run(side.program, place / "store", load.arguments(seed=number + 1), workloads)
    return alternate(rounds or setting.rounds, sides, turn)


def on_loaded(
    setting: Setting, sides: list[Peer], load: Load, filling: list[str], workloads: list[str], places: dict[str, Path],
) -> Results:
    """Fills a store for each side once; then each turn opens it anew."""
    for side in sides:
        program.run(side.program, places[side.name] / "store", load.arguments(), filling)

    def turn(side: Peer, number: int) -> dict[str, dict]:
        return program.run(side.program, places[side.name] / "store", load.arguments(seed=number + 1), workloads)
    return alternate(setting.rounds, sides, turn)
