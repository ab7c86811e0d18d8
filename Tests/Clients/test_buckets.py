"""Buckets: making, finding, listing and removing them; accounts and regions."""

import boto3
import botocore.config
import pytest

import rawhttp
import server as varve
from conftest import make_client, new_bucket
from errors import refused


def test_a_bucket_is_made_found_and_removed(any_client):
    name = new_bucket(any_client)
    head = any_client.head_bucket(Bucket=name)
    assert head["BucketRegion"] == any_client.meta.region_name
    listed = {bucket["Name"]: bucket for bucket in any_client.list_buckets()["Buckets"]}
    assert name in listed
    assert listed[name]["CreationDate"].microsecond == 0
    any_client.delete_bucket(Bucket=name)
    with refused(404, 404):
        any_client.head_bucket(Bucket=name)
    with refused("NoSuchBucket", 404) as refusal:
        any_client.list_objects_v2(Bucket=name)
    assert refusal.response["Error"]["BucketName"] == name


def test_locations_are_told_as_aws_tells_them(client, irish):
    assert client.get_bucket_location(Bucket=new_bucket(client))["LocationConstraint"] is None
    name = new_bucket(irish)
    assert irish.get_bucket_location(Bucket=name)["LocationConstraint"] == "eu-west-1"
    # Served whatever the request was signed for, and the answer says where the bucket is.
    assert client.head_bucket(Bucket=name)["BucketRegion"] == "eu-west-1"


def test_making_ones_own_bucket_again_depends_on_the_region(client, irish):
    client.create_bucket(Bucket=(mine := new_bucket(client)))
    assert mine in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]
    name = new_bucket(irish)
    with refused("BucketAlreadyOwnedByYou", 409):
        irish.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


def test_a_location_constraint_must_fit_the_region(client, irish):
    with refused("IllegalLocationConstraintException", 400):
        irish.create_bucket(Bucket="never-made-1")
    with refused("InvalidLocationConstraint", 400):
        client.create_bucket(Bucket="never-made-2", CreateBucketConfiguration={"LocationConstraint": "atlantis"})


def test_another_accounts_bucket_is_closed_and_its_name_taken(client, other):
    name = new_bucket(client)
    client.put_object(Bucket=name, Key="k", Body=b"secret")
    with refused("BucketAlreadyExists", 409):
        other.create_bucket(Bucket=name)
    with refused("AccessDenied", 403):
        other.get_object(Bucket=name, Key="k")
    with refused("AccessDenied", 403):
        other.list_objects_v2(Bucket=name)
    with refused(403, 403):
        other.head_bucket(Bucket=name)
    assert name not in [bucket["Name"] for bucket in other.list_buckets()["Buckets"]]


def test_the_expected_owner_is_checked(client, bucket):
    client.head_bucket(Bucket=bucket, ExpectedBucketOwner="000000000000")
    with refused("AccessDenied", 403):
        client.list_objects_v2(Bucket=bucket, ExpectedBucketOwner="111122223333")


@pytest.mark.parametrize("name", [
    "ab", "a" * 64, "Upper", "under_score", "-dash", "dash-", "two..dots", "192.168.1.1", "xn--bucket", "sthree-bucket",
    "bucket-s3alias", "bucket--ol-s3", "bucket--x-s3", "amzn-s3-demo-bucket", ".dot", "dot.",
])
def test_bad_names_are_refused(http, name):
    answer = http.send("PUT", f"/{name}")
    assert (answer.status, answer.code) == (400, "InvalidBucketName")


@pytest.mark.parametrize("name", ["health", "metrics", "s3-bucket", "dynamodb", "abc", "a.b.c", "1" * 63])
def test_odd_but_legal_names_work(client, name):
    client.create_bucket(Bucket=name)
    client.put_object(Bucket=name, Key="k", Body=b"v")
    assert client.get_object(Bucket=name, Key="k")["Body"].read() == b"v"
    client.delete_object(Bucket=name, Key="k")
    client.delete_bucket(Bucket=name)


def test_a_bucket_with_objects_stays(client, bucket):
    client.put_object(Bucket=bucket, Key="k", Body=b"")
    with refused("BucketNotEmpty", 409):
        client.delete_bucket(Bucket=bucket)


def test_buckets_are_listed_in_pages(client):
    names = sorted(new_bucket(client, "paged") for _ in range(5))
    found, token = [], {}
    while True:
        page = client.list_buckets(MaxBuckets=2, Prefix="paged-", **token)
        assert len(page["Buckets"]) <= 2
        found += [bucket["Name"] for bucket in page["Buckets"]]
        if "ContinuationToken" not in page:
            break
        token = {"ContinuationToken": page["ContinuationToken"]}
    assert found == names
    assert client.list_buckets(Prefix="paged-", BucketRegion="eu-west-1")["Buckets"] == []


def test_buckets_have_tags(client, bucket):
    with refused("NoSuchTagSet", 404):
        client.get_bucket_tagging(Bucket=bucket)
    tags = [{"Key": "team", "Value": "storage + co"}, {"Key": "größe", "Value": "sehr groß"}]
    client.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert sorted(client.get_bucket_tagging(Bucket=bucket)["TagSet"], key=str) == sorted(tags, key=str)
    client.delete_bucket_tagging(Bucket=bucket)
    with refused("NoSuchTagSet", 404):
        client.get_bucket_tagging(Bucket=bucket)


