"""kill -9 under load: what was acknowledged is there byte for byte, and nothing is torn.

VARVE_CRASH_ROUNDS sets the rounds, VARVE_CRASH_SEED repeats a run's choices (the interleaving stays the machine's).
"""

import dataclasses
import http.client
import os
import random
import signal
import socket
import threading
import time

import conftest
import server as varve

ROUNDS = int(os.environ.get("VARVE_CRASH_ROUNDS", "3"))
SEED = int(os.environ.get("VARVE_CRASH_SEED") or random.SystemRandom().randrange(1 << 32))
WRITERS = 16
KEYS_PER_WRITER = 24
# In the log, in the log and later in an extent, and in an extent at once: the paths that a value can take.
SIZES = [0, 1, 900, 1024, 1025, 4096, 4096, 20_000, 65_536, 65_537, 300_000]
VERIFIERS = 8
# An object that does not exist, in the place of its (seed, size).
ABSENT = None


def content(state):
    seed, size = state
    return random.Random(seed).randbytes(size)


@dataclasses.dataclass
class Key:
    """One object: the last acknowledged state, and one that was sent and not answered."""

    put: str
    get: str
    delete: str
    acknowledged: tuple | None = ABSENT
    pending: list = dataclasses.field(default_factory=list)


def request(connection, method, url, body=None):
    connection.request(method, url, body=body)
    answer = connection.getresponse()
    return answer.status, answer.read()


class Writer(threading.Thread):
    """Puts and deletes its own keys until the server dies."""

    def __init__(self, host, keys, seed):
        super().__init__(daemon=True)
        self.host, self.keys, self.random = host, keys, random.Random(seed)
        self.acknowledged = 0
        self.problem = None

    def run(self):
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            while True:
                key = self.random.choice(self.keys)
                state = ABSENT
                if key.acknowledged is ABSENT or self.random.random() < 0.85:
                    state = (self.random.randrange(1 << 48), self.random.choice(SIZES))
                key.pending = [state]
                if state is ABSENT:
                    status, body = request(connection, "DELETE", key.delete)
                else:
                    status, body = request(connection, "PUT", key.put, content(state))
                if status not in (200, 204):
                    self.problem = (status, body)
                    return
                key.acknowledged, key.pending = state, []
                self.acknowledged += 1
        except (OSError, http.client.HTTPException):
            # The server was killed: whether the last request was kept is open.
            return
        finally:
            connection.close()


def verify(host, keys):
    """Reads every key, and returns what is wrong. What was open is settled by what is found."""
    problems = []
    chunks = [keys[index::VERIFIERS] for index in range(VERIFIERS)]

    def check(chunk):
        connection = http.client.HTTPConnection(host, timeout=60)
        for key in chunk:
            status, body = request(connection, "GET", key.get)
            for state in [key.acknowledged, *key.pending]:
                if (status == 404 and state is ABSENT) or (
                    status == 200 and state is not ABSENT and body == content(state)
                ):
                    key.acknowledged, key.pending = state, []
                    break
            else:
                problems.append((key.get.split("?")[0], status, len(body), key.acknowledged, key.pending))
        connection.close()

    threads = [threading.Thread(target=check, args=(chunk,)) for chunk in chunks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def presigned(client, bucket):
    """Every key's requests, signed once: the address is the same in all rounds."""

    def url(operation, name):
        whole = client.generate_presigned_url(
            operation, Params={"Bucket": bucket, "Key": name}, ExpiresIn=86400)
        return whole.split("/", 3)[3].join(["/", ""])

    return [
        [
            Key(*(url(operation, f"writer-{writer}/{index}") for operation in ("put_object", "get_object", "delete_object")))
            for index in range(KEYS_PER_WRITER)
        ]
        for writer in range(WRITERS)
    ]


def test_acknowledged_objects_survive_kill_9(tmp_path):
    print(f"VARVE_CRASH_SEED={SEED}")
    chance = random.Random(SEED)
    address = ("--listen", f"127.0.0.1:{free_port()}")
    # A small budget, so that rounds also hit flushes and compactions.
    running = varve.start(tmp_path, *address, "--memory-budget", "32MiB")
    client = conftest.make_client(running)
    client.create_bucket(Bucket="crash")
    keys = presigned(client, "crash")
    every = [key for own in keys for key in own]
    acknowledged = 0
    for number in range(ROUNDS):
        writers = [Writer(running.host, own, chance.randrange(1 << 48)) for own in keys]
        for writer in writers:
            writer.start()
        time.sleep(chance.uniform(0.05, 1.0))
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()
        for writer in writers:
            writer.join(60)
            assert not writer.is_alive()
            assert writer.problem is None, f"round {number}, seed {SEED}: {writer.problem}"
            acknowledged += writer.acknowledged
        running = varve.start(tmp_path, *address, "--memory-budget", "32MiB")
        problems = verify(running.host, every)
        assert not problems, f"round {number}, seed {SEED}: {problems[:5]}"
    assert acknowledged > 0
    # A clean stop after all of it, and a start that has nothing to recover.
    assert running.stop() == 0
    running = varve.start(tmp_path, *address)
    assert not verify(running.host, every), f"after a clean stop, seed {SEED}"
    listed = conftest.make_client(running).get_paginator("list_objects_v2").paginate(Bucket="crash")
    names = {entry["Key"] for page in listed for entry in page.get("Contents", [])}
    kept = {key.get.split("?")[0].split("/", 2)[2] for key in every if key.acknowledged is not ABSENT}
    assert names == kept
    assert running.stop() == 0
