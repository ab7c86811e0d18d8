"""Runs the S3 benchmark: see docs/benchmarks.md."""

import sys
from pathlib import Path

from harness import command
from s3 import large, listing, memory, page_server, recovery, small, startup
from s3.setting import Setting
from s3.signing import check_against_botocore

GROUPS = {
    "startup": startup.run, "small": small.run, "nginx": page_server.run, "large": large.run, "list": listing.run,
    "memory": memory.run, "recovery": recovery.run}


def main() -> int:
    parser = command.parser("s3", "Measures S3 beside SeaweedFS, nginx and a floor.", list(GROUPS))
    parser.add_argument("--varve", type=Path, metavar="PATH", help="measure this program instead of building one")
    options = parser.parse_args()

    def setting(directory: Path, groups: list[str]) -> Setting:
        check_against_botocore()
        return Setting(
            quick=options.quick, directory=directory,
            varve=options.varve.resolve() if options.varve else command.build("varve", command.ROOT),
            weed=Path(sys.prefix) / "bin" / "weed",
            floor=command.build("floor", command.ROOT / "Benchmarks" / "Floor") if "small" in groups else None)

    return command.run("s3", options, GROUPS, setting)


if __name__ == "__main__":
    sys.exit(main())