@pytest.mark.parametrize("host, target", [
    ("{bucket}.localhost:4566", "/a/k"),
    ("{bucket}.s3.localhost.localstack.cloud", "/a/k"),
    ("{bucket}.s3.eu-west-1.localhost", "/a/k"),
    ("localhost", "/{bucket}/a/k"),
    ("s3.localhost.localstack.cloud:4566", "/{bucket}/a/k"),
    ("s3.localhost", "/{bucket}/a/k"),
])
def test_buckets_are_addressed_by_host_or_path(client, http, bucket, host, target):
    client.put_object(Bucket=bucket, Key="a/k", Body=b"here")
    answer = http.send("GET", target.format(bucket=bucket), headers={"Host": host.format(bucket=bucket)})
    assert (answer.status, answer.body) == (200, b"here")


def test_virtual_hosts_work_with_dots_in_names(client, http):
    client.create_bucket(Bucket="with.dots.in-it")
    client.put_object(Bucket="with.dots.in-it", Key="k", Body=b"dots")
    answer = http.send("GET", "/k", headers={"Host": "with.dots.in-it.localhost:4566"})
    assert (answer.status, answer.body) == (200, b"dots")


def test_boto3_with_virtual_hosts(server, bucket, client, loopback_names):
    client.put_object(Bucket=bucket, Key="k", Body=b"virtual")
    virtual = boto3.client(
        "s3", endpoint_url=f"http://localhost:{server.port}", region_name="us-east-1", aws_access_key_id="test",
        aws_secret_access_key="test", config=botocore.config.Config(s3={"addressing_style": "virtual"}))
    assert virtual.get_object(Bucket=bucket, Key="k")["Body"].read() == b"virtual"


class TestRegionsAreTold:
    """x-amz-bucket-region is how clients find the region of a bucket they were pointed at."""

    def test_to_whoever_signed_for_another_region(self, irish, http):
        name = new_bucket(irish)
        irish.put_object(Bucket=name, Key="k", Body=b"v")
        for method, target, status in [
            ("GET", f"/{name}/k", 200), ("HEAD", f"/{name}/k", 200), ("GET", f"/{name}/none", 404),
            ("HEAD", f"/{name}/none", 404), ("GET", f"/{name}?tagging", 404), ("DELETE", f"/{name}", 409),
            ("PUT", f"/{name}/k", 200),
        ]:
            answer = http.send(method, target)
            assert (answer.status, answer.headers.get("x-amz-bucket-region")) == (status, "eu-west-1"), (method, target)

    def test_with_the_bucket_and_its_lists(self, irish, server):
        name = new_bucket(irish)
        local = rawhttp.Raw(server, region="eu-west-1")
        for method, target in [("HEAD", f"/{name}"), ("GET", f"/{name}"), ("GET", f"/{name}?list-type=2")]:
            answer = local.send(method, target)
            assert (answer.status, answer.headers["x-amz-bucket-region"]) == (200, "eu-west-1"), (method, target)
        irish.put_object(Bucket=name, Key="k", Body=b"v")
        assert "x-amz-bucket-region" not in local.send("GET", f"/{name}/k").headers

    def test_to_strangers_too(self, irish, server):
        name = new_bucket(irish)
        stranger = rawhttp.Raw(server, varve.OTHER["aws_access_key_id"], varve.OTHER["aws_secret_access_key"])
        answer = stranger.send("HEAD", f"/{name}")
        assert (answer.status, answer.headers["x-amz-bucket-region"]) == (403, "eu-west-1")

    def test_not_of_buckets_that_do_not_exist(self, http):
        answer = http.send("GET", "/no-such-bucket-anywhere")
        assert answer.status == 404 and "x-amz-bucket-region" not in answer.headers


class TestStrictRegions:
    def test_the_wrong_region_is_told_the_right_one(self, strict_server):
        irish = make_client(strict_server, "eu-west-1")
        name = new_bucket(irish)
        irish.put_object(Bucket=name, Key="k", Body=b"v")
        answer = rawhttp.Raw(strict_server).send("GET", f"/{name}/k")
        assert (answer.status, answer.code) == (400, "AuthorizationHeaderMalformed")
        assert answer.text("Region") == "eu-west-1"
        head = rawhttp.Raw(strict_server).send("HEAD", f"/{name}")
        assert head.status == 301
        assert head.headers["x-amz-bucket-region"] == "eu-west-1"

    def test_boto3_finds_the_right_region_by_itself(self, strict_server):
        irish = make_client(strict_server, "eu-west-1")
        name = new_bucket(irish)
        irish.put_object(Bucket=name, Key="k", Body=b"v")
        lost = boto3.client(
            "s3", endpoint_url=strict_server.endpoint, region_name="us-east-1", aws_access_key_id="test",
            aws_secret_access_key="test")
        assert lost.get_object(Bucket=name, Key="k")["Body"].read() == b"v"
