"""The program itself: serve, env, doctor, inspect; ports, signals, the admin API."""

import http.client
import json
import os
import re
import signal
import socket
import stat
import subprocess
import time

import pytest

import conftest
import server as varve


def run(*arguments, environment=None, **options):
    """Runs the program to its end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VARVE_")}
    return subprocess.run(
        [varve.binary(), *arguments], capture_output=True, text=True, timeout=60, env={**clean, **(environment or {})},
        **options)


def get(server, path, method="GET", **headers):
    connection = http.client.HTTPConnection(server.host, timeout=30)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def token(server):
    return (server.directory / "data" / "admin-token").read_text().strip()


class TestServe:
    def test_the_ready_line_is_all_of_standard_output(self, tmp_path):
        process = subprocess.Popen(
            [varve.binary(), "serve", "--data-dir", str(tmp_path / "d"), "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = process.stdout.readline()
        assert re.fullmatch(
            rf"varve ready endpoint=http://127\.0\.0\.1:\d+ data-dir={re.escape(str(tmp_path / 'd'))} "
            rf"durability=always pid={process.pid}\n", line)
        process.send_signal(signal.SIGTERM)
        rest, log = process.communicate(timeout=30)
        assert (process.returncode, rest) == (0, "")
        for entry in log.splitlines():
            assert json.loads(entry)["kind"] == "event"

    def test_the_data_directory_is_private(self, own):
        directory = own.directory / "data"
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert stat.S_IMODE((directory / "admin-token").stat().st_mode) == 0o600

    @pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
    def test_a_signal_stops_it_cleanly(self, own, sig):
        client = conftest.make_client(own)
        client.create_bucket(Bucket="kept")
        client.put_object(Bucket="kept", Key="k", Body=b"v")
        assert own.stop(sig) == 0
        again = varve.start(own.directory)
        assert conftest.make_client(again).get_object(Bucket="kept", Key="k")["Body"].read() == b"v"
        assert again.stop() == 0

    def test_a_request_in_progress_is_finished_before_the_end(self, own):
        client = conftest.make_client(own)
        client.create_bucket(Bucket="slow")
        url = client.generate_presigned_url("put_object", Params={"Bucket": "slow", "Key": "k"})
        connection = http.client.HTTPConnection(own.host, timeout=30)
        connection.putrequest("PUT", "/" + url.split("/", 3)[3])
        connection.putheader("Content-Length", "6")
        connection.endheaders()
        connection.send(b"abc")
        # The server has begun with it once the first half has been read; the log knows only ends, so give it time.
        time.sleep(0.3)
        own.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert own.process.poll() is None
        connection.send(b"def")
        assert connection.getresponse().status == 200
        assert own.process.wait(30) == 0
        again = varve.start(own.directory)
        assert conftest.make_client(again).get_object(Bucket="slow", Key="k")["Body"].read() == b"abcdef"
        assert again.stop() == 0

    def test_a_second_signal_ends_it_at_once(self, own):
        client = conftest.make_client(own)
        client.create_bucket(Bucket="some")
        url = client.generate_presigned_url("put_object", Params={"Bucket": "some", "Key": "k"})
        connection = http.client.HTTPConnection(own.host, timeout=30)
        connection.putrequest("PUT", "/" + url.split("/", 3)[3])
        connection.putheader("Content-Length", "6")
        connection.endheaders()
        connection.send(b"abc")
        time.sleep(0.3)
        own.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert own.process.poll() is None
        own.process.send_signal(signal.SIGTERM)
        assert own.process.wait(5) == 128 + signal.SIGTERM

    def test_a_taken_port_names_its_holder(self, own, tmp_path):
        done = run("serve", "--data-dir", str(tmp_path / "other"), "--listen", f"127.0.0.1:{own.port}")
        assert done.returncode == 69
        assert f"process {own.process.pid} (" in done.stderr and "varve serve" in done.stderr
        assert done.stdout == ""

    def test_a_taken_directory_names_its_holder(self, own):
        done = run("serve", "--data-dir", str(own.directory / "data"), "--listen", "127.0.0.1:0")
        assert done.returncode == 73
        assert f"process {own.process.pid}" in done.stderr

    def test_a_damaged_store_is_refused_by_name(self, own):
        own.stop()
        current = own.directory / "data" / "CURRENT"
        current.write_bytes(b"nonsense")
        done = run("serve", "--data-dir", str(own.directory / "data"), "--listen", "127.0.0.1:0")
        assert done.returncode == 74
        assert "CURRENT" in done.stderr

    def test_a_file_in_the_way_is_refused(self, tmp_path):
        (tmp_path / "file").write_text("x")
        assert run("serve", "--data-dir", str(tmp_path / "file"), "--listen", "127.0.0.1:0").returncode == 73

    @pytest.mark.parametrize("arguments", [
        ["--listen", "nowhere"], ["--bogus"], ["--durability", "mostly"], ["stray"], ["--json"], ["--io-threads"],
    ])
    def test_wrong_usage_is_64(self, tmp_path, arguments):
        done = run("serve", "--data-dir", str(tmp_path / "d"), *arguments)
        assert done.returncode == 64
        assert done.stderr and not (tmp_path / "d").exists()

    def test_default_keys_stay_on_this_machine(self, tmp_path):
        done = run("serve", "--data-dir", str(tmp_path / "d"), "--listen", "0.0.0.0:0")
        assert done.returncode == 78
        assert "--allow-public-with-default-keys" in done.stderr

    def test_durability_is_what_the_ready_line_says(self, tmp_path):
        running = varve.start(tmp_path, "--durability", "every(5)")
        client = conftest.make_client(running)
        client.create_bucket(Bucket="some")
        for number in range(20):
            client.put_object(Bucket="some", Key=str(number), Body=b"x" * 2000)
        assert running.stop() == 0
        again = varve.start(tmp_path, "--durability", "never")
        assert len(conftest.make_client(again).list_objects_v2(Bucket="some")["Contents"]) == 20
        assert again.stop() == 0

    def test_relaxed_auth_makes_accounts_of_digits(self, tmp_path):
        running = varve.start(tmp_path, "--auth", "relaxed")

        def client(key):
            return conftest.make_client(running, aws_access_key_id=key, aws_secret_access_key="anything")

        client("111111111111").create_bucket(Bucket="mine")
        with pytest.raises(client("x").exceptions.ClientError) as refused:
            client("222222222222").list_objects_v2(Bucket="mine")
        assert refused.value.response["Error"]["Code"] == "AccessDenied"
        client("222222222222").create_bucket(Bucket="theirs")
        for account, bucket in (("111111111111", "mine"), ("222222222222", "theirs")):
            answer = client(account).list_buckets()
            assert [found["Name"] for found in answer["Buckets"]] == [bucket]
        assert client("111111111111").list_buckets()["Owner"] != client("222222222222").list_buckets()["Owner"]
        # A key that names no account acts for the default one, which owns neither.
        assert client("anyone").list_buckets()["Buckets"] == []
        assert running.stop() == 0


class TestConfiguration:
    def test_flags_over_environment_over_file(self, tmp_path):
        (tmp_path / "varve.toml").write_text("io-threads = 2\nlog-level = \"debug\"\nauth = \"relaxed\"\n")
        done = run(
            "serve", "--print-config", "--json", "--io-threads", "7", cwd=tmp_path,
            environment={"VARVE_IO_THREADS": "5", "VARVE_LOG_LEVEL": "error"})
        settings = json.loads(done.stdout)["settings"]
        assert settings["io-threads"] == {"value": 7, "origin": "flag --io-threads"}
        assert settings["log-level"] == {"value": "error", "origin": "environment VARVE_LOG_LEVEL"}
        assert settings["auth"] == {"value": "relaxed", "origin": "file varve.toml"}
        assert settings["drain-seconds"]["origin"] == "default"

    def test_an_unknown_key_names_its_line(self, tmp_path):
        (tmp_path / "c.toml").write_text("# a lab\nio-threads = 2\nio-treads = 3\n")
        done = run("serve", "--config", str(tmp_path / "c.toml"), "--print-config")
        assert done.returncode == 78
        assert f"{tmp_path / 'c.toml'}:3: unknown setting \"io-treads\"" in done.stderr

    def test_a_file_that_is_named_must_exist(self, tmp_path):
        done = run("serve", "--config", str(tmp_path / "none.toml"), "--print-config")
        assert done.returncode == 78 and "none.toml" in done.stderr

    def test_header_limits_are_the_configured_ones(self, tmp_path):
        running = varve.start(tmp_path, "--header-bytes-max", "4096")
        assert get(running, "/_varve/health", x_long="x" * 3000)[0].status == 200
        assert get(running, "/_varve/health", x_long="x" * 6000)[0].status >= 400
        assert running.stop() == 0

    def test_idle_connections_are_closed_in_time(self, tmp_path):
        running = varve.start(tmp_path, "--keep-alive-seconds", "1")
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as idle:
            idle.sendall(b"GET /_varve/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            received = b""
            while part := idle.recv(4096):
                received += part
        assert b"200 OK" in received
        assert running.stop() == 0

    def test_base_hosts_are_the_configured_ones(self, tmp_path):
        running = varve.start(tmp_path, "--base-host", "lab.example")
        assert get(running, "/_varve/health", Host="lab.example")[0].status == 200
        # As a bucket's host the same path is a key of the bucket, which nobody has signed for.
        assert get(running, "/_varve/health", Host="bucket.lab.example")[0].status in (403, 404)
        assert get(running, "/_varve/health", Host="bucket.localhost")[0].status == 200
        assert running.stop() == 0


class TestLogs:
    def test_a_request_leaves_a_line_with_its_id(self, own):
        client = conftest.make_client(own)
        client.create_bucket(Bucket="logged")
        answer = client.put_object(Bucket="logged", Key='a "b"', Body=b"12345")
        own.stop()
        lines = [json.loads(line) for line in (own.directory / "server.log").read_text().splitlines()]
        line = next(line for line in lines if line.get("request_id") == answer["ResponseMetadata"]["RequestId"])
        assert (line["kind"], line["method"], line["status"], line["service"], line["operation"]) == (
            "access", "PUT", 200, "s3", "PutObject")
        assert line["bytes_received"] == 5

    def test_it_can_be_off_or_elsewhere_or_text(self, tmp_path):
        running = varve.start(tmp_path / "off", "--access-log", "off")
        get(running, "/_varve/health")
        running.stop()
        assert "access" not in (running.directory / "server.log").read_text()
        file = tmp_path / "access.log"
        running = varve.start(tmp_path / "on", "--access-log-file", str(file), "--access-log-format", "text")
        get(running, "/_varve/health")
        running.stop()
        assert re.fullmatch(r'127\.0\.0\.1 - - \[[^]]+\] "GET /_varve/health" 200 .*\n', file.read_text())
        assert "/_varve/health" not in (running.directory / "server.log").read_text()

    def test_presigned_urls_cannot_be_taken_from_the_log(self, own):
        client = conftest.make_client(own)
        url = client.generate_presigned_url("get_object", Params={"Bucket": "some", "Key": "k"})
        get(own, "/" + url.split("/", 3)[3])
        own.stop()
        log = (own.directory / "server.log").read_text()
        assert "Signature=REDACTED" in log
        signature = re.search(r"Signature=([^&]+)", url)[1]
        assert signature not in log


class TestOwnPaths:
    def test_health(self, server):
        answer, body = get(server, "/_varve/health")
        assert (answer.status, json.loads(body)["status"]) == (200, "ok")
        answer, body = get(server, "/_localstack/health")
        assert (answer.status, json.loads(body)["services"]) == (
            200, {"dynamodb": "running", "dynamodbstreams": "running", "s3": "running"})

    def test_metrics_count_requests(self, server, client, bucket):
        def count():
            text = get(server, "/_varve/metrics")[1].decode()
            found = re.search(
                r'^varve_http_requests_total\{service="s3",operation="PutObject",code="2xx"\} (\d+)$', text, re.M)
            return int(found[1]) if found else 0

        before = count()
        for number in range(5):
            client.put_object(Bucket=bucket, Key=str(number), Body=b"")
        assert count() == before + 5

    def test_every_declared_metric_is_shown(self, server, bucket):
        declared = re.findall(r"^\| `([a-z_]+)` \|", run("generate-docs", "metrics").stdout, re.M)
        text = get(server, "/_varve/metrics")[1].decode()
        assert re.findall(r"^# TYPE (\S+)", text, re.M) == declared

    def test_the_store_is_in_the_metrics(self, server, bucket):
        text = get(server, "/_varve/metrics")[1].decode()
        assert re.search(r"^varve_store_commits_total [1-9]", text, re.M)
        assert re.search(r"^varve_store_poisoned 0$", text, re.M)
        assert re.search(r"^process_resident_memory_bytes [1-9]", text, re.M)

    @pytest.mark.parametrize("name", ["health", "metrics", "dynamodb", "s3-bucket", "admin"])
    def test_buckets_may_be_called_as_our_paths(self, client, name):
        client.create_bucket(Bucket=name)
        client.put_object(Bucket=name, Key="_varve/health", Body=b"mine")
        assert client.get_object(Bucket=name, Key="_varve/health")["Body"].read() == b"mine"

    def test_only_reading_is_answered(self, server):
        assert get(server, "/_varve/health", "POST")[0].status == 405
        assert get(server, "/_varve/nothing")[0].status == 404


class TestAdmin:
    def test_the_token_opens(self, server):
        answer, body = get(server, "/_varve/admin/status", Authorization=f"Bearer {token(server)}")
        assert answer.status == 200
        status = json.loads(body)
        assert status["pid"] == server.process.pid and status["endpoint"] == server.endpoint
        assert status["store"]["commits"] >= 0
        answer, body = get(server, "/_varve/admin/config", Authorization=f"Bearer {token(server)}")
        assert answer.status == 200
        assert json.loads(body)["settings"]["durability"]["value"] == "always"
        assert varve.OTHER["aws_secret_access_key"] not in body.decode()

    def test_nothing_else_opens(self, server):
        assert get(server, "/_varve/admin/status")[0].status == 401
        assert get(server, "/_varve/admin/status", Authorization="Bearer x")[0].status == 401
        good = {"Authorization": f"Bearer {token(server)}"}
        assert get(server, "/_varve/admin/status", Origin="http://127.0.0.1", **good)[0].status == 403
        assert get(server, "/_varve/admin/status", Host="lab.example", **good)[0].status == 403
        answer = get(server, "/_varve/admin/status", "OPTIONS", Origin="http://evil.example")[0]
        assert answer.status == 403
        assert not [name for name, _ in answer.getheaders() if name.lower().startswith("access-control")]

    def test_shutdown_is_orderly(self, own):
        answer, _ = get(own, "/_varve/admin/shutdown", "POST", Authorization=f"Bearer {token(own)}")
        assert answer.status == 202
        assert own.process.wait(30) == 0


class TestCommands:
    def test_env_is_what_a_shell_evaluates(self, server):
        lines = run("env", "--endpoint", server.endpoint).stdout
        shown = subprocess.run(
            ["sh", "-c", f"{lines}\necho $AWS_ENDPOINT_URL $AWS_ACCESS_KEY_ID $AWS_REGION $AWS_DEFAULT_REGION"],
            capture_output=True, text=True, env={}).stdout
        assert shown == f"{server.endpoint} test us-east-1 us-east-1\n"
        assert run("env").stdout.startswith("export AWS_ENDPOINT_URL='http://127.0.0.1:4566'\n")
        values = json.loads(run("env", "--json", environment={"VARVE_LISTEN": "localhost:9000"}).stdout)
        assert values["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9000"

    def test_doctor_finds_what_is_there(self, own):
        done = run("doctor", "--data-dir", str(own.directory / "data"), "--listen", f"127.0.0.1:{own.port}", "--json")
        found = {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}
        assert done.returncode == 1
        assert found["port"]["verdict"] == "problem" and str(own.process.pid) in found["port"]["detail"]
        assert found["data directory"]["verdict"] == "ok"
        assert "µs" in found["sync"]["detail"]
        assert found["lz4"]["detail"].startswith("1.")
        assert found["openssl"]["detail"].startswith("OpenSSL")
        assert not list((own.directory / "data").glob(".varve-doctor*"))

    def test_doctor_is_content_with_a_new_place(self, tmp_path):
        done = run("doctor", "--data-dir", str(tmp_path / "new"), "--listen", "127.0.0.1:0")
        assert done.returncode == 0, done.stdout
        assert not (tmp_path / "new").exists()

    def test_doctor_names_memory(self):
        if not os.path.isdir("/dev/shm") or not os.access("/dev/shm", os.W_OK):
            pytest.skip("no file system in memory here")
        done = run("doctor", "--data-dir", f"/dev/shm/varve-{os.getpid()}", "--listen", "127.0.0.1:0", "--json")
        found = {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}
        assert found["file system"]["verdict"] == "note" and "tmpfs" in found["sync"]["detail"]

    def test_inspect_reads_what_was_written(self, own):
        client = conftest.make_client(own)
        client.create_bucket(Bucket="seen")
        client.put_object(Bucket="seen", Key="k", Body=b"x" * 300_000)
        live = json.loads(run(
            "inspect", "live", str(own.directory / "data"), "--endpoint", own.endpoint, "--json").stdout)["rows"]
        numbers = {(row["number"], row["level"]): row["value"] for row in live}
        assert numbers["commits_total", ""] >= 2 and numbers["write_amplification", ""] > 0
        assert 0 <= numbers["block_cache_hit_rate", ""] <= 1 and ("level_bytes", 6) in numbers
        assert run("inspect", "live", str(own.directory / "data"), "--endpoint", "http://127.0.0.1:1").returncode == 69
        own.process.kill()
        own.process.wait()
        directory = str(own.directory / "data")
        log = json.loads(run("inspect", "log", directory, "--json").stdout)
        assert any("objects: 1 put" in row["operations"] for row in log["rows"])
        extents = json.loads(run("inspect", "extents", directory, "--json").stdout)
        assert sum(row["referenced_by_log"] for row in extents["rows"]) > 0
        assert run("inspect", "tables", directory).stdout.startswith(f"store {log['store']}, ")
        assert run("inspect", "log", directory + "-none").returncode == 73
        tables = json.loads(run("inspect", "tables", directory, "--json").stdout)["rows"]
        levels = json.loads(run("inspect", "levels", directory, "--json").stdout)["rows"]
        assert sum(row["tables"] for row in levels) == len(tables)
        assert sum(row["entries"] for row in levels) == sum(row["entries"] for row in tables)
        assert all(0 <= row["level"] <= 6 for row in tables + levels)

    @pytest.mark.parametrize("command", [[], ["serve"], ["env"], ["doctor"], ["inspect"]])
    def test_help_has_an_example(self, command):
        done = run(*command, "--help")
        assert done.returncode == 0
        assert "Example:" in done.stdout

    def test_the_version_is_named_everywhere(self, server):
        version = run("--version").stdout.strip()
        assert json.loads(get(server, "/_varve/health")[1])["version"] == version


@pytest.mark.large
def test_five_gibibytes_through_pipes(server, client, bucket):
    """Up by multipart from a pipe and down into one, with the same SHA-256, and nothing of it on the client's disk."""
    size = 5 << 30
    environment = {
        **os.environ, **json.loads(run("env", "--endpoint", server.endpoint, "--json").stdout), "SIZE": str(size),
        "TARGET": f"s3://{bucket}/piped"}

    def shell(script):
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], env=environment, capture_output=True, text=True, check=True).stdout

    # head ends the endless stream, which its writer must not take for a failure.
    up = shell("""
        set +o pipefail
        directory=$(mktemp -d)
        mkfifo "$directory/pipe"
        aws s3 cp - "$TARGET" --expected-size "$SIZE" <"$directory/pipe" >&2 &
        openssl enc -aes-256-ctr -pass pass:varve -pbkdf2 -nosalt </dev/zero 2>/dev/null |
            head -c "$SIZE" | tee "$directory/pipe" | sha256sum
        wait $!
        rm -r "$directory"
        """)
    assert client.head_object(Bucket=bucket, Key="piped")["ContentLength"] == size
    assert shell('aws s3 cp "$TARGET" - | sha256sum') == up
    client.delete_object(Bucket=bucket, Key="piped")
