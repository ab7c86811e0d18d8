"""What a run is: how much, where, and with which programs."""

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.peers import Peer
from engine.sizes import Size

OURS = "Varve"


@dataclass
class Setting:
    """Passed to every group of rows."""

    size: Size
    directory: Path
    ours: Peer
    peers: list[Peer]
    _numbers: itertools.count = field(default_factory=itertools.count)

    def sides(self, direct: bool = False, only_rocksdb: bool = False) -> list[Peer]:
        """Ours and the peers that can run such rows."""
        peers = [
            peer for peer in self.peers
            if (peer.has_direct or not direct) and (peer.is_rocksdb or not only_rocksdb)]
        return [self.ours, *peers]

    def rounds_of(self, side: Peer) -> int:
        return self.size.rounds if side is self.ours or side.is_rocksdb else self.size.other_rounds

    @contextmanager
    def place(self, name: str) -> Iterator[Path]:
        """A directory for a store, that is deleted after its use."""
        path = self.directory / f"{next(self._numbers):03d}-{name.partition(' (')[0].replace(' ', '-').lower()}"
        path.mkdir()
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
