"""Objects: in, out byte for byte, with their metadata; keys of every kind; deletes."""

import hashlib
import os
import urllib.parse

import pytest

from errors import refused

MEBIBYTE = 1 << 20


@pytest.mark.parametrize("size", [0, 1, 4096, 64 * 1024, 64 * 1024 + 1, 256 * 1024 + 3, 5 * MEBIBYTE + 7])
def test_objects_come_back_byte_for_byte(any_client, any_bucket, size):
    body = os.urandom(size)
    put = any_client.put_object(Bucket=any_bucket, Key="k", Body=body)
    md5 = f'"{hashlib.md5(body).hexdigest()}"'
    assert put["ETag"] == md5
    got = any_client.get_object(Bucket=any_bucket, Key="k")
    assert got["ContentLength"] == size
    assert got["ETag"] == md5
    assert got["AcceptRanges"] == "bytes"
    assert got["ContentType"] == "binary/octet-stream"
    assert got["Body"].read() == body
    head = any_client.head_object(Bucket=any_bucket, Key="k")
    assert head["ContentLength"] == size
    assert head["LastModified"] == got["LastModified"]
    for header in ("ServerSideEncryption", "VersionId", "StorageClass", "WebsiteRedirectLocation"):
        assert header not in got


def test_an_overwrite_replaces_everything(client, bucket):
    client.put_object(Bucket=bucket, Key="k", Body=b"old", Metadata={"a": "1"}, ContentType="text/plain")
    client.put_object(Bucket=bucket, Key="k", Body=b"newer")
    got = client.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == b"newer"
    assert got["Metadata"] == {}
    assert got["ContentType"] == "binary/octet-stream"


@pytest.mark.parametrize("key", [
    "plain", "a/b/c", "/leading", "trailing/", "//double//slash", "a/../b", "a/./b", "./a", "a+b", "a b", "a%20b",
    "a%2Fb", "ключ/鍵/🔑", "a&b=c?d#e", "tab\there", "quote'\"", "<xml>&amp;", "a" * 1024, "é" * 512, "~-_.!*()",
    "back\\slash", "new\nline", "x-id", "?", "\x7f",
])
def test_keys_are_kept_as_they_are(any_client, any_bucket, key):
    any_client.put_object(Bucket=any_bucket, Key=key, Body=key.encode())
    assert any_client.get_object(Bucket=any_bucket, Key=key)["Body"].read() == key.encode()
    assert [item["Key"] for item in any_client.list_objects_v2(Bucket=any_bucket)["Contents"]] == [key]
    any_client.delete_object(Bucket=any_bucket, Key=key)
    with refused("NoSuchKey", 404) as refusal:
        any_client.get_object(Bucket=any_bucket, Key=key)
    assert refusal.response["Error"]["Key"] == key


def test_keys_that_cannot_be(client, http, bucket):
    with refused("KeyTooLongError", 400):
        client.put_object(Bucket=bucket, Key="k" * 1025, Body=b"")
    for path in ("a%00b", "%FF%FE", "%C0%AF", "../up", "a/../../up"):
        answer = http.send("PUT", f"/{bucket}/{path}", b"x")
        assert (answer.status, answer.code) == (400, "InvalidURI"), path
    assert client.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_system_metadata_is_kept(client, bucket):
    client.put_object(
        Bucket=bucket, Key="k", Body=b"x", CacheControl="max-age=60", ContentDisposition='attachment; filename="f"',
        ContentEncoding="gzip", ContentLanguage="de-CH", ContentType="text/x-test; charset=utf-8",
        Expires="Wed, 21 Oct 2026 07:28:00 GMT")
    for got in (client.head_object(Bucket=bucket, Key="k"), client.get_object(Bucket=bucket, Key="k")):
        assert got["CacheControl"] == "max-age=60"
        assert got["ContentDisposition"] == 'attachment; filename="f"'
        assert got["ContentEncoding"] == "gzip"
        assert got["ContentLanguage"] == "de-CH"
        assert got["ContentType"] == "text/x-test; charset=utf-8"
        assert got["ExpiresString"] == "Wed, 21 Oct 2026 07:28:00 GMT"


def test_expires_is_answered_as_it_was_sent(http, client, bucket):
    http.send("PUT", f"/{bucket}/k", b"x", headers={"Expires": "whenever"})
    assert http.send("GET", f"/{bucket}/k").headers["expires"] == "whenever"


def test_user_metadata_is_kept(client, bucket):
    metadata = {"plain": "value", "with-dash": "a, b", "empty": "", "case": "MixedCase"}
    client.put_object(Bucket=bucket, Key="k", Body=b"", Metadata=metadata)
    assert client.head_object(Bucket=bucket, Key="k")["Metadata"] == metadata


def test_user_metadata_in_utf8(http, bucket):
    encoded = "=?UTF-8?B?w4TDlsOcIPCflJE=?="
    for sent in ("ÄÖÜ 🔑", encoded, "=?utf-8?Q?=C3=84=C3=96=C3=9C_=F0=9F=94=91?="):
        assert http.send("PUT", f"/{bucket}/k", b"x", headers={"x-amz-meta-name": sent}).status == 200
        # Outside ASCII S3 answers in the form of RFC 2047.
        assert http.send("HEAD", f"/{bucket}/k").headers["x-amz-meta-name"] == encoded


