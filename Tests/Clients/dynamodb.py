"""Clients of DynamoDB as their users configure them, and tables for the tests."""

import itertools
import os
import time

import boto3
import botocore.config
import botocore.exceptions
import pytest

COUNTER = itertools.count()


def session():
    return boto3.session.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")


def configuration(**options):
    # One attempt: a retry would hide a wrong first answer. No checks of the client's own: the server's are tested.
    return botocore.config.Config(
        retries={"total_max_attempts": 1}, parameter_validation=False, max_pool_connections=80, **options)


def client(server, service="dynamodb", **options):
    return session().client(
        service, endpoint_url=server.endpoint, verify=server.ca_bundle, config=configuration(**options))


def resource(server):
    return session().resource(
        "dynamodb", endpoint_url=server.endpoint, verify=server.ca_bundle, config=configuration())


def new_name(prefix="t"):
    return f"{prefix}-{os.getpid()}-{next(COUNTER)}"


def attributes(**types):
    return [{"AttributeName": name, "AttributeType": type} for name, type in types.items()]


def key(partition, sort=None):
    elements = [{"AttributeName": partition, "KeyType": "HASH"}]
    return elements + ([{"AttributeName": sort, "KeyType": "RANGE"}] if sort else [])


def new_table(to, types=None, sort=None, **more):
    """Makes a table with the partition key `p`, and gives its name once it can be used."""
    name = new_name()
    types = types or {"p": "S", **({sort: "N"} if sort else {})}
    to.create_table(
        TableName=name, KeySchema=key("p", sort), AttributeDefinitions=attributes(**types),
        **{"BillingMode": "PAY_PER_REQUEST", **more})
    to.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    return name


def wait_for_indexes(to, table, seconds=60):
    """Waits until all of a table's global indexes can be read."""
    deadline = time.monotonic() + seconds
    while True:
        indexes = to.describe_table(TableName=table)["Table"].get("GlobalSecondaryIndexes", [])
        if all(index["IndexStatus"] == "ACTIVE" for index in indexes):
            return
        assert time.monotonic() < deadline, f"the indexes of {table} are not filled within {seconds} s"
        time.sleep(0.05)


def refusal(call, *arguments, **options):
    """The code and the message that a call is refused with."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(*arguments, **options)
    error = raised.value.response["Error"]
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return error["Code"], error["Message"]
