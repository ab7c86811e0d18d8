"""Tags of objects."""

import pytest

from errors import refused


def test_tags_are_kept_and_counted(any_client, any_bucket):
    where = {"Bucket": any_bucket, "Key": "k"}
    any_client.put_object(**where, Body=b"x", Tagging="a=1&b%20c=d%2Be&empty=")
    assert any_client.head_object(**where)["TagCount"] == 3
    assert sorted((tag["Key"], tag["Value"]) for tag in any_client.get_object_tagging(**where)["TagSet"]) == [
        ("a", "1"), ("b c", "d+e"), ("empty", "")]
    modified = any_client.head_object(**where)["LastModified"]
    any_client.put_object_tagging(**where, Tagging={"TagSet": [{"Key": "ü", "Value": "ä ö"}]})
    assert any_client.get_object_tagging(**where)["TagSet"] == [{"Key": "ü", "Value": "ä ö"}]
    assert any_client.head_object(**where)["LastModified"] == modified
    any_client.delete_object_tagging(**where)
    assert any_client.get_object_tagging(**where)["TagSet"] == []
    assert "TagCount" not in any_client.head_object(**where)


@pytest.mark.parametrize("tags", [
    [{"Key": str(index), "Value": ""} for index in range(11)],
    [{"Key": "k" * 129, "Value": ""}],
    [{"Key": "k", "Value": "v" * 257}],
    [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}],
])
def test_bad_tags_are_refused(client, bucket, tags):
    client.put_object(Bucket=bucket, Key="k", Body=b"")
    code = "BadRequest" if len(tags) == 11 else "InvalidTag"
    with refused(code, 400):
        client.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": tags})


def test_tags_of_what_is_not_there(client, bucket):
    with refused("NoSuchKey", 404):
        client.get_object_tagging(Bucket=bucket, Key="absent")


def test_a_document_without_tags_is_malformed(http, client, bucket):
    client.put_object(Bucket=bucket, Key="k", Body=b"")
    for body in (b"<Tagging/>", b"<Other/>", b"", b"<Tagging><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>"):
        answer = http.send("PUT", f"/{bucket}/k?tagging", body)
        assert (answer.status, answer.code) == (400, "MalformedXML"), body
