"""Listings: order, pages, prefixes, delimiters, encodings."""

import pytest

from conftest import new_bucket
from errors import refused

KEYS = sorted(
    ["a", "a b", "a+b", "b", "dir/", "dir/1", "dir/2", "dir/sub/3", "dir2/4", "zürich", "&<>", "日本/東京"],
    key=lambda key: key.encode())


@pytest.fixture(scope="module")
def listed(client):
    name = new_bucket(client, "listing")
    for key in KEYS:
        client.put_object(Bucket=name, Key=key, Body=key.encode())
    return name


def keys(page):
    return [item["Key"] for item in page.get("Contents", [])]


def prefixes(page):
    return [item["Prefix"] for item in page.get("CommonPrefixes", [])]


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
class TestBoth:
    def test_keys_come_in_the_order_of_their_bytes(self, client, listed, operation):
        page = getattr(client, operation)(Bucket=listed)
        assert keys(page) == KEYS
        assert page["IsTruncated"] is False
        first = page["Contents"][0]
        assert first["Size"] == len(KEYS[0].encode())
        assert first["StorageClass"] == "STANDARD"
        assert first["ETag"].startswith('"')

    def test_prefix_and_delimiter(self, client, listed, operation):
        page = getattr(client, operation)(Bucket=listed, Delimiter="/")
        assert prefixes(page) == ["dir/", "dir2/", "日本/"]
        assert keys(page) == [key for key in KEYS if "/" not in key]
        page = getattr(client, operation)(Bucket=listed, Delimiter="/", Prefix="dir/")
        assert prefixes(page) == ["dir/sub/"]
        assert keys(page) == ["dir/", "dir/1", "dir/2"]
        assert page["Prefix"] == "dir/"
        assert page["Delimiter"] == "/"
        page = getattr(client, operation)(Bucket=listed, Prefix="nothing")
        assert keys(page) == []

    @pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
    def test_pages_join_to_the_whole(self, client, listed, operation, size):
        for options in ({}, {"Delimiter": "/"}, {"Prefix": "dir"}, {"Prefix": "dir", "Delimiter": "/"}):
            whole = getattr(client, operation)(Bucket=listed, **options)
            pages = list(client.get_paginator(operation).paginate(
                Bucket=listed, PaginationConfig={"PageSize": size}, **options))
            assert [key for page in pages for key in keys(page)] == keys(whole)
            assert [prefix for page in pages for prefix in prefixes(page)] == prefixes(whole)
            for page in pages:
                assert len(keys(page)) + len(prefixes(page)) <= size
            for page in pages[:-1]:
                assert page["IsTruncated"] and len(keys(page)) + len(prefixes(page)) == size

    def test_page_sizes(self, client, http, listed, operation):
        page = getattr(client, operation)(Bucket=listed, MaxKeys=0)
        assert (keys(page), page["IsTruncated"], page["MaxKeys"]) == ([], False, 0)
        assert getattr(client, operation)(Bucket=listed, MaxKeys=5000)["MaxKeys"] == 1000
        query = "list-type=2&" if operation.endswith("v2") else ""
        for size in ("-1", "many", "99999999999"):
            answer = http.send("GET", f"/{listed}?{query}max-keys={size}")
            assert (answer.status, answer.code) == (400, "InvalidArgument"), size

    def test_names_are_encoded_only_when_asked(self, http, listed, operation):
        query = "list-type=2&" if operation.endswith("v2") else ""
        plain = http.send("GET", f"/{listed}?{query}prefix=a%20")
        assert b"<Key>a b</Key>" in plain.body
        encoded = http.send("GET", f"/{listed}?{query}prefix=a&encoding-type=url")
        assert b"<EncodingType>url</EncodingType>" in encoded.body
        assert b"<Key>a+b</Key>" in encoded.body and b"<Key>a%2Bb</Key>" in encoded.body
        answer = http.send("GET", f"/{listed}?{query}encoding-type=rot13")
        assert (answer.status, answer.code) == (400, "InvalidArgument")

    def test_another_delimiter(self, client, listed, operation):
        page = getattr(client, operation)(Bucket=listed, Delimiter="ir")
        assert prefixes(page) == ["dir"]


def test_the_first_version(client, listed):
    page = client.list_objects(Bucket=listed, Marker="b", MaxKeys=2)
    assert keys(page) == KEYS[KEYS.index("b") + 1:][:2]
    assert page["Marker"] == "b"
    assert "NextMarker" not in page, "AWS tells it only where there is a delimiter"
    assert page["Contents"][0]["Owner"]["ID"]
    page = client.list_objects(Bucket=listed, Delimiter="/", MaxKeys=1)
    assert page["NextMarker"] == KEYS[0]


def test_the_second_version(client, listed):
    page = client.list_objects_v2(Bucket=listed, StartAfter="dir/1", MaxKeys=1)
    assert keys(page) == ["dir/2"]
    assert (page["KeyCount"], page["StartAfter"]) == (1, "dir/1")
    assert "Owner" not in page["Contents"][0]
    page = client.list_objects_v2(Bucket=listed, FetchOwner=True, MaxKeys=1)
    assert page["Contents"][0]["Owner"]["ID"]
    grouped = client.list_objects_v2(Bucket=listed, Delimiter="/")
    assert grouped["KeyCount"] == len(keys(grouped)) + len(prefixes(grouped))
    with refused("InvalidArgument", 400):
        client.list_objects_v2(Bucket=listed, ContinuationToken="not one of ours")


def test_documents_are_in_the_namespace(http, listed):
    answer = http.send("GET", f"/{listed}?list-type=2")
    assert answer.document.tag == "{http://s3.amazonaws.com/doc/2006-03-01/}ListBucketResult"
    assert b".000Z</LastModified>" in answer.body
    assert answer.headers["content-type"] == "application/xml"
    error = http.send("GET", "/no-such-bucket-here")
    assert error.document.tag == "Error", "errors have no namespace"
