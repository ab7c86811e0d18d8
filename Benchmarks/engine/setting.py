"""What a run is: how much, where, and with which programs."""

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.peers import Peer

OURS = "Varve"
MIB = 1 << 20


@dataclass
class Setting:
    """Passed to every group of rows."""

    quick: bool
    directory: Path
    ours: Peer
    peers: list[Peer]
    _numbers: itertools.count = field(default_factory=itertools.count)

    @property
    def rounds(self) -> int:
        return 3 if self.quick else 5

    def pick(self, full, quick):
        """The first in a full run, the second with --quick."""
        return quick if self.quick else full

    def sides(self, direct: bool = False, only_rocksdb: bool = False) -> list[Peer]:
        """Ours and the peers that can run such rows."""
        peers = [
            peer for peer in self.peers
            if (peer.has_direct or not direct) and (peer.name.startswith("RocksDB") or not only_rocksdb)]
        return [self.ours, *peers]

    @contextmanager
    def place(self, name: str) -> Iterator[Path]:
        """A directory for a store, that is deleted after its use."""
        path = self.directory / f"{next(self._numbers):03d}-{name.replace(' ', '-').lower()}"
        path.mkdir()
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
