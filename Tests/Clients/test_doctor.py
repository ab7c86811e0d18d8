"""`varve doctor --verify`: reads everything, names damage by file, offset and owner."""

import json
import os
import subprocess

import pytest
from botocore.exceptions import ClientError

import conftest
import server as varve


def doctor(*arguments):
    return subprocess.run(
        [varve.binary(), "doctor", *map(str, arguments)], capture_output=True, text=True, timeout=120)


@pytest.fixture
def own(tmp_path):
    """A server that the test may stop."""
    running = varve.start(tmp_path)
    yield running
    if running.process.poll() is None:
        running.process.kill()
    running.process.wait()


def flip(path, offset):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)
        file.seek(offset)
        file.write(bytes([byte[0] ^ 0x10]))


def fill(server):
    client = conftest.make_client(server)
    client.create_bucket(Bucket="whole")
    for index in range(20):
        client.put_object(Bucket="whole", Key=f"small/{index}", Body=b"s" * 100)
    client.put_object(Bucket="whole", Key="large", Body=os.urandom(3 << 20))
    return client


def stop(server):
    server.process.terminate()
    assert server.process.wait(30) == 0


class TestVerify:
    def test_a_whole_store_is_ok_stopped_and_served(self, own):
        fill(own)
        data = own.directory / "data"
        served = doctor("--verify", data, "--json")
        assert served.returncode == 0, served.stdout + served.stderr
        report = json.loads(served.stdout)
        assert report["ok"] and report["served"] and report["runs"] >= 3 and report["commits"] > 20
        stop(own)
        done = doctor("--verify", data)
        assert done.returncode == 0 and "ok      " in done.stdout
        assert not json.loads(doctor("--verify", data, "--json").stdout)["served"]

    def test_damage_is_named_with_file_offset_and_owner(self, own):
        fill(own)
        stop(own)
        data = own.directory / "data"
        largest = max(data.glob("*.ext"), key=lambda path: path.stat().st_size)
        flip(largest, 2_000_000)
        done = doctor("--verify", data, "--json")
        assert done.returncode == 1
        report = json.loads(done.stdout)
        assert not report["ok"]
        [damage] = report["damages"]
        assert damage["file"] == largest.name
        assert 2_000_000 - 65_536 < damage["offset"] <= 2_000_000
        assert damage["keyspace"] == "bodies" and damage["smallest_key_hex"] == damage["largest_key_hex"]
        text = doctor("--verify", data)
        assert text.returncode == 1 and f"damage  {largest.name} at {damage['offset']}: " in text.stdout

    def test_a_directory_without_a_store_is_said(self, tmp_path):
        done = doctor("--verify", tmp_path)
        assert done.returncode == 73 and "holds no store" in done.stderr
        assert doctor("--verify", tmp_path / "none").returncode == 73
        assert not (tmp_path / "none").exists()
