"""`varve snapshot`: save, restore, branch and remove states of a running store, with real clients beside it."""

import json
import os
import pathlib
import re
import subprocess
import threading
import time
import urllib.request

import pytest

import conftest
import server as varve
from errors import refused


def snapshot(of, *arguments, check=True, **options):
    """Runs `varve snapshot` for a server."""
    done = subprocess.run(
        [varve.binary(), "snapshot", arguments[0], *map(str, arguments[1:]), "--data-dir", str(of.data),
         "--endpoint", of.endpoint],
        capture_output=True, text=True, timeout=120,
        env={name: value for name, value in os.environ.items() if not name.startswith("VARVE_")}, **options)
    if check:
        assert done.returncode == 0, done.stderr
    return done


def listed(of):
    return json.loads(snapshot(of, "list", "--json").stdout)["snapshots"]


def start_branch(directory, tmp_path):
    """A daemon on a branch's directory, which it must not have made itself."""
    assert (directory / "CURRENT").exists()
    return varve.start(tmp_path, data=directory)


def fill(own):
    """Objects of every kind that the engine stores differently: in tables, in the log, in extents, in parts."""
    client = conftest.make_client(own)
    client.create_bucket(Bucket="saved")
    bodies = {
        "small": b"s" * 10, "medium": os.urandom(20_000), "large": os.urandom(3 << 20), "parts": os.urandom(6 << 20)}
    for key in ("small", "medium", "large"):
        client.put_object(Bucket="saved", Key=key, Body=bodies[key])
    upload = client.create_multipart_upload(Bucket="saved", Key="parts")["UploadId"]
    parts = []
    for number, piece in enumerate([bodies["parts"][:5 << 20], bodies["parts"][5 << 20:]], 1):
        etag = client.upload_part(
            Bucket="saved", Key="parts", UploadId=upload, PartNumber=number, Body=piece)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    client.complete_multipart_upload(Bucket="saved", Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})
    return client, bodies


@pytest.fixture
def filled(own):
    return fill(own)


def check(client, bodies):
    found = client.list_objects_v2(Bucket="saved").get("Contents", [])
    assert sorted(entry["Key"] for entry in found) == sorted(bodies)
    for key, body in bodies.items():
        assert client.get_object(Bucket="saved", Key=key)["Body"].read() == body


def delete_all(client):
    for key in [entry["Key"] for entry in client.list_objects_v2(Bucket="saved").get("Contents", [])]:
        client.delete_object(Bucket="saved", Key=key)


