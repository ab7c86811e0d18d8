"""Multipart uploads: parts in any order, lists, completion and its rules."""

import hashlib
import os

import boto3.s3.transfer
import pytest

from errors import refused

MEBIBYTE = 1 << 20
PART = 5 * MEBIBYTE


def begin(client, bucket, key="k", **options):
    return {"Bucket": bucket, "Key": key, "UploadId": client.create_multipart_upload(Bucket=bucket, Key=key, **options)["UploadId"]}


def complete(client, upload, parts):
    return client.complete_multipart_upload(
        **upload, MultipartUpload={"Parts": [{"PartNumber": number, "ETag": etag} for number, etag in parts]})


def test_parts_become_an_object(any_client, any_bucket):
    bodies = {2: os.urandom(PART), 7: os.urandom(PART + 1), 9: b"the end"}
    upload = begin(any_client, any_bucket, ContentType="text/x-test", Metadata={"a": "b"})
    etags = {}
    # Parts come in any order; they count by number.
    for number in (9, 2, 7):
        etags[number] = any_client.upload_part(**upload, PartNumber=number, Body=bodies[number])["ETag"]
        assert etags[number] == f'"{hashlib.md5(bodies[number]).hexdigest()}"'
    with refused(404, 404):
        any_client.head_object(Bucket=any_bucket, Key="k")
    answer = complete(any_client, upload, sorted(etags.items()))
    digests = b"".join(hashlib.md5(bodies[number]).digest() for number in sorted(bodies))
    etag = f'"{hashlib.md5(digests).hexdigest()}-3"'
    assert answer["ETag"] == etag
    assert answer["Location"].endswith("/k")
    got = any_client.get_object(Bucket=any_bucket, Key="k")
    assert (got["ETag"], got["ContentType"], got["Metadata"]) == (etag, "text/x-test", {"a": "b"})
    assert got["Body"].read() == b"".join(bodies[number] for number in sorted(bodies))
    # The same again, as after a lost reply.
    assert complete(any_client, upload, sorted(etags.items()))["ETag"] == etag
    part = any_client.get_object(Bucket=any_bucket, Key="k", PartNumber=7)
    assert part["PartsCount"] == 3
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert part["Body"].read() == bodies[7]
    with refused("InvalidPartNumber", 416):
        any_client.get_object(Bucket=any_bucket, Key="k", PartNumber=4)


def test_a_part_sent_again_replaces_the_first(client, bucket):
    upload = begin(client, bucket)
    client.upload_part(**upload, PartNumber=1, Body=b"first")
    second = client.upload_part(**upload, PartNumber=1, Body=b"second")["ETag"]
    complete(client, upload, [(1, second.strip('"'))])
    assert client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"second"


def test_parts_are_listed_in_pages(client, bucket):
    upload = begin(client, bucket)
    for number in (1, 3, 5):
        client.upload_part(**upload, PartNumber=number, Body=b"%d" % number)
    page = client.list_parts(**upload, MaxParts=2)
    assert [part["PartNumber"] for part in page["Parts"]] == [1, 3]
    assert (page["IsTruncated"], page["NextPartNumberMarker"], page["StorageClass"]) == (True, 3, "STANDARD")
    assert page["Owner"]["ID"] == page["Initiator"]["ID"]
    page = client.list_parts(**upload, PartNumberMarker=3)
    assert [part["PartNumber"] for part in page["Parts"]] == [5]
    assert page["IsTruncated"] is False


def test_uploads_are_listed_and_given_up(client, bucket):
    uploads = [begin(client, bucket, key) for key in ("a", "a", "dir/b", "dir/c d")]
    listed = client.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [item["Key"] for item in listed] == ["a", "a", "dir/b", "dir/c d"]
    grouped = client.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert [item["Prefix"] for item in grouped["CommonPrefixes"]] == ["dir/"]
    pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
    assert [upload["UploadId"] for page in pages for upload in page["Uploads"]] == [item["UploadId"] for item in listed]
    for upload in uploads:
        client.abort_multipart_upload(**upload)
    assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)
    with refused("NoSuchUpload", 404):
        client.upload_part(**uploads[0], PartNumber=1, Body=b"")
    with refused("NoSuchUpload", 404):
        client.list_parts(**uploads[0])


