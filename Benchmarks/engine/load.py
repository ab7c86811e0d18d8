"""Sizes that all sides share, as arguments of the programs and as text."""

from dataclasses import dataclass, replace

MIB = 1 << 20
KEY_BYTES = 16


@dataclass(frozen=True)
class Load:
    """Keys, values, memory and regime of a row."""

    keys: int
    value_bytes: int
    memtable_bytes: int = 64 * MIB
    direct: bool = False
    synced: bool = False

    @property
    def data_bytes(self) -> int:
        return self.keys * (KEY_BYTES + self.value_bytes)

    @property
    def cache_bytes(self) -> int:
        """The data and half as much again; of direct reads a tenth of the data."""
        return self.data_bytes // 10 if self.direct else max(256 * MIB, self.data_bytes * 3 // 2)

    def arguments(self, seed: int = 1) -> list[str]:
        given = [
            "--keys", self.keys, "--value-bytes", self.value_bytes, "--memtable-bytes", self.memtable_bytes,
            "--cache-bytes", self.cache_bytes, "--seed", seed]
        return [*map(str, given), *(["--direct"] if self.direct else []), *(["--synced"] if self.synced else [])]

    def but(self, **changes) -> "Load":
        return replace(self, **changes)

    @property
    def regime(self) -> str:
        return "direct" if self.direct else "cached"

    def name(self, workload: str) -> str:
        """Of a row."""
        return f"{workload}-{self.value_bytes}-{self.regime}"

    def text(self) -> str:
        """As it stands in a row's note."""
        reads = (
            "tables read and written past the page cache, block cache of a tenth of the data" if self.direct
            else "block cache larger than the data")
        return (
            f"{self.keys:,} keys of {KEY_BYTES} bytes, values of {self.value_bytes:,} that compress to half "
            f"({self.data_bytes / 1e6:,.0f} MB); memtable {self.memtable_bytes / MIB:g} MiB, {reads} "
            f"({self.cache_bytes // MIB} MiB); filters of 10 bits a key")


def both(size, direct: bool) -> list[Load]:
    """With values of 100 bytes, and of 1 KB."""
    small = Load(keys=size.small_keys, value_bytes=100, direct=direct, memtable_bytes=size.memtable_bytes)
    return [small, small.but(keys=size.large_keys, value_bytes=1024)]
