"""Requests as SDKs sign them, by Signature Version 4 in a header: fast enough for a million, checked against botocore.

A signature is valid for a quarter of an hour; requests are signed anew for each turn.
"""

import hashlib
import json
import time
from collections.abc import Iterable

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from harness.failure import CannotRun
from harness.signature import ACCESS_KEY, ALGORITHM, REGION, SECRET_KEY, hmac_sha256, signing_key

CONTENT_TYPE = "application/x-amz-json-1.0"
TARGET_PREFIX = "DynamoDB_20120810."

# What SDKs send besides; the server has to read it.
USER_AGENT = "Boto3/1.43.106 md/Botocore#1.43.106 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.11.2"


class Signer:
    """Signs for one host at one moment."""

    def __init__(self, host: str, date: str | None = None):
        self.host = host
        self.date = date or time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        self.scope = f"{self.date[:8]}/{REGION}/dynamodb/aws4_request"
        self.key = signing_key(self.scope)

    def headers(self, operation: str, body: bytes) -> dict[str, str]:
        """What a POST of a body to `/` has to carry."""
        signed = {
            "content-type": CONTENT_TYPE, "host": self.host, "x-amz-date": self.date,
            "x-amz-target": TARGET_PREFIX + operation}
        names = ";".join(signed)
        lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
        canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        signature = hmac_sha256(self.key, f"{ALGORITHM}\n{self.date}\n{self.scope}\n{digest}").hex()
        return {
            "Host": self.host, "Accept-Encoding": "identity", "X-Amz-Target": signed["x-amz-target"],
            "Content-Type": CONTENT_TYPE, "User-Agent": USER_AGENT, "X-Amz-Date": self.date,
            "Authorization":
                f"{ALGORITHM} Credential={ACCESS_KEY}/{self.scope}, SignedHeaders={names}, Signature={signature}",
            "Content-Length": str(len(body))}

    def request(self, operation: str, body: bytes, method: str = "POST") -> bytes:
        """A whole request. `method` is another for the floor only, which knows by it what to do."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.headers(operation, body).items())
        return f"{method} / HTTP/1.1\r\n{lines}\r\n".encode() + body

    def requests(self, operation: str, bodies: Iterable[bytes], method: str = "POST") -> Iterable[bytes]:
        return (self.request(operation, body, method) for body in bodies)


def check_against_botocore() -> None:
    """Signs the same requests with botocore; a signer that differs from it must not be measured with."""
    host = "127.0.0.1:4566"
    for operation, members in (("ListTables", {}), ("GetItem", {"TableName": "a", "Key": {"k": {"S": "é"}}})):
        body = json.dumps(members).encode()
        request = botocore.awsrequest.AWSRequest(
            method="POST", url=f"http://{host}/", data=body,
            headers={"Content-Type": CONTENT_TYPE, "X-Amz-Target": TARGET_PREFIX + operation})
        credentials = botocore.credentials.Credentials(ACCESS_KEY, SECRET_KEY)
        botocore.auth.SigV4Auth(credentials, "dynamodb", REGION).add_auth(request)
        ours = Signer(host, request.headers["X-Amz-Date"]).headers(operation, body)
        if ours["Authorization"] != request.headers["Authorization"]:
            raise CannotRun(f"the signer and botocore sign {operation} differently")
