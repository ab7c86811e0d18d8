"""Clients of other make: pynamodb's models, and aiodynamo, which signs and speaks HTTP by itself."""

import asyncio

import httpx
import pynamodb.attributes
import pynamodb.connection
import pynamodb.exceptions
import pynamodb.indexes
import pynamodb.models
import pynamodb.transactions
import pytest
from aiodynamo.client import Client, URL
from aiodynamo.credentials import Key, StaticCredentials
from aiodynamo.errors import ConditionalCheckFailed
from aiodynamo.expressions import F, HashAndRangeKeyCondition, HashKey, RangeKey
from aiodynamo.http.httpx import HTTPX
from aiodynamo.models import KeySchema, KeySpec, KeyType, PayPerRequest

import dynamodb


@pytest.fixture
def threads(server):
    """The model of a forum's threads, whose table exists while the test runs."""

    class ByViews(pynamodb.indexes.GlobalSecondaryIndex):
        class Meta:
            index_name = "by-views"
            projection = pynamodb.indexes.AllProjection()

        forum = pynamodb.attributes.UnicodeAttribute(hash_key=True)
        views = pynamodb.attributes.NumberAttribute(range_key=True)

    class Thread(pynamodb.models.Model):
        class Meta:
            table_name = dynamodb.new_name()
            host = server.endpoint
            region = "us-east-1"
            aws_access_key_id = aws_secret_access_key = "test"
            billing_mode = "PAY_PER_REQUEST"
            max_retry_attempts = 0

        forum = pynamodb.attributes.UnicodeAttribute(hash_key=True)
        subject = pynamodb.attributes.UnicodeAttribute(range_key=True)
        views = pynamodb.attributes.NumberAttribute(default=0)
        tags = pynamodb.attributes.UnicodeSetAttribute(null=True)
        body = pynamodb.attributes.JSONAttribute(null=True)
        version = pynamodb.attributes.VersionAttribute()
        by_views = ByViews()

    Thread.create_table(wait=True)
    yield Thread
    Thread.delete_table()


def test_pynamodb_keeps_models(threads):
    with threads.batch_write() as batch:
        for number in range(40):
            batch.save(threads("python", f"s{number:02}", views=number % 5, tags={"a", str(number)}))
    assert threads.count("python") == 40
    found = threads.get("python", "s07")
    assert (found.views, found.tags) == (2, {"a", "7"})
    found.update(actions=[threads.views.add(10), threads.tags.delete({"a"})])
    assert threads.get("python", "s07").views == 12 and found.tags == {"7"}
    subjects = [thread.subject for thread in threads.query(
        "python", threads.subject.between("s05", "s15"), threads.views > 3, page_size=3)]
    assert subjects == ["s07", "s09", "s14"]
    views = [thread.views for thread in threads.by_views.query("python", scan_index_forward=False, page_size=7)]
    assert len(views) == 40 and views == sorted(views, reverse=True)
    assert len(list(threads.scan(segment=0, total_segments=2))) + len(
        list(threads.scan(segment=1, total_segments=2))) == 40
    assert len(list(threads.batch_get([("python", f"s{number:02}") for number in range(39)]))) == 39


def test_pynamodb_guards_versions(threads):
    threads("swift", "one").save()
    first, second = threads.get("swift", "one"), threads.get("swift", "one")
    first.save()
    with pytest.raises(pynamodb.exceptions.PutError, match="conditional"):
        second.save()
    assert threads.get("swift", "one").version == 2


def test_pynamodb_writes_transactions(threads, server):
    connection = pynamodb.connection.Connection(host=server.endpoint, region="us-east-1")
    connection.session.set_credentials("test", "test")
    with pynamodb.transactions.TransactWrite(connection=connection) as transaction:
        transaction.save(threads("swift", "a"))
        transaction.save(threads("swift", "b"))
    with pytest.raises(pynamodb.exceptions.TransactWriteError) as raised:
        with pynamodb.transactions.TransactWrite(connection=connection) as transaction:
            transaction.save(threads("swift", "c"))
            transaction.delete(threads("swift", "a"), condition=threads.views > 5)
    codes = {reason and reason.code for reason in raised.value.cancellation_reasons}
    assert codes == {None, "ConditionalCheckFailed"}
    assert [thread.subject for thread in threads.query("swift")] == ["a", "b"]


def test_aiodynamo_speaks_by_itself(server):
    async def run():
        # It signs the host without the port, and sends it with the port.
        async with httpx.AsyncClient() as http:
            client = Client(HTTPX(http), StaticCredentials(Key("test", "test")), "us-east-1", URL(server.endpoint))
            table = client.table(dynamodb.new_name())
            await table.create(PayPerRequest(), KeySchema(
                KeySpec("p", KeyType.string), KeySpec("s", KeyType.number)), wait_for_active=True)
            await asyncio.gather(*(
                table.put_item({"p": "a", "s": number, "bytes": bytes([number]), "tags": {"x"}})
                for number in range(30)))
            assert (await table.get_item({"p": "a", "s": 3}))["bytes"] == b"\x03"
            where = HashAndRangeKeyCondition(HashKey("p", "a"), RangeKey("s").between(5, 9))
            assert [item["s"] async for item in table.query(where)] == [5, 6, 7, 8, 9]
            changed = await table.update_item({"p": "a", "s": 3}, F("n").add(2) & F("list").set([1, None, {"k": "v"}]))
            assert changed is None
            assert (await table.get_item({"p": "a", "s": 3}))["list"] == [1, None, {"k": "v"}]
            with pytest.raises(ConditionalCheckFailed):
                await table.put_item({"p": "a", "s": 3}, condition=F("n").gt(2))
            assert await table.count(HashKey("p", "a")) == 30
            await table.delete()

    asyncio.run(run())
