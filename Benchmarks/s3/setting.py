"""What a run is: how much, where, and with which programs."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Setting:
    """Passed to every group of rows."""

    quick: bool
    directory: Path
    varve: Path
    weed: Path
    # Only built for the rows that stand beside it.
    floor: Path | None
    _numbers: itertools.count = field(default_factory=itertools.count)

    @property
    def rounds(self) -> int:
        return 3 if self.quick else 5

    def pick(self, full, quick):
        """The first in a full run, the second with --quick."""
        return quick if self.quick else full

    def place(self, name: str) -> Path:
        """A new directory for a server or a group's files."""
        path = self.directory / f"{next(self._numbers):03d}-{name}"
        path.mkdir()
        return path
