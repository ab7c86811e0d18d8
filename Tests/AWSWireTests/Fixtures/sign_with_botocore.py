"""Writes signed-requests.json: requests signed by botocore's own signers, which the verifier must accept.

Run it by hand after upgrading botocore:  python3 Tests/AWSWireTests/Fixtures/sign_with_botocore.py
"""

import datetime
import json
import pathlib
from unittest import mock
from urllib.parse import urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import percent_encode

ACCESS_KEY = "AKIDFIXTURE"
SECRET_KEY = "fixture/secret+key"
NOW = datetime.datetime(2026, 11, 21, 9, 30, 15, tzinfo=datetime.timezone.utc)
HOST = "127.0.0.1:4566"

KEYS = {
    "plain": "photos/puppy.jpg",
    "spaces": "a b/c  d.txt",
    "plus": "1+1=2",
    "unicode": "日本語/ünï–😀.txt",
    "double slashes": "a//b///c",
    "trailing slash": "folder/",
    "dots": "a/../b/./c",
    "tilde": "~user/~",
    "percent": "100%/%2F/%41",
    "query characters": "a=b&c?d#e",
    "reserved": "!'()*,;:@$[]{}|\\^`\"<>",
    "control": "tab\tnew\nline",
}
QUERIES = {
    "none": [],
    "empty value": [("acl", "")],
    "no value": [("uploads", None)],
    "listing": [("list-type", "2"), ("prefix", "a b/+é&="), ("delimiter", "/"), ("start-after", "~%41")],
    "order": [("b", "2"), ("a-", "3"), ("a", "1"), ("A", "0"), ("partNumber", "7"), ("uploadId", "x y+z")],
    "overrides": [("response-content-type", "text/plain; charset=utf-8"), ("response-expires", "a+b c")],
}
HEADERS = {
    "none": [],
    "metadata": [("x-amz-meta-b", "two  spaces"), ("X-Amz-Meta-A", "colon: and, comma"), ("Content-Type", "text/plain")],
    "range": [("Range", "bytes=0-9"), ("Content-MD5", "1B2M2Y8AsgTpgAmy7PhCfg==")],
}


def url_of(key, query):
    url = f"http://{HOST}/bucket/" + percent_encode(key, safe="/~")
    pieces = [percent_encode(n) if v is None else f"{percent_encode(n)}={percent_encode(v)}" for n, v in query]
    return url + ("?" + "&".join(pieces) if pieces else "")


def sign(name, signer, method, key, query, headers, body=b""):
    request = AWSRequest(method=method, url=url_of(key, query), data=body)
    for header, value in headers:
        request.headers[header] = value
    with (
        mock.patch.object(botocore.auth, "get_current_datetime", lambda: NOW),
        mock.patch.object(botocore.auth.time, "time", NOW.timestamp),
        mock.patch.object(botocore.auth, "formatdate", lambda usegmt: NOW.strftime("%a, %d %b %Y %H:%M:%S GMT")),
    ):
        signer.add_auth(request)
    parts = urlsplit(request.url)
    sent = [["Host", HOST], ["User-Agent", "fixture/1"]]
    for header, value in request.headers.items():
        # A presigned URL is used by a client that sends none of what went into the query.
        if "AWSAccessKeyId=" in parts.query and header.lower() in ("date", "content-type", "content-md5"):
            continue
        if "AWSAccessKeyId=" in parts.query and header.lower().startswith("x-amz-"):
            continue
        sent.append([header, value.decode() if isinstance(value, bytes) else value])
    return {
        "name": name,
        "method": method,
        "target": parts.path + ("?" + parts.query if parts.query else ""),
        "headers": sent,
    }


def main():
    credentials = Credentials(ACCESS_KEY, SECRET_KEY)
    signers = {
        "v4Header": lambda: botocore.auth.S3SigV4Auth(credentials, "s3", "eu-west-1"),
        "v4Query": lambda: botocore.auth.S3SigV4QueryAuth(credentials, "s3", "eu-west-1", expires=300),
        "v2Header": lambda: botocore.auth.HmacV1Auth(credentials),
        "v2Query": lambda: botocore.auth.HmacV1QueryAuth(credentials, expires=300),
    }
    requests = []
    for scheme, signer in signers.items():
        for name, key in KEYS.items():
            requests.append(sign(f"{scheme}: key, {name}", signer(), "GET", key, [], []))
        for name, query in QUERIES.items():
            # botocore drops parameters without "=" when it presigns with version 4.
            if scheme == "v4Query" and any(value is None for _, value in query):
                query = [(n, v or "") for n, v in query]
            requests.append(sign(f"{scheme}: query, {name}", signer(), "GET", "k", query, []))
        for name, headers in HEADERS.items():
            # Its version 4 presigner would move a body into the query.
            body = b"" if scheme == "v4Query" else b"hello"
            requests.append(sign(f"{scheme}: headers, {name}", signer(), "PUT", "k", [], headers, body))
    document = {
        "accessKey": ACCESS_KEY,
        "secretKey": SECRET_KEY,
        "unixSeconds": int(NOW.timestamp()),
        "botocore": botocore.__version__,
        "requests": requests,
    }
    target = pathlib.Path(__file__).with_name("signed-requests.json")
    target.write_text(json.dumps(document, indent=1) + "\n")
    print(len(requests), "requests")


main()
