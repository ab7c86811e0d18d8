"""Runs the engine's benchmark: see docs/benchmarks.md."""

import sys
from pathlib import Path

from harness import command
from engine import basic, fillsync, peers
from engine.setting import OURS, Setting

GROUPS = {
    "fillsync": fillsync.run, "write": basic.write_cached, "read": basic.read_cached,
    "write-direct": basic.write_direct, "read-direct": basic.read_direct}

# Beside the virtual environment that scripts/bench made: kept from run to run.
WHEEL_DIRECTORY = Path(sys.prefix) / "wheels"


def main() -> int:
    parser = command.parser("engine", "Measures the engine beside RocksDB, LevelDB, LMDB and fio.", list(GROUPS))
    parser.add_argument(
        "--enginebench", type=Path, metavar="PATH", help="measure this program instead of building one")
    options = parser.parse_args()

    def setting(directory: Path, _: list[str]) -> Setting:
        programs = directory / "programs"
        programs.mkdir()
        ours = options.enginebench.resolve() if options.enginebench else command.build("enginebench", command.ROOT)
        return Setting(
            quick=options.quick, directory=directory, ours=peers.Peer(OURS, ours, has_direct=True),
            peers=peers.build(programs, WHEEL_DIRECTORY))

    return command.run("engine", options, GROUPS, setting)


if __name__ == "__main__":
    sys.exit(main())