class TestRestore:
    def test_what_was_saved_comes_back_and_what_was_is_kept(self, own, filled, aws):
        client, bodies = filled
        assert snapshot(own, "save", "one").stdout == "saved one\n"
        delete_all(client)
        client.delete_bucket(Bucket="saved")
        client.create_bucket(Bucket="later")
        client.put_object(Bucket="later", Key="k", Body=b"later")
        done = snapshot(own, "restore", "one")
        assert done.stdout == "restored one; what was there before is kept as before-restore-1\n"
        check(client, bodies)
        assert aws("s3", "ls", to=own).stdout.decode().split()[2:] == ["saved"]
        with refused("NoSuchBucket", 404):
            client.put_object(Bucket="later", Key="k", Body=b"lost")

        # And there again, also after a restart.
        snapshot(own, "restore", "before-restore-1")
        assert aws("s3", "cp", "s3://later/k", "-", to=own).stdout == b"later"
        with refused("NoSuchBucket", 404):
            client.list_objects_v2(Bucket="saved")
        snapshot(own, "restore", "one")
        own.process.kill()
        own.process.wait()
        again = varve.start(own.directory)
        try:
            check(conftest.make_client(again), bodies)
            names = [entry["name"] for entry in listed(again)]
            assert names == ["one", "before-restore-1", "before-restore-2", "before-restore-3"]
        finally:
            assert again.stop() == 0

    def test_names_are_checked(self, own):
        snapshot(own, "save", "a/b?c%d")
        for name, status in (("two words", 64), ("ü", 64), ("x" * 65, 64), ("a/b?c%d", 1)):
            done = snapshot(own, "save", name, check=False)
            assert (done.returncode, done.stdout) == (status, ""), done.stderr
            assert name in done.stderr
        for command in (["restore", "none"], ["rm", "none"], ["branch", "none", own.directory / "branch"]):
            done = snapshot(own, *command, check=False)
            assert done.returncode == 1 and "there is no snapshot none" in done.stderr
        assert not (own.directory / "branch").exists()
        snapshot(own, "restore", "a/b?c%d")
        snapshot(own, "rm", "a/b?c%d")
        assert [entry["name"] for entry in listed(own)] == ["before-restore-1"]

    def test_clients_that_go_on_see_one_state_or_the_other(self, own):
        """Writers and readers beside restores: listings are whole, what is acknowledged after a restore is there."""
        client = conftest.make_client(own)
        client.create_bucket(Bucket="busy")
        for number in range(30):
            client.put_object(Bucket="busy", Key=f"saved/{number:02}", Body=b"1" * 2000)
        snapshot(own, "save", "base")
        stop = threading.Event()
        problems, answers, puts = [], {"ok": 0, "again": 0}, []

        def work(worker):
            mine = conftest.make_client(own)
            number = 0
            while not stop.is_set():
                number += 1
                key, begun = f"new/{worker}/{number}", time.monotonic()
                try:
                    mine.put_object(Bucket="busy", Key=key, Body=os.urandom(70_000))
                    puts.append((begun, key))
                    keys = [entry["Key"] for entry in mine.list_objects_v2(Bucket="busy", Prefix="saved/")["Contents"]]
                    body = mine.get_object(Bucket="busy", Key="saved/00")["Body"].read()
                    assert len(keys) == 30 and body == b"1" * 2000
                    answers["ok"] += 1
                except mine.exceptions.ClientError as error:
                    code = error.response["Error"]["Code"]
                    if code != "ServiceUnavailable":
                        problems.append(code)
                    answers["again"] += 1
                except Exception as error:  # whatever it is, the test tells
                    problems.append(repr(error))

        workers = [threading.Thread(target=work, args=(index,)) for index in range(4)]
        for worker in workers:
            worker.start()
        kept = []
        for _ in range(5):
            time.sleep(0.3)
            kept.append(json.loads(snapshot(own, "restore", "base", "--json").stdout)["kept_as"])
        restored = time.monotonic()
        time.sleep(0.5)
        stop.set()
        for worker in workers:
            worker.join(60)
        assert not problems, (problems, answers)
        assert answers["ok"] > 20, answers
        late = {key for begun, key in puts if begun > restored}
        listed_now = set()
        for page in client.get_paginator("list_objects_v2").paginate(Bucket="busy", Prefix="new/"):
            listed_now.update(entry["Key"] for entry in page.get("Contents", []))
        assert late and late <= listed_now
        # What was replaced is whole too.
        snapshot(own, "restore", kept[0])
        for page in client.get_paginator("list_objects_v2").paginate(Bucket="busy"):
            for entry in page["Contents"]:
                assert len(client.get_object(Bucket="busy", Key=entry["Key"])["Body"].read()) == entry["Size"]
        assert own.stop() == 0


