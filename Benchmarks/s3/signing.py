"""Presigned URLs by Signature Version 4, fast enough for a million of them, checked against botocore."""

import hashlib
import time
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from harness.failure import CannotRun
from harness.signature import ACCESS_KEY, ALGORITHM, REGION, SECRET_KEY, hmac_sha256, signing_key

EXPIRES_SECONDS = 12 * 3600


class Signer:
    """Signs for one host at one moment. The body is not signed, as in every presigned URL."""

    def __init__(self, host: str, moment: float | None = None):
        self.host = host
        self.date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment if moment is not None else time.time()))
        self.scope = f"{self.date[:8]}/{REGION}/s3/aws4_request"
        self.key = signing_key(self.scope)
        self.own_query = {
            "X-Amz-Algorithm": ALGORITHM, "X-Amz-Credential": f"{ACCESS_KEY}/{self.scope}", "X-Amz-Date": self.date,
            "X-Amz-Expires": str(EXPIRES_SECONDS), "X-Amz-SignedHeaders": "host"}

    def target(self, method: str, path: str, query: dict[str, str] | None = None) -> str:
        """The request target: path and query, signature included."""
        path = quote(path, safe="/-_.~")
        pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in
                       (self.own_query | (query or {})).items())
        text = "&".join(f"{name}={value}" for name, value in pairs)
        canonical = f"{method}\n{path}\n{text}\nhost:{self.host}\n\nhost\nUNSIGNED-PAYLOAD"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        signature = hmac_sha256(self.key, f"{ALGORITHM}\n{self.date}\n{self.scope}\n{digest}").hex()
        return f"{path}?{text}&X-Amz-Signature={signature}"


def check_against_botocore() -> None:
    """Signs the same requests with botocore; a signer that differs from it must not be measured with."""
    host = "127.0.0.1:4566"
    for method, path in (("GET", "/bench/a-1"), ("PUT", "/bench/deep/key~_.txt"), ("GET", "/bench")):
        request = botocore.awsrequest.AWSRequest(method=method, url=f"http://{host}{path}")
        credentials = botocore.credentials.Credentials(ACCESS_KEY, SECRET_KEY)
        botocore.auth.S3SigV4QueryAuth(credentials, "s3", REGION, expires=EXPIRES_SECONDS).add_auth(request)
        theirs = parse_qs(urlsplit(request.url).query)
        moment = time.mktime(time.strptime(theirs["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ")) - time.timezone
        ours = parse_qs(urlsplit(Signer(host, moment).target(method, path)).query)
        if ours != theirs:
            raise CannotRun(f"the signer and botocore sign {method} {path} differently")


def write_targets(file: Path, host: str, method: str, bucket: str, keys: list[str]) -> Path:
    """One presigned request target a line."""
    signer = Signer(host)
    file.write_text("".join(signer.target(method, f"/{bucket}/{key}") + "\n" for key in keys))
    return file
