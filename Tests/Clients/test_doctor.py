"""`varve doctor --verify`: reads everything, names damage by file, offset and owner."""

import json
import os
import subprocess

from botocore.exceptions import ClientError

import conftest
import server as varve


def doctor(*arguments):
    return subprocess.run(
        [varve.binary(), "doctor", *map(str, arguments)], capture_output=True, text=True, timeout=120)


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


class TestRebuildManifest:
    def kill(self, server):
        server.process.kill()
        server.process.wait()

    def names(self, data):
        return {path.name for path in data.iterdir()}

    def test_a_lost_manifest_is_rebuilt_and_everything_is_there(self, own, tmp_path):
        fill(own)
        self.kill(own)
        data = own.directory / "data"
        # A second life, so that there are tables.
        again = varve.start(own.directory)
        client = conftest.make_client(again)
        body = os.urandom(200_000)
        client.put_object(Bucket="whole", Key="later", Body=body)
        client.delete_object(Bucket="whole", Key="small/3")
        self.kill(again)
        manifest = max(data.glob("*.man"))
        flip(manifest, 4096 + 40)
        lost = doctor("--verify", data)
        assert lost.returncode == 1 and manifest.name in lost.stdout
        done = doctor("--rebuild-manifest", data, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        report = json.loads(done.stdout)
        assert report["rebuilt"] and report["losses"] == []
        assert manifest.name + ".replaced" in report["set_aside"]
        assert set(report["set_aside"]) <= self.names(data) and report["manifest"] in self.names(data)
        assert doctor("--verify", data).returncode == 0
        last = varve.start(own.directory)
        try:
            client = conftest.make_client(last)
            keys = {item["Key"] for item in client.list_objects_v2(Bucket="whole")["Contents"]}
            assert keys == {f"small/{index}" for index in range(20) if index != 3} | {"large", "later"}
            assert client.get_object(Bucket="whole", Key="later")["Body"].read() == body
            assert client.get_object(Bucket="whole", Key="small/7")["Body"].read() == b"s" * 100
        finally:
            self.kill(last)

    def test_a_readable_manifest_stays(self, own):
        fill(own)
        data = own.directory / "data"
        served = doctor("--rebuild-manifest", data)
        assert served.returncode == 73 and str(own.process.pid) in served.stderr
        stop(own)
        before = self.names(data)
        done = doctor("--rebuild-manifest", data)
        assert done.returncode == 0 and "nothing was changed" in done.stdout
        assert json.loads(doctor("--rebuild-manifest", data, "--json").stdout) == {"rebuilt": False}
        assert self.names(data) == before

    def test_what_is_wrong_with_the_command_is_said(self, tmp_path):
        assert doctor("--rebuild-manifest", tmp_path / "none").returncode == 73
        empty = doctor("--rebuild-manifest", tmp_path)
        assert empty.returncode == 73 and "holds no store" in empty.stderr
        assert doctor("--accept-losses").returncode == 64
        assert doctor("--verify", tmp_path, "--rebuild-manifest", tmp_path).returncode == 64
