"""Ranges of objects."""

import os

import pytest

from errors import refused

BODY = os.urandom(300_000)


@pytest.fixture(scope="module")
def object_with_bytes(client):
    client.create_bucket(Bucket="ranges")
    client.put_object(Bucket="ranges", Key="k", Body=BODY)
    client.put_object(Bucket="ranges", Key="empty", Body=b"")
    return {"Bucket": "ranges", "Key": "k"}


@pytest.mark.parametrize("sent, first, last", [
    ("bytes=0-0", 0, 0),
    ("bytes=0-49", 0, 49),
    ("bytes=100-", 100, 299_999),
    ("bytes=-5", 299_995, 299_999),
    ("bytes=-400000", 0, 299_999),
    ("bytes=299999-400000", 299_999, 299_999),
    ("bytes=65530-65550", 65_530, 65_550),
    ("bytes=1-262145", 1, 262_145),
])
def test_a_range_is_answered_in_part(client, object_with_bytes, sent, first, last):
    got = client.get_object(**object_with_bytes, Range=sent)
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert got["ContentRange"] == f"bytes {first}-{last}/300000"
    assert got["ContentLength"] == last - first + 1
    assert got["Body"].read() == BODY[first:last + 1]
    head = client.head_object(**object_with_bytes, Range=sent)
    assert head["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert head["ContentLength"] == last - first + 1


@pytest.mark.parametrize("sent", ["bytes=300000-", "bytes=300000-300001", "bytes=-0"])
def test_a_range_outside_cannot_be_satisfied(client, http, object_with_bytes, sent):
    with refused("InvalidRange", 416):
        client.get_object(**object_with_bytes, Range=sent)
    answer = http.send("GET", "/ranges/k", headers={"Range": sent})
    assert answer.headers["content-range"] == "bytes */300000"
    assert answer.text("ActualObjectSize") == "300000"


def test_an_empty_object_has_no_range(client, object_with_bytes):
    with refused("InvalidRange", 416):
        client.get_object(Bucket="ranges", Key="empty", Range="bytes=0-0")


@pytest.mark.parametrize("sent", ["bytes=5-2", "bytes=a-b", "lines=0-1", "bytes=0-1,5-6", "bytes=-", "0-1"])
def test_what_is_not_one_range_is_ignored(http, object_with_bytes, sent):
    answer = http.send("GET", "/ranges/k", headers={"Range": sent})
    assert answer.status == 200
    assert answer.body == BODY


def test_no_checksum_comes_with_a_range(client, object_with_bytes):
    got = client.get_object(**object_with_bytes, Range="bytes=0-9", ChecksumMode="ENABLED")
    assert not [name for name in got if name.startswith("Checksum")]
