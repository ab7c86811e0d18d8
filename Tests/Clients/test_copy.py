"""Copies of objects and of parts."""

import os

import pytest

from conftest import new_bucket
from errors import refused

MEBIBYTE = 1 << 20


@pytest.mark.parametrize("size", [0, 100, 300_000])
def test_a_copy_is_the_same(any_client, any_bucket, size):
    body = os.urandom(size)
    put = any_client.put_object(
        Bucket=any_bucket, Key="from/a b+ü?.txt", Body=body, Metadata={"a": "b"}, ContentType="text/plain", Tagging="t=1")
    target = new_bucket(any_client)
    answer = any_client.copy_object(
        Bucket=target, Key="to", CopySource={"Bucket": any_bucket, "Key": "from/a b+ü?.txt"})
    assert answer["CopyObjectResult"]["ETag"] == put["ETag"]
    assert answer["CopyObjectResult"]["LastModified"]
    got = any_client.get_object(Bucket=target, Key="to")
    assert got["Body"].read() == body
    assert (got["Metadata"], got["ContentType"], got["TagCount"]) == ({"a": "b"}, "text/plain", 1)
    any_client.delete_object(Bucket=any_bucket, Key="from/a b+ü?.txt")
    assert any_client.get_object(Bucket=target, Key="to")["Body"].read() == body


def test_metadata_and_tags_can_be_replaced(client, bucket):
    client.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata={"a": "b"}, Tagging="t=1")
    source = {"Bucket": bucket, "Key": "k"}
    client.copy_object(
        Bucket=bucket, Key="k2", CopySource=source, MetadataDirective="REPLACE", Metadata={"c": "d"},
        ContentType="a/b", TaggingDirective="REPLACE", Tagging="u=2")
    got = client.head_object(Bucket=bucket, Key="k2")
    assert (got["Metadata"], got["ContentType"]) == ({"c": "d"}, "a/b")
    assert client.get_object_tagging(Bucket=bucket, Key="k2")["TagSet"] == [{"Key": "u", "Value": "2"}]
    with refused("InvalidRequest", 400):
        client.copy_object(Bucket=bucket, Key="k", CopySource=source)
    client.copy_object(Bucket=bucket, Key="k", CopySource=source, MetadataDirective="REPLACE", Metadata={"e": "f"})
    assert client.head_object(Bucket=bucket, Key="k")["Metadata"] == {"e": "f"}


def test_conditions_on_the_source_and_the_target(client, bucket):
    etag = client.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    where = {"Bucket": bucket, "Key": "copy", "CopySource": {"Bucket": bucket, "Key": "k"}}
    with refused("PreconditionFailed", 412):
        client.copy_object(**where, CopySourceIfMatch='"other"')
    with refused("PreconditionFailed", 412):
        client.copy_object(**where, CopySourceIfNoneMatch=etag)
    client.copy_object(**where, CopySourceIfMatch=etag)
    with refused("PreconditionFailed", 412):
        client.copy_object(**where, IfNoneMatch="*")


@pytest.mark.parametrize("source", ["", "nothing", "/", "/bucket-only/", "%zz/k"])
def test_a_source_must_name_an_object(http, bucket, source):
    answer = http.send("PUT", f"/{bucket}/k", headers={"x-amz-copy-source": source or "/"})
    assert (answer.status, answer.code) == (400, "InvalidArgument")


def test_sources_that_are_not_there(client, bucket):
    with refused("NoSuchKey", 404):
        client.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "absent"})
    with refused("NoSuchBucket", 404):
        client.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": "absent-bucket-x", "Key": "k"})


@pytest.mark.parametrize("sent", ["/{bucket}/s%2Bo%2Fu%20r", "{bucket}/s%2Bo/u%20r", "{bucket}/s+o/u r",
                                  "{bucket}/s%2Bo/u%20r?versionId=null"])
def test_sources_in_every_form(client, http, bucket, sent):
    client.put_object(Bucket=bucket, Key="s+o/u r", Body=b"found")
    answer = http.send("PUT", f"/{bucket}/k", headers={"x-amz-copy-source": sent.format(bucket=bucket)})
    assert answer.status == 200, answer.body
    assert client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"found"


def test_parts_are_copied_by_range(client, bucket):
    body = os.urandom(11 * MEBIBYTE)
    client.put_object(Bucket=bucket, Key="source", Body=body)
    upload = {"Bucket": bucket, "Key": "k", "UploadId": client.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]}
    parts = []
    for number, span in ((1, f"bytes=0-{5 * MEBIBYTE - 1}"), (2, f"bytes={5 * MEBIBYTE}-{11 * MEBIBYTE - 1}")):
        answer = client.upload_part_copy(
            **upload, PartNumber=number, CopySource={"Bucket": bucket, "Key": "source"}, CopySourceRange=span)
        parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
    client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert client.get_object(Bucket=bucket, Key="k")["Body"].read() == body
    for span in ("bytes=0-", "0-1", "bytes=5-2"):
        with refused("InvalidArgument", 400):
            client.upload_part_copy(
                **upload | {"UploadId": client.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]}, PartNumber=1,
                CopySource={"Bucket": bucket, "Key": "source"}, CopySourceRange=span)
