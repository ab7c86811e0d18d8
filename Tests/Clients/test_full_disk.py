"""A full disk refuses writes, keeps what it holds readable, and is usable again once something was deleted."""

import os
import subprocess
import time

import pytest

import server as varve
from conftest import SMALL_DISK_BYTES as DISK_BYTES
from conftest import make_client
from errors import refused

# Taken away from the run with small objects, which would need a minute for the whole disk.
BALLAST_BYTES = 96 << 20
# Deleting must give space back without a restart; how long that may take.
RECOVERY_SECONDS = 10


@pytest.mark.parametrize("size", [3_000_000, 20_000])
def test_a_full_disk_refuses_serves_and_recovers(small_disk, size):
    ballast = small_disk / "ballast"
    with open(ballast, "wb") as file:
        if size < 1_000_000:
            os.posix_fallocate(file.fileno(), 0, BALLAST_BYTES)
    running = varve.start(small_disk / str(size), "--memory-budget", "64MiB", "--access-log", "off")
    try:
        fill_and_recover(make_client(running), size)
        assert running.stop() == 0
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()
        # The next run has the whole disk.
        subprocess.run(["rm", "-rf", str(small_disk / str(size))], check=True)


def fill_and_recover(client, size):
    client.create_bucket(Bucket="full-disk")
    # Noise: nothing of it is saved by compression.
    noise = os.urandom(size)

    def body(number):
        return number.to_bytes(8, "big") + noise[8:]

    count = 0
    with refused("InsufficientStorage", 507):
        while True:
            client.put_object(Bucket="full-disk", Key=f"k{count:06}", Body=body(count))
            count += 1
            assert count * size < DISK_BYTES, "the disk holds more than it is large"
    assert count * size > DISK_BYTES // 8, "a disk that is nearly empty was called full"

    for number in range(0, count, max(1, count // 50)):
        assert client.get_object(Bucket="full-disk", Key=f"k{number:06}")["Body"].read() == body(number)
    listed = sum(page["KeyCount"] for page in client.get_paginator("list_objects_v2").paginate(Bucket="full-disk"))
    assert listed == count, "what was refused left nothing, what was taken is there"

    for first in range(0, count, 1000):
        keys = [{"Key": f"k{number:06}"} for number in range(first, min(first + 1000, count))]
        assert "Errors" not in client.delete_objects(Bucket="full-disk", Delete={"Objects": keys, "Quiet": True})

    deadline = time.monotonic() + RECOVERY_SECONDS
    while True:
        try:
            client.put_object(Bucket="full-disk", Key="again", Body=body(0))
            break
        except client.exceptions.ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 507, error
            assert time.monotonic() < deadline, f"no put was taken within {RECOVERY_SECONDS} s of deleting everything"
            time.sleep(0.1)
    assert client.get_object(Bucket="full-disk", Key="again")["Body"].read() == body(0)
    assert client.list_objects_v2(Bucket="full-disk")["KeyCount"] == 1
