"""How tests say which error they expect."""

import contextlib

import botocore.exceptions


class Refusal:
    code = status = response = message = None


@contextlib.contextmanager
def refused(code, status=None):
    """The block must fail with this code of AWS's (and this status)."""
    refusal = Refusal()
    try:
        yield refusal
    except botocore.exceptions.ClientError as error:
        refusal.response = error.response
        refusal.code = error.response["Error"]["Code"]
        refusal.message = error.response["Error"].get("Message", "")
        refusal.status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert refusal.code == str(code), error
        if status is not None:
            assert refusal.status == status, error
        return
    raise AssertionError(f"it succeeded, but {code} was expected")
