"""Features that nobody has configured: reads tell the truth, writes are refused by name, parameters too."""

import pytest

from errors import refused


@pytest.mark.parametrize("operation, code", [
    ("get_bucket_policy", "NoSuchBucketPolicy"),
    ("get_bucket_policy_status", "NoSuchBucketPolicy"),
    ("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration"),
    ("get_bucket_cors", "NoSuchCORSConfiguration"),
    ("get_bucket_tagging", "NoSuchTagSet"),
    ("get_bucket_website", "NoSuchWebsiteConfiguration"),
    ("get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError"),
    ("get_bucket_replication", "ReplicationConfigurationNotFoundError"),
    ("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError"),
    ("get_public_access_block", "NoSuchPublicAccessBlockConfiguration"),
    ("get_bucket_ownership_controls", "OwnershipControlsNotFoundError"),
])
def test_absent_configurations(client, bucket, operation, code):
    with refused(code, 404) as refusal:
        getattr(client, operation)(Bucket=bucket)
    assert refusal.response["Error"]["BucketName"] == bucket
    with refused("NoSuchBucket", 404):
        getattr(client, operation)(Bucket="no-such-bucket-at-all")


@pytest.mark.parametrize("operation", [
    "get_bucket_versioning", "get_bucket_logging", "get_bucket_notification_configuration",
    "get_bucket_accelerate_configuration",
])
def test_empty_configurations(client, bucket, operation):
    answer = getattr(client, operation)(Bucket=bucket)
    del answer["ResponseMetadata"]
    assert answer == {}


@pytest.mark.parametrize("kind", ["analytics", "inventory", "metrics"])
def test_empty_lists(client, bucket, kind):
    answer = getattr(client, f"list_bucket_{kind}_configurations")(Bucket=bucket)
    assert answer["IsTruncated"] is False
    assert not [name for name in answer if name.endswith("List")]


def test_who_pays_and_who_may(client, bucket):
    assert client.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    client.put_object(Bucket=bucket, Key="k", Body=b"")
    for answer in (client.get_bucket_acl(Bucket=bucket), client.get_object_acl(Bucket=bucket, Key="k")):
        assert answer["Grants"] == [{
            "Grantee": {"ID": answer["Owner"]["ID"], "DisplayName": "test", "Type": "CanonicalUser"},
            "Permission": "FULL_CONTROL"}]
    with refused("NoSuchKey", 404):
        client.get_object_acl(Bucket=bucket, Key="absent")
    for operation in ("get_object_retention", "get_object_legal_hold"):
        with refused("InvalidRequest", 400):
            getattr(client, operation)(Bucket=bucket, Key="k")


@pytest.mark.parametrize("method, target, name", [
    ("PUT", "?versioning", "PutBucketVersioning"),
    ("PUT", "?policy", "PutBucketPolicy"),
    ("PUT", "?lifecycle", "PutBucketLifecycleConfiguration"),
    ("PUT", "?acl", "PutBucketAcl"),
    ("PUT", "?cors", "PutBucketCors"),
    ("DELETE", "?policy", "DeleteBucketPolicy"),
    ("GET", "?session", "CreateSession"),
    ("GET", "?inventory&id=1", "GetBucketInventoryConfiguration"),
    ("POST", "", "PostObject"),
    ("GET", "/k?torrent", "GetObjectTorrent"),
    ("PUT", "/k?acl", "PutObjectAcl"),
    ("PUT", "/k?retention", "PutObjectRetention"),
    ("PUT", "/k?renameObject", "RenameObject"),
    ("POST", "/k?restore", "RestoreObject"),
    ("POST", "/k?select&select-type=2", "SelectObjectContent"),
])
def test_unbuilt_operations_are_refused_by_name(http, bucket, method, target, name):
    answer = http.send(method, f"/{bucket}{target}")
    assert (answer.status, answer.code) == (501, "NotImplemented")
    assert name in answer.text("Message")


@pytest.mark.parametrize("method, target", [("PATCH", "/k"), ("POST", "/k"), ("DELETE", ""), ("PUT", "")])
def test_methods_that_mean_nothing(http, bucket, method, target):
    path = f"/{bucket}{target}" if target else "/"
    answer = http.send(method, path)
    assert (answer.status, answer.code) == (405, "MethodNotAllowed")


@pytest.mark.parametrize("options", [
    {"ACL": "private"}, {"ACL": "bucket-owner-full-control"}, {"StorageClass": "STANDARD"}, {"RequestPayer": "requester"},
])
def test_asking_for_what_is_given_anyway_is_accepted(client, bucket, options):
    answer = client.put_object(Bucket=bucket, Key="k", Body=b"x", **options)
    assert "ServerSideEncryption" not in answer


@pytest.mark.parametrize("options, name", [
    ({"ACL": "public-read"}, "x-amz-acl"),
    ({"GrantRead": "id=1"}, "x-amz-grant-read"),
    ({"ServerSideEncryption": "AES256"}, "x-amz-server-side-encryption"),
    ({"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "k"}, "x-amz-server-side-encryption"),
    ({"WebsiteRedirectLocation": "/x"}, "x-amz-website-redirect-location"),
    ({"ObjectLockLegalHoldStatus": "ON"}, "x-amz-object-lock-legal-hold"),
    ({"WriteOffsetBytes": 3}, "x-amz-write-offset-bytes"),
    ({"StorageClass": "GLACIER"}, ""),
])
def test_other_parameters_are_refused_by_name(client, bucket, options, name):
    with refused("NotImplemented", 501) as refusal:
        client.put_object(Bucket=bucket, Key="k", Body=b"x", **options)
    assert name in refusal.message
    assert client.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_keys_of_customers_are_not_repeated(http, bucket):
    answer = http.send("GET", f"/{bucket}/k", headers={"x-amz-server-side-encryption-customer-key": "c2VjcmV0"})
    assert answer.status == 501
    assert b"c2VjcmV0" not in answer.body


def test_preflights_without_cors(http, bucket):
    headers = {"Origin": "http://example.com", "Access-Control-Request-Method": "GET"}
    answer = http.send("OPTIONS", f"/{bucket}/k", headers=headers, signed=False)
    assert (answer.status, answer.code) == (403, "AccessForbidden")
