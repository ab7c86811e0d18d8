"""Bad input gets AWS's own answer, creates nothing, and leaves the server well."""

import base64
import datetime
import hashlib
import socket
import time

import boto3
import botocore.config
import pytest

import rawhttp
from conftest import make_client
from errors import refused

NOW = datetime.datetime.now(datetime.timezone.utc)


def absent(client, bucket):
    assert client.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


class TestSignatures:
    def test_a_wrong_secret_is_told_what_was_signed(self, server, bucket):
        answer = rawhttp.Raw(server, secret_key="wrong").send("GET", f"/{bucket}")
        assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
        for element in ("AWSAccessKeyId", "StringToSign", "SignatureProvided", "CanonicalRequest", "RequestId", "HostId"):
            assert answer.text(element), element
        assert answer.text("StringToSign").startswith("AWS4-HMAC-SHA256")
        assert answer.headers["x-amz-request-id"] == answer.text("RequestId")
        assert answer.headers["x-amz-id-2"] == answer.text("HostId")

    def test_an_unknown_key(self, server, bucket):
        answer = rawhttp.Raw(server, access_key="AKIAUNKNOWN").send("GET", f"/{bucket}")
        assert (answer.status, answer.code) == (403, "InvalidAccessKeyId")

    def test_nobody(self, http, client, bucket):
        for method, target in (("GET", f"/{bucket}"), ("PUT", f"/{bucket}/k"), ("GET", "/")):
            answer = http.send(method, target, signed=False)
            assert (answer.status, answer.code) == (403, "AccessDenied")
        absent(client, bucket)

    @pytest.mark.parametrize("hours", [-1, 1])
    def test_a_clock_that_is_wrong(self, http, bucket, hours):
        when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
        answer = http.send("GET", f"/{bucket}", when=when)
        assert (answer.status, answer.code) == (403, "RequestTimeTooSkewed")
        assert answer.text("MaxAllowedSkewMilliseconds") == "900000"

    def test_a_payload_that_was_not_signed(self, http, client, bucket):
        answer = http.send("PUT", f"/{bucket}/k", b"body", sha256=hashlib.sha256(b"other").hexdigest())
        assert (answer.status, answer.code) == (400, "XAmzContentSHA256Mismatch")
        answer = http.send("PUT", f"/{bucket}/k", b"body", sha256="nonsense")
        assert (answer.status, answer.code) == (400, "InvalidArgument")
        absent(client, bucket)

    def test_version_two_in_headers(self, server, bucket):
        old = make_client(server, config=botocore.config.Config(signature_version="s3"))
        old.put_object(Bucket=bucket, Key="a b+ü", Body=b"old")
        assert old.get_object(Bucket=bucket, Key="a b+ü")["Body"].read() == b"old"


