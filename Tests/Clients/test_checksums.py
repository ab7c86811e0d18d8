"""Checksums: in headers and trailers, right and wrong, plain and over TLS."""

import base64
import binascii
import hashlib
import hmac
import os

import botocore.config
import pytest

import rawhttp
from conftest import make_client
from errors import refused

BODY = b"checksummed" * 1000
# The algorithms that botocore computes without further libraries.
ALGORITHMS = ["CRC32", "SHA1", "SHA256"]


def value(algorithm, body):
    if algorithm == "CRC32":
        return base64.b64encode(binascii.crc32(body).to_bytes(4, "big")).decode()
    return base64.b64encode(hashlib.new(algorithm, body).digest()).decode()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_checksums_are_checked_kept_and_told(any_client, any_bucket, algorithm):
    """Over TLS botocore sends them in a trailer, over plain connections in a header."""
    put = any_client.put_object(Bucket=any_bucket, Key="k", Body=BODY, ChecksumAlgorithm=algorithm)
    assert put[f"Checksum{algorithm}"] == value(algorithm, BODY)
    assert put["ChecksumType"] == "FULL_OBJECT"
    got = any_client.get_object(Bucket=any_bucket, Key="k", ChecksumMode="ENABLED")
    assert got[f"Checksum{algorithm}"] == value(algorithm, BODY)
    assert got["Body"].read() == BODY
    listed = any_client.list_objects_v2(Bucket=any_bucket)["Contents"][0]
    assert (listed["ChecksumAlgorithm"], listed["ChecksumType"]) == ([algorithm], "FULL_OBJECT")


def test_they_are_told_only_when_asked(http, client, bucket):
    client.put_object(Bucket=bucket, Key="k", Body=BODY)
    assert not [name for name in http.send("GET", f"/{bucket}/k").headers if name.startswith("x-amz-checksum")]
    asked = http.send("HEAD", f"/{bucket}/k", headers={"x-amz-checksum-mode": "ENABLED"})
    assert asked.headers["x-amz-checksum-crc32"] == value("CRC32", BODY)


def test_an_object_without_one_gets_crc64nvme(server, bucket, http):
    plain = make_client(server, config=botocore.config.Config(request_checksum_calculation="when_required"))
    answer = plain.put_object(Bucket=bucket, Key="k", Body=b"123456789")
    # The published check value of CRC-64/NVME.
    assert base64.b64decode(answer["ChecksumCRC64NVME"]).hex() == "ae8b14860a799888"


@pytest.mark.parametrize("name, sent", [
    ("x-amz-checksum-crc32", value("CRC32", b"other")),
    ("x-amz-checksum-crc32c", "AAAAAA=="),
    ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
    ("x-amz-checksum-sha1", value("SHA1", b"other")),
    ("x-amz-checksum-sha256", value("SHA256", b"other")),
    ("Content-MD5", base64.b64encode(hashlib.md5(b"other").digest()).decode()),
])
def test_wrong_ones_create_nothing(http, client, bucket, name, sent):
    answer = http.send("PUT", f"/{bucket}/k", b"body", headers={name: sent})
    assert (answer.status, answer.code) == (400, "BadDigest")
    with refused(404, 404):
        client.head_object(Bucket=bucket, Key="k")


@pytest.mark.parametrize("headers, code", [
    ({"x-amz-checksum-sha256": "bad"}, "InvalidRequest"),
    ({"x-amz-checksum-crc32": "AAAAAAAA"}, "InvalidRequest"),
    ({"Content-MD5": "bad"}, "InvalidDigest"),
    ({"Content-MD5": "AAAA"}, "InvalidDigest"),
    ({"x-amz-checksum-xxhash64": "AAAAAAAAAAA="}, "InvalidRequest"),
    ({"x-amz-checksum-sha512": "AAAA"}, "InvalidRequest"),
    ({"x-amz-sdk-checksum-algorithm": "CRC32"}, "InvalidRequest"),
    ({"x-amz-sdk-checksum-algorithm": "SHA256", "x-amz-checksum-crc32": value("CRC32", b"body")}, "InvalidRequest"),
    ({"x-amz-checksum-sha1": value("SHA1", b"body"), "x-amz-checksum-crc32": value("CRC32", b"body")}, "InvalidRequest"),
    ({"x-amz-trailer": "x-amz-checksum-crc32"}, "InvalidRequest"),
])
def test_senseless_ones_are_refused(http, client, bucket, headers, code):
    answer = http.send("PUT", f"/{bucket}/k", b"body", headers=headers)
    assert (answer.status, answer.code) == (400, code)
    with refused(404, 404):
        client.head_object(Bucket=bucket, Key="k")


def trailer_body(body, name, checksum, size=None):
    framed = b"%x\r\n" % (len(body) if size is None else size) + body + b"\r\n0\r\n"
    return framed + f"{name}:{checksum}\r\n\r\n".encode()


