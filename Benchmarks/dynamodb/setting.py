"""What a run is: how much, where, and with which programs."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Size:
    """The numbers of one size. `ours` are for what answers thousands a second, `theirs` for what answers hundreds."""

    rounds: int
    # New items that a round puts.
    puts_ours: int
    puts_theirs: int
    # Items that are read at random, and for how long.
    stored: int
    read_seconds: float
    # Partition keys of the table that is queried.
    collections: int
    batches_ours: int
    batches_theirs: int
    updates_ours: int
    updates_theirs: int
    # The large table.
    table_items: int
    restarts: int


DEFAULT = Size(
    rounds=5, puts_ours=40_000, puts_theirs=2_000, stored=5_000, read_seconds=4, collections=50, batches_ours=2_000,
    batches_theirs=60, updates_ours=40_000, updates_theirs=2_000, table_items=500_000, restarts=5)

FULL = Size(
    rounds=5, puts_ours=100_000, puts_theirs=5_000, stored=20_000, read_seconds=8, collections=200, batches_ours=4_000,
    batches_theirs=200, updates_ours=100_000, updates_theirs=5_000, table_items=5_000_000, restarts=5)

QUICK = Size(
    rounds=3, puts_ours=10_000, puts_theirs=500, stored=1_000, read_seconds=1, collections=20, batches_ours=400,
    batches_theirs=20, updates_ours=10_000, updates_theirs=500, table_items=50_000, restarts=3)

# Every program, row and check once, so that the tests can say that they work. No number in it means anything.
SMOKE = Size(
    rounds=1, puts_ours=100, puts_theirs=32, stored=50, read_seconds=1, collections=2, batches_ours=10,
    batches_theirs=8, updates_ours=256, updates_theirs=128, table_items=1_000, restarts=1)


@dataclass
class Setting:
    """Passed to every group of rows."""

    size: Size
    directory: Path
    varve: Path
    # Only built for the rows that stand beside it.
    floor: Path | None
    _numbers: itertools.count = field(default_factory=itertools.count)

    def place(self, name: str) -> Path:
        """A new directory for a server or a group's files."""
        path = self.directory / f"{next(self._numbers):03d}-{name}"
        path.mkdir()
        return path