def test_repeated_metadata_headers_are_joined(http, client, bucket):
    head = http.sign("PUT", f"/{bucket}/k", {"Host": http.server.host, "x-amz-meta-a": "1,2"}, "UNSIGNED-PAYLOAD")
    lines = [f"{name}: {value}" for name, value in head.items() if name != "x-amz-meta-a"]
    lines += ["x-amz-meta-a: 1", "x-amz-meta-a: 2", "Content-Length: 0"]
    request = "\r\n".join([f"PUT /{bucket}/k HTTP/1.1", *lines]) + "\r\n\r\n"
    connection, stream = http.connect()
    with connection, stream:
        connection.sendall(request.encode())
        assert int(stream.readline().split()[1]) == 200
    assert client.head_object(Bucket=bucket, Key="k")["Metadata"] == {"a": "1,2"}


def test_metadata_over_two_kilobytes_is_refused(client, bucket):
    client.put_object(Bucket=bucket, Key="k", Body=b"", Metadata={"a": "x" * 2047})
    with refused("MetadataTooLarge", 400):
        client.put_object(Bucket=bucket, Key="k2", Body=b"", Metadata={"a": "x" * 2048})


def test_response_overrides(client, bucket):
    client.put_object(Bucket=bucket, Key="k", Body=b"x", ContentType="text/plain")
    overrides = {
        "ResponseCacheControl": "no-cache", "ResponseContentDisposition": "inline", "ResponseContentEncoding": "x",
        "ResponseContentLanguage": "fr", "ResponseContentType": "a/b", "ResponseExpires": "Wed, 21 Oct 2026 07:28:00 GMT",
    }
    for got in (client.get_object(Bucket=bucket, Key="k", **overrides), client.head_object(Bucket=bucket, Key="k", **overrides)):
        assert got["CacheControl"] == "no-cache"
        assert got["ContentDisposition"] == "inline"
        assert got["ContentEncoding"] == "x"
        assert got["ContentLanguage"] == "fr"
        assert got["ContentType"] == "a/b"
        assert got["ExpiresString"] == "Wed, 21 Oct 2026 07:28:00 GMT"


def test_a_response_override_cannot_inject_headers(http, client, bucket):
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    value = urllib.parse.quote("a/b\r\nx-evil: 1", safe="")
    answer = http.send("GET", f"/{bucket}/k?response-content-type={value}")
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert "x-evil" not in answer.headers


def test_deleting_what_is_not_there_succeeds(client, bucket):
    answer = client.delete_object(Bucket=bucket, Key="never")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_batches_are_deleted(any_client, any_bucket):
    keys = ["a", "b/c", "d&e", "ü", "gone already"]
    for key in keys[:-1]:
        any_client.put_object(Bucket=any_bucket, Key=key, Body=b"")
    answer = any_client.delete_objects(Bucket=any_bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    assert [deleted["Key"] for deleted in answer["Deleted"]] == keys
    assert "Errors" not in answer
    assert any_client.list_objects_v2(Bucket=any_bucket)["KeyCount"] == 0


def test_quiet_batches_tell_errors_only(client, bucket):
    client.put_object(Bucket=bucket, Key="a", Body=b"")
    client.put_object(Bucket=bucket, Key="b", Body=b"")
    answer = client.delete_objects(
        Bucket=bucket, Delete={"Quiet": True, "Objects": [{"Key": "a"}, {"Key": "b", "ETag": '"no"'}]})
    assert "Deleted" not in answer
    assert [(error["Key"], error["Code"]) for error in answer["Errors"]] == [("b", "PreconditionFailed")]


def test_a_batch_needs_a_checksum_and_at_most_a_thousand_keys(client, http, bucket):
    with refused("MalformedXML", 400):
        client.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": str(index)} for index in range(1001)]})
    answer = http.send("POST", f"/{bucket}?delete", b"<Delete><Object><Key>a</Key></Object></Delete>")
    assert (answer.status, answer.code) == (400, "InvalidRequest")


def test_versions_of_a_bucket_that_never_had_any(client, bucket):
    for key in ("a", "b", "dir/c", "dir/d"):
        client.put_object(Bucket=bucket, Key=key, Body=b"v")
    answer = client.list_object_versions(Bucket=bucket)
    assert [(v["Key"], v["VersionId"], v["IsLatest"]) for v in answer["Versions"]] == [
        (key, "null", True) for key in ("a", "b", "dir/c", "dir/d")]
    grouped = client.list_object_versions(Bucket=bucket, Delimiter="/")
    assert [prefix["Prefix"] for prefix in grouped["CommonPrefixes"]] == ["dir/"]
    pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
    assert [version["Key"] for page in pages for version in page["Versions"]] == ["a", "b", "dir/c", "dir/d"]
    assert client.get_object(Bucket=bucket, Key="a", VersionId="null")["Body"].read() == b"v"
    client.delete_object(Bucket=bucket, Key="a", VersionId="null")
    with refused(404, 404):
        client.head_object(Bucket=bucket, Key="a")


def test_attributes(client, bucket):
    body = b"attributes"
    client.put_object(Bucket=bucket, Key="k", Body=body, ChecksumAlgorithm="SHA256")
    answer = client.get_object_attributes(
        Bucket=bucket, Key="k", ObjectAttributes=["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"])
    assert answer["ETag"] == hashlib.md5(body).hexdigest()
    assert answer["ObjectSize"] == len(body)
    assert answer["StorageClass"] == "STANDARD"
    assert answer["Checksum"]["ChecksumType"] == "FULL_OBJECT"
    assert "ChecksumSHA256" in answer["Checksum"]
    assert "ObjectParts" not in answer
    only = client.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ObjectSize"])
    assert "ETag" not in only and "Checksum" not in only
    with refused("InvalidArgument", 400):
        client.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["Colour"])
