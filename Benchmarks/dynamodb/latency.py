"""A single connection's GetItem, beside nginx serving a file of the same size."""

from contextlib import ExitStack

from dynamodb import content
from dynamodb.content import TABLE
from dynamodb.setting import Setting
from dynamodb.turns import Turns, length_of, take_turns
from harness import wrk
from harness.processes import Server
from harness.report import Row, Target
from harness.servers import Nginx, Varve

# Each is asked for by a request of its own.
ITEMS = 1_000


def run(setting: Setting) -> list[Row]:
    keys = content.keys("latency", min(ITEMS, setting.size.stored))
    inputs = [{"TableName": TABLE, "Key": {"pk": {"S": key}}} for key in keys]
    turns = Turns(setting, "latency")
    with ExitStack() as stack:
        varve = stack.enter_context(Varve(setting.place("varve"), setting.varve)).start()
        nginx = stack.enter_context(Nginx(setting.place("nginx"))).start()
        content.create_table(varve)
        content.store(varve, map(content.kilobyte_item, keys))
        content.verify(varve, map(content.kilobyte_item, keys[:10]))
        answer_bytes = length_of(varve, "GetItem", inputs[0])
        for key in keys:
            (nginx.root / key).write_bytes(b"x" * answer_bytes)
        targets = setting.place("targets") / "targets"
        targets.write_text("".join(f"/{key}\n" for key in keys))

        def turn(server: Server, _: int) -> dict[str, float]:
            if server is varve:
                return turns.over(server, "GetItem", inputs, 1, answer_bytes)
            return wrk.run(server, wrk.Load("GET", targets, 1, answer_bytes, seconds=setting.size.read_seconds))

        results = take_turns(setting, (varve, nginx), turn)
    ours, theirs = results[varve.name], results[nginx.name]
    return [Row(
        name="get-1k-p50", what="p50 of a GetItem of 1 KB, 1 connection, beside nginx", unit="µs", ours=ours["p50_us"],
        peer=theirs["p50_us"], peer_name=nginx.name, target=Target(1.8, at_least=False),
        note=f"{len(keys):,} items; files as long as our answers, nginx with one worker, sendfile and its access log.",
        details={label: (ours[key].median, theirs[key].median)
                 for label, key in (("p99 µs", "p99_us"), ("server CPU µs/op", "server_cpu_us"))})]
