"""Turns: every side runs the same workloads, round after round."""

from collections.abc import Callable
from pathlib import Path

from harness.failure import CannotRun
from harness.rounds import settle
from engine import program, space
from engine.load import Load
from engine.peers import Peer
from engine.rows import Results
from engine.setting import OURS, Setting


def alternate(
    setting: Setting, sides: list[Peer], turn: Callable[[Peer, int], dict[str, dict]], peers_once: bool = False,
) -> Results:
    """Every side once a round, in an order that reverses each round. `peers_once`: they explain, and decide nothing."""
    results: Results = {side.name: {} for side in sides}
    for number in range(setting.size.rounds):
        for side in sides if number % 2 == 0 else reversed(sides):
            if number >= (1 if peers_once and side is not setting.ours else setting.rounds_of(side)):
                continue
            settle()
            for workload, printed in turn(side, number).items():
                results[side.name].setdefault(workload, []).append(printed)
    _check_equal_work(results)
    return results


def _check_equal_work(results: Results) -> None:
    """Workloads of a fixed number of operations on one thread must have used the same keys everywhere, and reads must
    have found something and compared it."""
    for workload, ours in results[OURS].items():
        reads = workload.startswith(("readr", "readw", "seek", "ycsb", "list", "warm"))
        counted = workload in ("fillseq", "load", "fillrandom", "overwrite")
        for side, all_printed in results.items():
            for printed, other in zip(ours, all_printed[workload]):
                if reads and not (other["found"] and other["verified"]):
                    raise CannotRun(f"{side} found nothing, or verified nothing, in {workload}")
                if workload == "readmissing" and other["found"]:
                    raise CannotRun(f"{side} found keys that nobody wrote")
                if counted and (other["key_sum"], other["operations"]) != (printed["key_sum"], printed["operations"]):
                    raise CannotRun(f"{side} did other work than {OURS} in {workload}")


def fresh(
    setting: Setting, sides: list[Peer], load: Load, workloads: list[str], peers_once: bool = False,
) -> Results:
    """Each turn on a new store. Under `space` stands what it takes in the end, closed."""
    def turn(side: Peer, number: int) -> dict[str, dict]:
        with setting.place(side.name) as place:
            results = program.run(side.program, place / "store", load.arguments(seed=number + 1), workloads)
            return {**results, "space": space.measure(place / "store")}
    return alternate(setting, sides, turn, peers_once)


def on_loaded(
    setting: Setting, sides: list[Peer], load: Load, filling: list[str], workloads: list[str], places: dict[str, Path],
) -> Results:
    """Fills a store for each side once; then each turn opens it anew."""
    for side in sides:
        program.run(side.program, places[side.name] / "store", load.arguments(), filling)

    def turn(side: Peer, number: int) -> dict[str, dict]:
        return program.run(side.program, places[side.name] / "store", load.arguments(seed=number + 1), workloads)
    return alternate(setting, sides, turn)
