"""A page of common prefixes over many keys."""

import statistics
import time
from xml.etree import ElementTree

from harness import wrk
from harness.failure import CannotRun
from harness.report import Row, Target
from harness.rounds import alternate
from harness.servers import Varve
from s3 import content
from s3.setting import Setting
from s3.signing import write_targets

PREFIXES = 10
CALLS_A_ROUND = 20

# Keys whose signed targets one run of wrk holds in memory.
KEYS_A_RUN = 100_000

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def run(setting: Setting) -> list[Row]:
    count = setting.pick(1_000_000, 50_000)
    files = setting.place("listing")
    with Varve(setting.place("varve"), setting.varve).start() as varve:
        content.create_bucket(varve)
        tail = files / "no-tail"
        tail.write_bytes(b"")
        for first in range(0, count, KEYS_A_RUN):
            keys = [f"p{number % PREFIXES}/{number:07d}" for number in range(first, min(count, first + KEYS_A_RUN))]
            targets = write_targets(files / "targets", content.host_of(varve), "PUT", content.BUCKET, keys)
            wrk.run(varve, wrk.Load("PUT", targets, 16, answer_bytes=0, body_tail=tail))
        with content.Client(varve) as client:
            results = alternate(setting.rounds, {"varve": lambda _: _turn(client)})["varve"]
    return [Row(
        name="list-prefixes", what=f"delimiter page over {count:,} keys in {PREFIXES} common prefixes", unit="ms",
        ours=results["median"], target=Target(10, at_least=False, of="ours"),
        note=f"ListObjectsV2 on one connection; the median of {CALLS_A_ROUND} calls is a round's value.",
        details={"slowest call, ms": (max(results["slowest"].values), None)})]


def _turn(client: content.Client) -> dict[str, float]:
    times = []
    for _ in range(CALLS_A_ROUND):
        begun = time.perf_counter()
        page = client.must("GET", f"/{content.BUCKET}", {"list-type": "2", "delimiter": "/"})
        times.append((time.perf_counter() - begun) * 1000)
        root = ElementTree.fromstring(page)
        prefixes = [element.text for element in root.iter(f"{NAMESPACE}Prefix") if element.text]
        whole = root.findtext(f"{NAMESPACE}IsTruncated") == "false"
        if prefixes != [f"p{number}/" for number in range(PREFIXES)] or not whole:
            raise CannotRun(f"the page is wrong: {page[:300]!r}")
    return {"median": statistics.median(times), "slowest": max(times)}