def test_the_rules_of_completion(client, bucket):
    upload = begin(client, bucket)
    one = client.upload_part(**upload, PartNumber=1, Body=b"small")["ETag"]
    two = client.upload_part(**upload, PartNumber=2, Body=b"small too")["ETag"]
    with refused("EntityTooSmall", 400):
        complete(client, upload, [(1, one), (2, two)])
    with refused("InvalidPartOrder", 400):
        complete(client, upload, [(2, two), (1, one)])
    with refused("InvalidPart", 400):
        complete(client, upload, [(1, two)])
    with refused("InvalidPart", 400):
        complete(client, upload, [(3, one)])
    with refused("MalformedXML", 400):
        client.complete_multipart_upload(**upload, MultipartUpload={"Parts": []})
    with refused("NoSuchUpload", 404):
        complete(client, {**upload, "UploadId": "never-begun"}, [(1, one)])
    assert complete(client, upload, [(2, two)])["ETag"]


def test_conditions_and_size_of_the_whole(client, bucket):
    client.put_object(Bucket=bucket, Key="k", Body=b"old")
    upload = begin(client, bucket)
    etag = client.upload_part(**upload, PartNumber=1, Body=b"new")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    with refused("PreconditionFailed", 412):
        client.complete_multipart_upload(**upload, MultipartUpload=parts, IfNoneMatch="*")
    with refused("InvalidRequest", 400):
        client.complete_multipart_upload(**upload, MultipartUpload=parts, MpuObjectSize=4)
    client.complete_multipart_upload(**upload, MultipartUpload=parts, MpuObjectSize=3)


@pytest.mark.parametrize("number", ["0", "10001", "-1", "one"])
def test_part_numbers_have_bounds(client, http, bucket, number):
    upload = begin(client, bucket)
    answer = http.send("PUT", f"/{bucket}/k?partNumber={number}&uploadId={upload['UploadId']}", b"x")
    assert (answer.status, answer.code) == (400, "InvalidArgument")


def test_more_than_ten_thousand_parts_are_refused(client, http, bucket):
    upload = begin(client, bucket)
    part = "<Part><PartNumber>{}</PartNumber><ETag>d41d8cd98f00b204e9800998ecf8427e</ETag></Part>"
    body = "<CompleteMultipartUpload>" + "".join(part.format(n) for n in range(1, 10_002)) + "</CompleteMultipartUpload>"
    answer = http.send("POST", f"/{bucket}/k?uploadId={upload['UploadId']}", body.encode())
    assert answer.status == 400
    assert answer.code in ("InvalidArgument", "MalformedXML")


def test_the_transfer_manager(any_client, any_bucket, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(os.urandom(21 * MEBIBYTE + 11))
    config = boto3.s3.transfer.TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=4)
    any_client.upload_file(str(source), any_bucket, "big", Config=config)
    assert any_client.head_object(Bucket=any_bucket, Key="big")["ETag"].endswith('-5"')
    any_client.download_file(any_bucket, "big", str(tmp_path / "back"), Config=config)
    assert (tmp_path / "back").read_bytes() == source.read_bytes()


def test_attributes_list_the_parts(client, bucket):
    upload = begin(client, bucket, ChecksumAlgorithm="SHA256")
    parts = []
    for number, body in ((1, bytes(PART)), (2, b"end")):
        sent = client.upload_part(**upload, PartNumber=number, Body=body, ChecksumAlgorithm="SHA256")
        parts.append({"PartNumber": number, "ETag": sent["ETag"], "ChecksumSHA256": sent["ChecksumSHA256"]})
    whole = client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert whole["ChecksumSHA256"].endswith("-2")
    assert whole["ChecksumType"] == "COMPOSITE"
    answer = client.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ObjectParts", "Checksum"])
    assert answer["ObjectParts"]["TotalPartsCount"] == 2
    assert [(part["PartNumber"], part["Size"]) for part in answer["ObjectParts"]["Parts"]] == [(1, PART), (2, 3)]


@pytest.mark.large
def test_five_gibibytes(aws, client, bucket, tmp_path):
    """Up by multipart and down again, with the same SHA-256."""
    source = tmp_path / "large"
    up = hashlib.sha256()
    with open(source, "wb") as file:
        for index in range(5 * 1024 // 16):
            block = os.urandom(MEBIBYTE) * 16
            up.update(block)
            file.write(block)
    aws("s3", "cp", str(source), f"s3://{bucket}/large")
    source.unlink()
    aws("s3", "cp", f"s3://{bucket}/large", str(source))
    down = hashlib.sha256()
    with open(source, "rb") as file:
        while block := file.read(16 * MEBIBYTE):
            down.update(block)
    assert up.digest() == down.digest()
