"""`varve clock`: lab time is moved while real clients work, and never goes back, whatever happens to the daemon."""

import datetime
import email.utils
import json
import subprocess
import threading
import time

import pytest
from botocore.exceptions import BotoCoreError, ClientError

import conftest
import server as varve
from server import clock

DAY = datetime.timedelta(days=1)
# What passes between a look at this machine's clock and an answer, on a busy machine.
SLACK = datetime.timedelta(seconds=60)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def shown(of):
    """Lab time, and how it passes."""
    state = json.loads(clock(of, "now", "--json").stdout)
    return moment(state["now"]), state["mode"], state["speed"]


def real():
    return datetime.datetime.now(datetime.timezone.utc)


def put(client, key):
    """Writes an object; its Last-Modified, and the answer's Date."""
    answer = client.put_object(Bucket="timed", Key=key, Body=b"x")
    date = email.utils.parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    return client.head_object(Bucket="timed", Key=key)["LastModified"], date


@pytest.fixture
def client(own):
    client = conftest.make_client(own)
    client.create_bucket(Bucket="timed")
    return client


class TestModes:
    def test_a_new_lab_goes_by_the_machines_time(self, own, client):
        now, mode, speed = shown(own)
        assert (mode, speed) == ("real", 1)
        assert abs(now - real()) < SLACK
        assert clock(own, "now").stdout.endswith("Z  real\n")

    def test_last_modified_follows_lab_time_and_date_stays_real(self, own, client):
        clock(own, "freeze")
        frozen, mode, speed = shown(own)
        assert (mode, speed) == ("frozen", 0)
        first, _ = put(client, "first")
        assert first == frozen.replace(microsecond=0)
        time.sleep(1.1)
        assert put(client, "second")[0] == first
        clock(own, "advance", "90d")
        later, date = put(client, "later")
        assert later - first == 90 * DAY
        assert abs(date - real()) < SLACK
        # What was written before keeps its time; conditions go by lab time too.
        assert client.head_object(Bucket="timed", Key="first")["LastModified"] == first
        client.get_object(Bucket="timed", Key="later", IfModifiedSince=first + DAY)
        listed = client.list_objects_v2(Bucket="timed")["Contents"]
        assert {entry["Key"]: (entry["LastModified"] - first) // DAY for entry in listed} == {
            "first": 0, "second": 0, "later": 90}

    def test_the_aws_command_line_works_at_any_lab_time(self, own, client, aws):
        clock(own, "set", "2199-12-31T23:59:59Z")
        aws("s3", "cp", "-", "s3://timed/far", to=own, input=b"from far")
        assert aws("s3", "cp", "s3://timed/far", "-", to=own).stdout == b"from far"
        assert aws("s3", "ls", "s3://timed/", to=own).stdout.split()[0][:4] in (b"2199", b"2200")

    def test_time_runs_at_its_speed(self, own, client):
        clock(own, "run", "--speed", "36000")
        begun, earliest = shown(own)[0], time.monotonic()
        time.sleep(1)
        now, mode, speed = shown(own)
        assert (mode, speed) == ("running", 36000)
        # A second at least, and no more than what passed here around both looks.
        passed = (now - begun).total_seconds() / 36000
        assert 1 <= passed <= time.monotonic() - earliest + 60
        clock(own, "freeze")
        stopped = shown(own)[0]
        time.sleep(0.1)
        assert shown(own)[0] == stopped
        assert clock(own, "run").stdout.endswith("Z  running\n")

    def test_the_machines_time_is_followed_again_once_it_is_reached(self, own):
        clock(own, "freeze")
        time.sleep(0.1)
        assert clock(own, "run", "--real").stdout.endswith("  real\n")
        clock(own, "advance", "1h")
        done = clock(own, "run", "--real", check=False)
        assert done.returncode == 1 and "lab time does not go back" in done.stderr


