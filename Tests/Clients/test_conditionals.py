"""Conditions of reads, writes and deletes."""

import concurrent.futures
import datetime

import pytest

from errors import refused


@pytest.fixture
def stored(client, bucket):
    put = client.put_object(Bucket=bucket, Key="k", Body=b"one")
    modified = client.head_object(Bucket=bucket, Key="k")["LastModified"]
    return {"Bucket": bucket, "Key": "k"}, put["ETag"], modified


def test_reads(client, stored):
    where, etag, modified = stored
    earlier, later = modified - datetime.timedelta(hours=1), modified + datetime.timedelta(seconds=1)
    for read in (client.get_object, client.head_object):
        read(**where, IfMatch=etag)
        read(**where, IfMatch=etag.strip('"'))
        read(**where, IfNoneMatch='"other"')
        read(**where, IfModifiedSince=earlier)
        read(**where, IfUnmodifiedSince=modified)
        # One condition outranks the other (RFC 9110).
        read(**where, IfMatch=etag, IfUnmodifiedSince=earlier)
        read(**where, IfNoneMatch='"other"', IfModifiedSince=later - datetime.timedelta(seconds=1))
        for unmodified in ({"IfNoneMatch": etag}, {"IfModifiedSince": modified}, {"IfNoneMatch": "*"}):
            with refused(304, 304) as refusal:
                read(**where, **unmodified)
            assert refusal.response["ResponseMetadata"]["HTTPHeaders"]["etag"] == etag
    for failing in ({"IfMatch": '"other"'}, {"IfUnmodifiedSince": earlier}):
        with refused("PreconditionFailed", 412):
            client.get_object(**where, **failing)
        with refused(412, 412):
            client.head_object(**where, **failing)


def test_a_304_has_no_body(http, client, stored):
    where, etag, _ = stored
    answer = http.send("GET", f"/{where['Bucket']}/k", headers={"If-None-Match": etag})
    assert (answer.status, answer.body) == (304, b"")


def test_writes(client, stored):
    where, etag, _ = stored
    with refused("PreconditionFailed", 412):
        client.put_object(**where, Body=b"x", IfNoneMatch="*")
    with refused("PreconditionFailed", 412):
        client.put_object(**where, Body=b"x", IfMatch='"other"')
    with refused("NoSuchKey", 404):
        client.put_object(Bucket=where["Bucket"], Key="absent", Body=b"x", IfMatch=etag)
    assert client.get_object(**where)["Body"].read() == b"one"
    client.put_object(**where, Body=b"two", IfMatch=etag)
    client.put_object(Bucket=where["Bucket"], Key="new", Body=b"x", IfNoneMatch="*")


def test_only_one_of_many_creates(server, client, bucket):
    def put(number):
        try:
            client.put_object(Bucket=bucket, Key="lock", Body=str(number).encode(), IfNoneMatch="*")
            return number
        except client.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict")
            return None

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        winners = [number for number in pool.map(put, range(32)) if number is not None]
    assert len(winners) == 1
    assert client.get_object(Bucket=bucket, Key="lock")["Body"].read() == str(winners[0]).encode()


def test_deletes(client, stored):
    where, etag, _ = stored
    with refused("PreconditionFailed", 412):
        client.delete_object(**where, IfMatch='"other"')
    client.head_object(**where)
    client.delete_object(**where, IfMatch=etag)
    with refused(404, 404):
        client.head_object(**where)


def test_a_condition_is_checked_before_the_body_is_asked_for(http, client, stored):
    where, _, _ = stored
    head = http.head(
        "PUT", f"/{where['Bucket']}/k",
        {"Content-Length": "1000000", "Expect": "100-continue", "If-None-Match": "*"}, sha256="UNSIGNED-PAYLOAD")
    connection, stream = http.connect()
    with connection, stream:
        connection.sendall(head)
        status = stream.readline()
    assert b" 412 " in status, "the final status comes instead of 100 Continue"