class TestBranch:
    def test_a_branch_is_a_store_of_its_own(self, own, filled, tmp_path):
        client, bodies = filled
        snapshot(own, "save", "one")
        client.put_object(Bucket="saved", Key="after", Body=b"after")
        directory = tmp_path / "parent" / "branch"
        done = snapshot(own, "branch", "one", "parent/branch", cwd=tmp_path)
        assert f"--data-dir {directory}" in done.stdout
        # Extents are shared with the origin, not copied.
        shared = [path for path in directory.glob("*.ext") if path.stat().st_nlink == 2]
        assert shared and not list(directory.parent.glob("*staged*"))
        branch = start_branch(directory, tmp_path / "second")
        try:
            theirs = conftest.make_client(branch)
            check(theirs, bodies)
            theirs.put_object(Bucket="saved", Key="small", Body=b"theirs")
            theirs.delete_object(Bucket="saved", Key="large")
            check(client, {**bodies, "after": b"after"})

            # The origin goes, snapshots and all: what the branch needs stays.
            delete_all(client)
            snapshot(own, "rm", "one")
            assert own.stop() == 0
            subprocess.run(["rm", "-r", str(own.data)], check=True)
            rest = {**bodies, "small": b"theirs"}
            del rest["large"]
            check(theirs, rest)
            assert listed(branch) == []
        finally:
            assert branch.stop() == 0
        verified = subprocess.run(
            [varve.binary(), "doctor", "--verify", str(directory)], capture_output=True, text=True)
        assert verified.returncode == 0, verified.stdout

    def test_a_taken_place_is_left_alone(self, own, filled, tmp_path):
        snapshot(own, "save", "one")
        (tmp_path / "taken").mkdir()
        (tmp_path / "taken" / "file").write_text("mine")
        for place in (tmp_path / "taken", tmp_path / "taken" / "file"):
            done = snapshot(own, "branch", "one", place, check=False)
            assert done.returncode == 1 and "taken" in done.stderr, done.stderr
        assert [path.name for path in (tmp_path / "taken").iterdir()] == ["file"]
        (tmp_path / "empty").mkdir()
        snapshot(own, "branch", "one", tmp_path / "empty")
        assert (tmp_path / "empty" / "CURRENT").exists()

    def test_another_file_system_gets_copies(self, own, filled, tmp_path):
        memory = pathlib.Path("/dev/shm")
        if not memory.is_dir() or not os.access(memory, os.W_OK):
            pytest.skip("no second file system here")
        directory = memory / f"varve-branch-{os.getpid()}"
        snapshot(own, "save", "one")
        snapshot(own, "branch", "one", directory)
        try:
            assert all(path.stat().st_nlink == 1 for path in directory.glob("*.*"))
            branch = start_branch(directory, tmp_path / "second")
            check(conftest.make_client(branch), filled[1])
            assert branch.stop() == 0
        finally:
            subprocess.run(["rm", "-r", str(directory)], check=True)


class TestCommand:
    def test_the_list_tells_who_holds_what(self, own):
        snapshot(own, "save", "empty")
        _, bodies = fill(own)
        total = sum(map(len, bodies.values()))
        snapshot(own, "save", "one")
        one = listed(own)[1]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one["created"])
        assert one["bytes"] > total * 0.99 and one["held_bytes"] == 0
        snapshot(own, "restore", "empty")
        empty, one, kept = listed(own)
        assert one["held_bytes"] > total * 0.99 and kept["held_bytes"] == one["held_bytes"] and not empty["held_bytes"]
        assert one["own_bytes"] < total * 0.01, "the other one has the same"
        snapshot(own, "rm", "before-restore-1")
        assert listed(own)[1]["own_bytes"] > total * 0.99
        metrics = urllib.request.urlopen(own.endpoint + "/_varve/metrics").read().decode()
        assert re.search(r"^varve_store_snapshots 2$", metrics, re.M)
        assert float(re.search(r"^varve_store_snapshot_bytes (\S+)$", metrics, re.M)[1]) > total * 0.99

        def used():
            return sum(path.stat().st_blocks * 512 for path in own.data.glob("*.ext"))

        before = used()
        snapshot(own, "rm", "one")
        deadline = time.monotonic() + 30
        while used() > before - total // 2:
            assert time.monotonic() < deadline, "the space does not come back"
            time.sleep(0.1)
        text = snapshot(own, "list").stdout.splitlines()
        assert text[0].split() == ["NAME", "SAVED", "SIZE", "HELD", "OWN"] and text[1].startswith("empty ")

    def test_over_tls_the_certificate_is_checked(self, tls_server):
        assert snapshot(tls_server, "list", check=False).returncode == 69
        snapshot(tls_server, "list", "--ca", tls_server.ca_bundle)

    def test_without_a_daemon_or_its_token_it_says_so(self, own, tmp_path):
        other = varve.Server(own.process, own.endpoint, tmp_path)
        done = snapshot(other, "list", check=False)
        assert done.returncode == 73 and "admin-token" in done.stderr
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "admin-token").write_text("wrong\n")
        assert snapshot(other, "list", check=False).returncode == 73
        assert own.stop() == 0
        done = snapshot(own, "list", check=False)
        assert done.returncode == 69 and own.endpoint in done.stderr

    def test_the_token_goes_to_this_machine_only(self, own):
        elsewhere = varve.Server(own.process, "http://varve.example:1", own.directory)
        assert snapshot(elsewhere, "list", check=False).returncode == 64

    @pytest.mark.parametrize("command", [[], ["save"], ["list"], ["restore"], ["branch"], ["rm"]])
    def test_help_has_an_example(self, command):
        done = subprocess.run([varve.binary(), "snapshot", *command, "--help"], capture_output=True, text=True)
        assert done.returncode == 0 and "Example:" in done.stdout