class TestNeverBack:
    def test_what_would_go_back_is_refused(self, own):
        clock(own, "freeze")
        now = shown(own)[0]
        done = clock(own, "set", "2020-01-01T00:00:00Z", check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert "lab time does not go back: it is " in done.stderr
        assert shown(own)[0] == now
        # The present is not the past.
        clock(own, "set", now.isoformat())
        assert shown(own)[0] == now

    @pytest.mark.parametrize("kill", [False, True])
    def test_a_restart_keeps_time(self, own, client, kill):
        clock(own, "freeze")
        clock(own, "advance", "30d")
        before = shown(own)
        written, _ = put(client, "before")

        def restart(server):
            if kill:
                server.process.kill()
                server.process.wait()
            else:
                assert server.stop() == 0
            return varve.start(own.directory)

        again = restart(own)
        try:
            assert shown(again) == before
            assert put(conftest.make_client(again), "after")[0] == written
            # Running, it goes on while nobody serves.
            clock(again, "run", "--speed", "3600")
            begun = shown(again)[0]
            again = restart(again)
            now, mode, speed = shown(again)
            assert (mode, speed) == ("running", 3600) and now > begun
        finally:
            again.stop()

    def test_a_kill_at_any_moment_takes_nothing_back(self, own, client):
        """Time is moved on by one client and told to another, and the daemon is killed amid that."""
        server = own
        told = shown(server)[0]
        for number_of_answers in (5, 50, 23):
            # In whole seconds, as Last-Modified is.
            latest = [told.replace(microsecond=0)]
            stop = threading.Event()

            def advance(of=server):
                while not stop.is_set():
                    if clock(of, "advance", "1h", "--timeout", "0s", check=False).returncode != 0:
                        return

            def read(reader, latest=latest):
                while not stop.is_set():
                    try:
                        reader.put_object(Bucket="timed", Key="k", Body=b"x")
                        latest.append(reader.head_object(Bucket="timed", Key="k")["LastModified"])
                    except (BotoCoreError, ClientError):
                        return

            threads = [threading.Thread(target=advance),
                       threading.Thread(target=read, args=(conftest.make_client(server),))]
            for thread in threads:
                thread.start()
            until = time.monotonic() + 60
            while len(latest) < number_of_answers and time.monotonic() < until:
                time.sleep(0.01)
            server.process.kill()
            server.process.wait()
            stop.set()
            for thread in threads:
                thread.join()
            assert len(latest) >= number_of_answers
            assert latest == sorted(latest)
            server = varve.start(own.directory)
            told = shown(server)[0]
            assert told >= latest[-1]
        server.stop()

    def test_a_restore_brings_back_objects_and_no_older_time(self, own, client):
        put(client, "old")

        def snapshot(*arguments):
            subprocess.run(
                [varve.binary(), "snapshot", *arguments, "--data-dir", str(own.data), "--endpoint", own.endpoint],
                check=True, capture_output=True, timeout=120)

        snapshot("save", "one")
        clock(own, "freeze")
        clock(own, "advance", "365d")
        put(client, "new")
        before = shown(own)
        snapshot("restore", "one")
        assert [entry["Key"] for entry in client.list_objects_v2(Bucket="timed")["Contents"]] == ["old"]
        assert shown(own) == before
        own.process.kill()
        own.process.wait()
        again = varve.start(own.directory)
        try:
            assert shown(again) == before
        finally:
            assert again.stop() == 0


class TestCommandLine:
    @pytest.mark.parametrize("arguments, status, words", [
        (["set", "tomorrow"], 64, "TIME must be a time"),
        (["set", "2027-02-30T00:00:00Z"], 64, "TIME must be a time"),
        (["set", "2027-01-01"], 64, "TIME must be a time"),
        (["advance", "7"], 64, "DURATION must be a length of time"),
        (["advance", "3000000d"], 64, "lab time ends at 9999-12-31T23:59:59.999Z"),
        (["advance", "1d", "--timeout", "2h"], 64, "--timeout must be an hour at most"),
        (["run", "--speed", "0"], 64, "--speed must be a number from 0.001 to 1000000"),
        (["run", "--speed", "2", "--real"], 64, "exclude each other"),
    ])
    def test_what_is_wrong_is_said(self, own, arguments, status, words):
        before = shown(own)
        done = clock(own, *arguments, check=False)
        assert (done.returncode, done.stdout) == (status, "")
        assert words in done.stderr
        assert shown(own)[1:] == before[1:]

    def test_a_lab_that_is_not_there(self, own, tmp_path):
        assert own.stop() == 0
        done = clock(own, "now", check=False)
        assert done.returncode == 69 and "no daemon answers" in done.stderr

    def test_the_answer_for_programs(self, own):
        clock(own, "freeze")
        state = json.loads(clock(own, "advance", "1h30m", "--json").stdout)
        assert state == {"now": state["now"], "mode": "frozen", "speed": 0, "settled": True, "done": 0, "failing": 0}
