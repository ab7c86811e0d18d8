"""How much a run does: four sizes, chosen on the command line."""

from dataclasses import dataclass

KIB = 1 << 10
MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True)
class Size:
    """The numbers of one size. Times are in seconds."""

    name: str
    # Turns of ours and RocksDB, and of the others, which explain and decide nothing.
    rounds: int
    other_rounds: int
    memtable_bytes: int
    # Keys with values of 100 bytes and of 1 KB.
    small_keys: int
    large_keys: int
    fillsync_seconds: float
    read_seconds: float
    contention_seconds: float
    ycsb_direct: bool
    # The long overwrite; only at --full it is as long as the target says.
    steady_keys: int
    steady_seconds: float
    # Large values: bytes written in a turn.
    large_bytes: int
    # Bytes deleted beside durable commits, and the time that is measured.
    deleted_bytes: int
    deleting_seconds: float
    deleting_rounds: int
    listing_keys: int
    opening_keys: int
    # Puts before each kill: more than memtables hold, so that the log is as long as it gets.
    opening_overwrites: int
    memory_keys: int


FULL = Size(
    name="full", rounds=5, other_rounds=5, memtable_bytes=64 * MIB, small_keys=4_000_000, large_keys=1_000_000,
    fillsync_seconds=5, read_seconds=4, contention_seconds=5, ycsb_direct=True, steady_keys=4_000_000,
    steady_seconds=300, large_bytes=8 * GIB, deleted_bytes=10 * GIB, deleting_seconds=30, deleting_rounds=3,
    listing_keys=1_000_000, opening_keys=10_000_000, opening_overwrites=2_000_000, memory_keys=1_000_000)

DEFAULT = Size(
    name="default", rounds=3, other_rounds=1, memtable_bytes=16 * MIB, small_keys=600_000, large_keys=100_000,
    fillsync_seconds=2.5, read_seconds=1.2, contention_seconds=2.5, ycsb_direct=False, steady_keys=1_000_000,
    steady_seconds=30, large_bytes=2 * GIB, deleted_bytes=10 * GIB, deleting_seconds=20, deleting_rounds=1,
    listing_keys=1_000_000, opening_keys=10_000_000, opening_overwrites=1_000_000, memory_keys=300_000)

QUICK = Size(
    name="quick", rounds=3, other_rounds=1, memtable_bytes=4 * MIB, small_keys=100_000, large_keys=20_000,
    fillsync_seconds=1, read_seconds=0.5, contention_seconds=1, ycsb_direct=False, steady_keys=100_000,
    steady_seconds=10, large_bytes=512 * MIB, deleted_bytes=GIB, deleting_seconds=5, deleting_rounds=1,
    listing_keys=200_000, opening_keys=1_000_000, opening_overwrites=500_000, memory_keys=50_000)

# Every program, workload and check once, so that the tests can say that they work. No number in it means anything.
SMOKE = Size(
    name="smoke", rounds=1, other_rounds=1, memtable_bytes=256 * KIB, small_keys=3_000, large_keys=500,
    fillsync_seconds=0.05, read_seconds=0.05, contention_seconds=0.05, ycsb_direct=False, steady_keys=4_000,
    steady_seconds=0.3, large_bytes=16 * MIB, deleted_bytes=16 * MIB, deleting_seconds=0.5, deleting_rounds=1,
    listing_keys=4_000, opening_keys=10_000, opening_overwrites=2_500, memory_keys=4_000)