class TestTrailers:
    NAME = "x-amz-checksum-crc32"

    def send(self, http, bucket, framed, length=4, **headers):
        headers = {
            "Content-Encoding": "gzip,aws-chunked", "x-amz-decoded-content-length": str(length),
            "x-amz-trailer": self.NAME, **headers}
        return http.send("PUT", f"/{bucket}/k", framed, headers=headers, sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER")

    def test_a_right_one(self, http, client, bucket):
        answer = self.send(http, bucket, trailer_body(b"body", self.NAME, value("CRC32", b"body")))
        assert answer.status == 200, answer.body
        got = client.get_object(Bucket=bucket, Key="k")
        assert got["Body"].read() == b"body"
        assert got["ContentEncoding"] == "gzip", "aws-chunked is the transfer's, not the object's"

    def test_inside_http_chunks(self, http, client, bucket):
        framed = trailer_body(b"body", self.NAME, value("CRC32", b"body"))
        chunked = b"".join(b"1\r\n" + framed[i:i + 1] + b"\r\n" for i in range(len(framed))) + b"0\r\n\r\n"
        answer = http.send(
            "PUT", f"/{bucket}/k", chunked, length=False, sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            headers={"Transfer-Encoding": "chunked", "x-amz-decoded-content-length": "4", "x-amz-trailer": self.NAME,
                     "Content-Encoding": "aws-chunked"})
        assert answer.status == 200, answer.body
        got = client.get_object(Bucket=bucket, Key="k")
        assert got["Body"].read() == b"body"
        assert "ContentEncoding" not in got

    @pytest.mark.parametrize("framed, code", [
        (trailer_body(b"body", NAME, value("CRC32", b"other")), "BadDigest"),
        (trailer_body(b"body", NAME, "bad"), "InvalidRequest"),
        (trailer_body(b"body", "x-amz-checksum-sha1", "x"), "MalformedTrailerError"),
        (b"4\r\nbody\r\n0\r\n\r\n", "MalformedTrailerError"),
        (trailer_body(b"longer than declared", NAME, "AAAAAA=="), "IncompleteBody"),
        (trailer_body(b"abc", NAME, "AAAAAA=="), "IncompleteBody"),
        (b"zz\r\nbody\r\n", "InvalidRequest"),
    ])
    def test_wrong_ones_create_nothing(self, http, client, bucket, framed, code):
        answer = self.send(http, bucket, framed)
        assert (answer.status, answer.code) == (400, code)
        with refused(404, 404):
            client.head_object(Bucket=bucket, Key="k")

    def test_the_decoded_length_is_needed(self, http, bucket):
        answer = http.send(
            "PUT", f"/{bucket}/k", trailer_body(b"body", self.NAME, "x"), sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            headers={"x-amz-trailer": self.NAME})
        assert (answer.status, answer.code) == (411, "MissingContentLength")


def test_full_object_checksums_of_uploads(client, bucket):
    upload = client.create_multipart_upload(
        Bucket=bucket, Key="k", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    assert upload["ChecksumType"] == "FULL_OBJECT"
    where = {"Bucket": bucket, "Key": "k", "UploadId": upload["UploadId"]}
    one, two = os.urandom(5 << 20), b"end"
    parts = [
        {"PartNumber": number, "ETag": client.upload_part(**where, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32")["ETag"]}
        for number, body in ((1, one), (2, two))]
    with refused("BadDigest", 400):
        client.complete_multipart_upload(**where, MultipartUpload={"Parts": parts}, ChecksumCRC32="AAAAAA==")
    answer = client.complete_multipart_upload(
        **where, MultipartUpload={"Parts": parts}, ChecksumCRC32=value("CRC32", one + two))
    assert answer["ChecksumCRC32"] == value("CRC32", one + two)
    got = client.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == one + two, "botocore compares the checksum too"


class TestSignedChunks:
    """Each chunk signed with the one before it; what some SDKs send over plain connections."""

    def send(self, http, bucket, chunks, tamper=False):
        sha256 = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
        target = f"/{bucket}/k"
        sizes = [len(chunk) for chunk in (*chunks, b"")]
        length = sum(size + len("%x" % size) + len(";chunk-signature=") + 64 + 4 for size in sizes)
        headers = http.sign("PUT", target, {
            "Host": http.server.host, "Content-Length": length, "Content-Encoding": "aws-chunked",
            "x-amz-decoded-content-length": sum(sizes)}, sha256)
        stamp = headers["x-amz-date"]
        scope = f"{stamp[:8]}/{http.region}/s3/aws4_request"
        previous = headers["Authorization"].rsplit("Signature=", 1)[1]
        body = b""
        for chunk in (*chunks, b""):
            text = "\n".join([
                "AWS4-HMAC-SHA256-PAYLOAD", stamp, scope, previous, hashlib.sha256(b"").hexdigest(),
                hashlib.sha256(chunk).hexdigest()])
            previous = hmac.new(http.key(stamp[:8]), text.encode(), hashlib.sha256).hexdigest()
            sent = b"!" + chunk[1:] if tamper and chunk else chunk
            body += f"{len(chunk):x};chunk-signature={previous}\r\n".encode() + sent + b"\r\n"
        assert len(body) == length
        head = "\r\n".join([f"PUT {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())])
        connection, stream = http.connect()
        with connection, stream:
            connection.sendall(head.encode() + b"\r\n\r\n" + body)
            return rawhttp.read_answer(stream)

    def test_right_ones(self, http, client, bucket):
        chunks = [os.urandom(65536), os.urandom(65536), os.urandom(100)]
        answer = self.send(http, bucket, chunks)
        assert answer.status == 200, answer.body
        got = client.get_object(Bucket=bucket, Key="k")
        assert got["Body"].read() == b"".join(chunks)
        assert got["ETag"] == f'"{hashlib.md5(b"".join(chunks)).hexdigest()}"'
        assert "ContentEncoding" not in got

    def test_a_changed_one_creates_nothing(self, http, client, bucket):
        answer = self.send(http, bucket, [b"a" * 65536, b"b"], tamper=True)
        assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
        with refused(404, 404):
            client.head_object(Bucket=bucket, Key="k")
