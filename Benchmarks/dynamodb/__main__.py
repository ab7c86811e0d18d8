"""Runs the DynamoDB benchmark: see docs/benchmarks.md."""

import sys
from pathlib import Path

from dynamodb import batch, counter, items, latency, query, table
from dynamodb.setting import DEFAULT, FULL, QUICK, SMOKE, Setting
from dynamodb.signing import check_against_botocore
from harness import command

GROUPS = {
    "items": items.run, "latency": latency.run, "query": query.run, "batch": batch.run, "counter": counter.run,
    "table": table.run}


def main() -> int:
    parser = command.parser("dynamodb", "Measures DynamoDB beside ministack, moto, nginx and a floor.", list(GROUPS))
    parser.add_argument("--full", action="store_true", help="as the targets say: a table of 5,000,000 items")
    parser.add_argument(
        "--smoke", action="store_true", help="every program and row once, as small as can be: for the tests")
    parser.add_argument("--varve", type=Path, metavar="PATH", help="measure this program instead of building one")
    options = parser.parse_args()
    if options.quick + options.full + options.smoke > 1:
        parser.error("--quick, --full and --smoke are different sizes")
    size = SMOKE if options.smoke else QUICK if options.quick else FULL if options.full else DEFAULT
    options.quick = options.quick or options.smoke

    def setting(directory: Path, groups: list[str]) -> Setting:
        check_against_botocore()
        return Setting(
            size=size, directory=directory,
            varve=options.varve.resolve() if options.varve else command.build("varve", command.ROOT),
            floor=command.build("floor", command.ROOT / "Benchmarks" / "Floor") if "items" in groups else None)

    return command.run("dynamodb", options, GROUPS, setting)


if __name__ == "__main__":
    sys.exit(main())
