"""Presigned URLs: both signature versions, used by curl and by hand."""

import subprocess

import botocore.config
import pytest

from conftest import make_client, new_bucket, tool


@pytest.fixture(params=["as configured", "s3v4"])
def signer(request, server):
    """boto3 against a custom endpoint presigns with version 2 unless told otherwise."""
    config = None if request.param == "as configured" else botocore.config.Config(signature_version="s3v4")
    return make_client(server, config=config)


def curl(*arguments, body=None):
    done = subprocess.run(
        [tool("curl"), "-sS", "-w", "\n%{http_code}", *arguments], input=body, capture_output=True, check=True)
    content, _, status = done.stdout.rpartition(b"\n")
    return int(status), content


def test_curl_gets_puts_heads_and_deletes(signer, client, bucket):
    key = "dir/a b+ü.txt"

    def url(operation, **options):
        return signer.generate_presigned_url(operation, Params={"Bucket": bucket, "Key": key, **options})

    # curl does not know the length of a pipe, and S3 wants it.
    assert curl("-T", "-", url("put_object"), body=b"by curl")[0] == 411
    assert curl("--data-binary", "by curl", "-H", "Content-Type:", "-X", "PUT", url("put_object"))[0] == 200
    assert curl(url("get_object")) == (200, b"by curl")
    assert curl("-r", "3-6", url("get_object")) == (206, b"curl")
    assert curl("-I", url("head_object"))[0] == 200
    status, _ = curl(url("get_object", ResponseContentType="a/b"))
    assert status == 200
    assert curl("-X", "DELETE", url("delete_object"))[0] == 204
    assert curl(url("get_object"))[0] == 404


def test_a_changed_url_is_refused(signer, client, bucket):
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    status, body = curl(url.replace("/k?", "/other?"))
    assert status == 403 and b"SignatureDoesNotMatch" in body
    assert b"<StringToSign>" in body


def test_an_expired_url_is_refused(signer, client, bucket):
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=-10)
    status, body = curl(url)
    assert status in (400, 403)
    assert b"AccessDenied" in body or b"AuthorizationQueryParametersError" in body


def test_headers_in_the_query(server, signer, bucket, client):
    """Version 2 moves x-amz- headers into the query."""
    url = signer.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "k", "Metadata": {"a": "b"}})
    headers = [] if "x-amz-meta-a=b" in url else ["-H", "x-amz-meta-a: b"]
    assert curl("--data-binary", "x", "-H", "Content-Type:", *headers, "-X", "PUT", url)[0] == 200
    assert client.head_object(Bucket=bucket, Key="k")["Metadata"] == {"a": "b"}


def test_the_cli_presigns(aws, client, bucket):
    client.put_object(Bucket=bucket, Key="a b", Body=b"presigned")
    url = aws("s3", "presign", f"s3://{bucket}/a b").stdout.decode().strip()
    assert curl(url) == (200, b"presigned")


def test_over_tls(tls_server, tls_client):
    name = new_bucket(tls_client)
    tls_client.put_object(Bucket=name, Key="k", Body=b"secret")
    url = tls_client.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "k"})
    assert curl("--cacert", tls_server.ca_bundle, url) == (200, b"secret")
