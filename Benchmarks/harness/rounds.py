"""Samples, and rounds in which the measured take turns."""

import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Samples:
    """The values of one measured thing, one a round."""

    values: list[float] = field(default_factory=list)

    def add(self, value: float) -> None:
        self.values.append(value)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def spread(self) -> list[float]:
        """The least and the greatest."""
        return [min(self.values), max(self.values)]


def settle() -> None:
    """Puts on disk what anybody left in the page cache, off the clock: nobody pays for another's writes."""
    os.sync()


def forget(directory: Path) -> None:
    """Puts the files below on disk and takes them out of the page cache."""
    settle()
    for file in directory.rglob("*"):
        if file.is_file() and not file.is_symlink():
            descriptor = os.open(file, os.O_RDONLY)
            try:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def alternate(rounds: int, turns: dict[str, Callable[[int], dict[str, float]]]) -> dict[str, dict[str, Samples]]:
    """Runs every turn once a round, in an order that reverses each round, after one round that is not counted.

    A turn is given the number of its round, 0 being the one that is not counted, and answers its measurements by name.
    The result is by the name of the turn, then by the name of the measurement.
    """
    results: dict[str, dict[str, Samples]] = {name: {} for name in turns}
    for number in range(rounds + 1):
        order = list(turns) if number % 2 == 0 else list(reversed(turns))
        for name in order:
            settle()
            measured = turns[name](number)
            if number == 0:
                continue
            for key, value in measured.items():
                results[name].setdefault(key, Samples()).add(value)
    return results
