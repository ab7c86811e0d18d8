"""Slow clients, and what a restart keeps."""

import os
import signal
import socket
import time

import pytest

import rawhttp
import server as varve
from conftest import make_client
from errors import refused


class TestSlowClients:
    IDLE_SECONDS = 1

    @pytest.fixture(scope="class")
    def impatient(self, tmp_path_factory):
        running = varve.start(tmp_path_factory.mktemp("impatient"), "--body-idle-seconds", str(self.IDLE_SECONDS))
        yield running
        assert running.stop() == 0

    @pytest.mark.parametrize("length, sent", [(1000, 0), (1000, 500), (1_000_000, 500_000), (1_000_000, 999_999)])
    def test_a_body_that_stalls_creates_nothing(self, impatient, length, sent):
        client = make_client(impatient)
        bucket = f"stalled-{length}-{sent}"
        client.create_bucket(Bucket=bucket)
        raw = rawhttp.Raw(impatient)
        head = raw.head("PUT", f"/{bucket}/k", {"Content-Length": length}, sha256="UNSIGNED-PAYLOAD")
        connection, stream = raw.connect()
        with connection, stream:
            connection.sendall(head + b"x" * sent)
            # Given up by the server: the test's own socket would wait for 60 s, and fail.
            try:
                received = stream.read()
            except ConnectionError:
                received = b""
        assert received == b"" or received.startswith(b"HTTP/1.1 4"), received
        with refused(404, 404):
            client.head_object(Bucket=bucket, Key="k")
        assert client.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []

    def test_a_slow_body_that_moves_is_taken(self, impatient):
        client = make_client(impatient)
        client.create_bucket(Bucket="slow")
        raw = rawhttp.Raw(impatient)
        connection, stream = raw.connect()
        with connection, stream:
            connection.sendall(raw.head("PUT", "/slow/k", {"Content-Length": 6}, sha256="UNSIGNED-PAYLOAD"))
            for _ in range(6):
                time.sleep(self.IDLE_SECONDS * 0.3)
                connection.sendall(b"x")
            assert rawhttp.read_answer(stream).status == 200
        assert client.get_object(Bucket="slow", Key="k")["Body"].read() == b"xxxxxx"


def everything(client):
    """All that a client can see of a store."""
    seen = {}
    for bucket in client.list_buckets()["Buckets"]:
        name = bucket["Name"]
        objects = {}
        for entry in client.list_objects_v2(Bucket=name).get("Contents", []):
            got = client.get_object(Bucket=name, Key=entry["Key"], ChecksumMode="ENABLED")
            objects[entry["Key"]] = (
                got["Body"].read(), got["ETag"], got["LastModified"], got["Metadata"], got["ContentType"],
                {field: value for field, value in got.items() if field.startswith("Checksum")},
                client.get_object_tagging(Bucket=name, Key=entry["Key"])["TagSet"])
        uploads = [
            (upload["Key"], upload["UploadId"], [
                (part["PartNumber"], part["ETag"], part["Size"])
                for part in client.list_parts(
                    Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"]).get("Parts", [])])
            for upload in client.list_multipart_uploads(Bucket=name).get("Uploads", [])]
        seen[name] = (
            bucket["CreationDate"], client.get_bucket_location(Bucket=name)["LocationConstraint"], objects, uploads)
    return seen


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_keeps_everything(tmp_path, sig):
    running = varve.start(tmp_path)
    client = make_client(running)
    client.create_bucket(Bucket="here")
    client.create_bucket(Bucket="there", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client.put_bucket_tagging(Bucket="here", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    client.put_object(
        Bucket="here", Key="small", Body=b"small", Metadata={"colour": "blue"}, ContentType="text/plain", Tagging="t=1")
    client.put_object(Bucket="here", Key="large", Body=os.urandom(2_000_000), ChecksumAlgorithm="SHA256")
    client.put_object(Bucket="there", Key="empty", Body=b"")
    client.put_object(Bucket="there", Key="gone", Body=b"x")
    client.delete_object(Bucket="there", Key="gone")
    client.copy_object(Bucket="there", Key="copy", CopySource="here/large")
    open_upload = {"Bucket": "here", "Key": "parts"}
    open_upload["UploadId"] = client.create_multipart_upload(**open_upload)["UploadId"]
    first = os.urandom(5 << 20)
    part = client.upload_part(**open_upload, PartNumber=1, Body=first)
    before = everything(client)
    assert before["here"][3][0][2] and set(before["there"][2]) == {"copy", "empty"}

    running.process.send_signal(sig)
    running.process.wait(30)
    again = varve.start(tmp_path)
    client = make_client(again)
    assert everything(client) == before
    assert client.get_bucket_tagging(Bucket="here")["TagSet"] == [{"Key": "a", "Value": "b"}]
    client.complete_multipart_upload(
        **open_upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert client.get_object(Bucket="here", Key="parts")["Body"].read() == first
    assert again.stop() == 0
