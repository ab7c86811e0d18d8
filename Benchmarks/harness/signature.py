"""What Signature Version 4 is made of, wherever a request carries it."""

import hmac

# The identity that `varve serve` has when none is configured.
ACCESS_KEY = "test"
SECRET_KEY = "test"
REGION = "us-east-1"
ALGORITHM = "AWS4-HMAC-SHA256"


def hmac_sha256(key: bytes, message: str) -> bytes:
    return hmac.digest(key, message.encode(), "sha256")


def signing_key(scope: str) -> bytes:
    """The key for a scope, `DATE/REGION/SERVICE/aws4_request`."""
    key = ("AWS4" + SECRET_KEY).encode()
    for part in scope.split("/"):
        key = hmac_sha256(key, part)
    return key