class TestBodies:
    def test_a_length_is_needed(self, http, client, bucket):
        answer = http.send("PUT", f"/{bucket}/k", length=False, sha256="UNSIGNED-PAYLOAD",
                           body=b"4\r\nbody\r\n0\r\n\r\n", headers={"Transfer-Encoding": "chunked"})
        assert (answer.status, answer.code) == (411, "MissingContentLength")
        absent(client, bucket)

    def test_too_large_at_once(self, http, client, bucket):
        head = http.head("PUT", f"/{bucket}/k", {"Content-Length": str((5 << 30) + 1)}, sha256="UNSIGNED-PAYLOAD")
        connection, stream = http.connect()
        with connection, stream:
            connection.sendall(head)
            answer = rawhttp.read_answer(stream)
        assert (answer.status, answer.code) == (400, "EntityTooLarge")
        absent(client, bucket)

    def test_a_vanished_client_leaves_nothing(self, http, client, bucket):
        for size in (100, 1 << 20):
            connection, stream = http.connect()
            with connection, stream:
                connection.sendall(http.head("PUT", f"/{bucket}/k", {"Content-Length": size}, sha256="UNSIGNED-PAYLOAD"))
                connection.sendall(b"x" * (size // 2))
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            absent(client, bucket)
            time.sleep(0.5)

    def test_a_half_closed_client_is_told(self, http, client, bucket):
        connection, stream = http.connect()
        with connection, stream:
            connection.sendall(http.head("PUT", f"/{bucket}/k", {"Content-Length": 100}, sha256="UNSIGNED-PAYLOAD"))
            connection.sendall(b"x" * 50)
            connection.shutdown(socket.SHUT_WR)
            try:
                answer = rawhttp.read_answer(stream)
                assert (answer.status, answer.code) == (400, "IncompleteBody")
            except ConnectionError:
                pass
        absent(client, bucket)

    def test_pipelined_requests_are_answered_in_order(self, http, client, bucket):
        client.put_object(Bucket=bucket, Key="k", Body=b"value")
        heads = [http.head("GET", f"/{bucket}/k"), http.head("GET", f"/{bucket}/absent"), http.head("HEAD", f"/{bucket}/k"),
                 http.head("GET", f"/{bucket}/k", {"Range": "bytes=1-2"})]
        connection, stream = http.connect()
        with connection, stream:
            connection.sendall(b"".join(heads))
            answers = [rawhttp.read_answer(stream, method) for method in ("GET", "GET", "HEAD", "GET")]
        assert [answer.status for answer in answers] == [200, 404, 200, 206]
        assert (answers[0].body, answers[3].body) == (b"value", b"al")

    def test_continue_is_said_once_wanted_also_for_nothing(self, client, bucket):
        """botocore asks for 100 Continue before every body, and reuses the connection."""
        one = make_client_of_one_connection(client)
        for index in range(20):
            one.put_object(Bucket=bucket, Key="k", Body=b"x" * (index % 2))

    def test_headers_over_the_limit(self, http, bucket):
        answer = http.send("GET", f"/{bucket}", headers={"x-padding": "p" * 70_000})
        assert (answer.status, answer.code) == (400, "RequestHeaderSectionTooLarge")


def make_client_of_one_connection(client):
    config = botocore.config.Config(max_pool_connections=1, read_timeout=10, retries={"total_max_attempts": 1})
    return boto3.client(
        "s3", endpoint_url=client.meta.endpoint_url, region_name="us-east-1", aws_access_key_id="test",
        aws_secret_access_key="test", config=config)


class TestDocuments:
    BOMB = (b'<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
            b"<Tagging><TagSet><Tag><Key>&b;</Key><Value/></Tag></TagSet></Tagging>")

    @pytest.mark.parametrize("body", [
        b"not xml", b"<Tagging>", b"<Tagging></Tag>", BOMB, b"<a>" * 20_000 + b"</a>" * 20_000,
        b"<Tagging><TagSet><Tag><Key>&unknown;</Key><Value/></Tag></TagSet></Tagging>", b"\xff\xfe<Tagging/>",
    ])
    def test_malformed_ones_are_refused(self, http, bucket, body):
        for target in (f"/{bucket}?tagging", f"/{bucket}-new"):
            answer = http.send("PUT", target, body)
            assert answer.status == 400
            assert answer.code in ("MalformedXML", "MaxMessageLengthExceeded")
        md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
        answer = http.send("POST", f"/{bucket}?delete", body, headers={"Content-MD5": md5})
        assert (answer.status, answer.code) == (400, "MalformedXML")

    def test_large_ones_are_refused(self, http, bucket):
        answer = http.send("PUT", f"/{bucket}?tagging", b" " * (1 << 20))
        assert (answer.status, answer.code) == (400, "MaxMessageLengthExceeded")

    def test_the_digest_of_a_batch_is_checked(self, http, client, bucket):
        client.put_object(Bucket=bucket, Key="a", Body=b"")
        body = b"<Delete><Object><Key>a</Key></Object></Delete>"
        md5 = base64.b64encode(hashlib.md5(b"other").digest()).decode()
        answer = http.send("POST", f"/{bucket}?delete", body, headers={"Content-MD5": md5})
        assert (answer.status, answer.code) == (400, "BadDigest")
        client.head_object(Bucket=bucket, Key="a")


def test_a_head_error_has_no_body(http, bucket):
    answer = http.send("HEAD", f"/{bucket}/absent")
    assert (answer.status, answer.body) == (404, b"")


def test_versions_that_cannot_be(client, bucket):
    client.put_object(Bucket=bucket, Key="k", Body=b"")
    with refused("InvalidArgument", 400):
        client.get_object(Bucket=bucket, Key="k", VersionId="nonsense")


def test_own_paths_hide_no_bucket(http):
    answer = http.send("GET", "/_localstack/health", signed=False)
    assert answer.status == 200 and b'"s3":"running"' in answer.body
    assert http.send("GET", "/_varve/health", signed=False).status == 200
