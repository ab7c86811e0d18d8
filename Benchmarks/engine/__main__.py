"""Runs the engine's benchmark: see docs/benchmarks.md."""

import sys
from pathlib import Path

from harness import command
from engine import contention, large, opening, peers, reading, steady, writing
from engine.setting import OURS, Setting
from engine.sizes import DEFAULT, FULL, QUICK, SMOKE

GROUPS = {
    "fillsync": contention.fillsync, "contention": contention.contention, "write": writing.cached,
    "write-direct": writing.direct, "read": reading.cached, "read-direct": reading.direct, "ycsb": reading.ycsb,
    "large": large.run, "steady": steady.overwrite, "deleting": steady.deleting, "listing": steady.listing,
    "opening": opening.opening, "memory": opening.memory}

# Beside the virtual environment that scripts/bench made: kept from run to run.
WHEEL_DIRECTORY = Path(sys.prefix) / "wheels"


def main() -> int:
    parser = command.parser("engine", "Measures the engine beside RocksDB, LevelDB, LMDB and fio.", list(GROUPS))
    parser.add_argument("--full", action="store_true", help="as the targets say: hours, and 40 GB free")
    parser.add_argument(
        "--smoke", action="store_true", help="every program and row once, as small as can be: for the tests")
    parser.add_argument(
        "--enginebench", type=Path, metavar="PATH", help="measure this program instead of building one")
    options = parser.parse_args()
    if options.quick + options.full + options.smoke > 1:
        parser.error("--quick, --full and --smoke are different sizes")
    if options.enginebench and not options.enginebench.is_file():
        parser.error(f"there is no {options.enginebench}")
    size = SMOKE if options.smoke else QUICK if options.quick else FULL if options.full else DEFAULT
    options.quick = options.quick or options.smoke

    def setting(directory: Path, _: list[str]) -> Setting:
        programs = directory / "programs"
        programs.mkdir()
        ours = options.enginebench.resolve() if options.enginebench else command.build("enginebench", command.ROOT)
        others = peers.build(programs, WHEEL_DIRECTORY)
        for peer in others:
            print(f"{peer.name}: {peer.about}")
        return Setting(
            size=size, directory=directory, ours=peers.Peer(OURS, ours, has_direct=True), peers=others)

    return command.run("engine", options, GROUPS, setting)


if __name__ == "__main__":
    sys.exit(main())
