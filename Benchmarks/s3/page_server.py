"""Server CPU for a 4 KiB GET, beside nginx serving the same bytes."""

from contextlib import ExitStack

from harness import wrk
from harness.processes import Server
from harness.report import Row, Target
from harness.rounds import alternate
from harness.servers import Nginx, Varve
from s3 import content
from s3.content import SMALL_BYTES
from s3.setting import Setting
from s3.signing import write_targets

CONNECTIONS = 16


def run(setting: Setting) -> list[Row]:
    count = setting.pick(100_000, 5_000)
    keys = content.shuffled_keys("page", count)
    rows: list[Row] = []
    with ExitStack() as stack:
        files = setting.place("page-server")
        tail = content.write_body_tail(files, SMALL_BYTES)
        varve = stack.enter_context(Varve(setting.place("varve"), setting.varve))
        logging = stack.enter_context(Nginx(setting.place("nginx")))
        silent = stack.enter_context(Nginx(setting.place("nginx-silent"), access_log=False))
        varve.start()
        content.create_bucket(varve)
        content.check_signatures_are_verified(varve)
        wrk.run(varve, wrk.Load(
            "PUT", write_targets(files / "targets", content.host_of(varve), "PUT", content.BUCKET, keys), CONNECTIONS,
            answer_bytes=0, body_tail=tail))
        content.verify_small(varve, keys[:200], tail.read_bytes())
        logging.start()
        silent.start()
        _write_files(logging, keys, tail.read_bytes())
        (silent.root / content.BUCKET).symlink_to(logging.root / content.BUCKET)

        def turn(server: Server, asked: list[str]) -> dict[str, float]:
            targets = files / "targets"
            if server is varve:
                write_targets(targets, content.host_of(server), "GET", content.BUCKET, asked)
            else:
                targets.write_text("".join(f"/{content.BUCKET}/{key}\n" for key in asked))
            return wrk.run(server, wrk.Load("GET", targets, CONNECTIONS, SMALL_BYTES, seconds=setting.pick(5, 2)))

        one, all_of_them = ([keys[0]] * CONNECTIONS, "one", "one object"), (keys, "all", f"{count:,} objects, uniform")
        for asked, label, what in (one, all_of_them):
            results = alternate(setting.rounds, {
                server.name: lambda _, server=server, asked=asked: turn(server, asked)
                for server in (varve, logging, silent)})
            for peer in (logging, silent):
                judged = peer is logging and label == "one"
                rows.append(Row(
                    name=f"get-4k-cpu-{label}-{'log' if peer is logging else 'silent'}",
                    what=f"server CPU of a 4 KiB GET, {what}, beside {peer.name}", unit="µs",
                    ours=results["varve"]["server_cpu_us"], peer=results[peer.name]["server_cpu_us"],
                    peer_name=peer.name,
                    target=Target(2.0, at_least=False) if judged else None,
                    note="Ours with a verified signature and its access log; nginx with one worker, sendfile, plain "
                         + ("paths, and its default access log." if peer is logging else "paths, and no access log."),
                    details={"op/s": tuple(
                        results[name]["operations_per_second"].median for name in ("varve", peer.name))}))
    return rows


def _write_files(server: Nginx, keys: list[str], tail: bytes) -> None:
    """The objects, as files under the same paths."""
    folder = server.root / content.BUCKET
    folder.mkdir()
    for key in keys:
        (folder / key).write_bytes(content.small_body(key, tail))
