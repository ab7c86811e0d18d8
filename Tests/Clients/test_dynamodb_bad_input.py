"""Bytes that no SDK sends: never a 500, nothing half done, and the connection goes on."""

import gzip
import http.client
import json
import random
import zlib

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

import dynamodb


@pytest.fixture(scope="module")
def table(server):
    return dynamodb.new_table(dynamodb.client(server))


@pytest.fixture(scope="module")
def connection(server):
    """One connection for all: what is refused must not break it."""
    opened = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    yield opened
    opened.close()


@pytest.fixture
def send(server, connection):
    def send(operation, body, secret="test", drop=(), **headers):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        request = botocore.awsrequest.AWSRequest("POST", server.endpoint + "/", data=body, headers={
            "X-Amz-Target": f"DynamoDB_20120810.{operation}", "Content-Type": "application/x-amz-json-1.0",
            "Host": server.host, **{name.replace("_", "-"): value for name, value in headers.items()}})
        credentials = botocore.credentials.Credentials("test", secret)
        botocore.auth.SigV4Auth(credentials, "dynamodb", "us-east-1").add_auth(request)
        sent = {name: value for name, value in request.headers.items() if name not in drop}
        connection.request("POST", "/", body, sent)
        answer = connection.getresponse()
        return answer.status, answer.read()

    return send


def put(table, item='{"p": {"S": "bad"}}'):
    return f'{{"TableName": "{table}", "Item": {item}}}'.encode()


DEEP = '{"L": [' * 33 + '{"N": "1"}' + "]}" * 33
ITEMS = [
    '{"p": {"S": "bad"', '{"p": {"S": "bad"}}}', '{"p": {"S": "bad\xff"}}', '{"p": {"S": "\\ud800"}}', "[]", "null", "7",
    '"x"', '{"p": "bad"}', '{"p": {"S": 7}}', '{"p": {"S": null}}', '{"p": {}}', '{"p": {"S": "a", "N": "1"}}',
    '{"p": {"X": "a"}}', '{"p": {"S": "bad"}, "n": {"N": "1e999"}}', '{"p": {"S": "bad"}, "n": {"N": "x"}}',
    '{"p": {"S": "bad"}, "n": {"N": "' + "1" * 39 + '"}}', '{"p": {"S": "bad"}, "n": {"N": ""}}',
    '{"p": {"S": "bad"}, "b": {"B": "***"}}', '{"p": {"S": "bad"}, "s": {"SS": []}}',
    '{"p": {"S": "bad"}, "s": {"SS": ["a", "a"]}}', '{"p": {"S": "bad"}, "s": {"NS": ["1", "1.0"]}}',
    '{"p": {"S": "bad"}, "d": ' + DEEP + "}", '{"p": {"S": "bad"}, "d": ' + '{"L": [' * 20_000,
    '{"p": {"S": "bad"}, "": {"S": "x"}}',
    '{"p": {"S": "bad"}, "x": {"NULL": false}}', '{"p": {"S": "bad"}, "x": {"BOOL": tru}}', "{'p': {'S': 'bad'}}",
    '{"p": {"S": "bad"},}', '{"p": {"S": "bad"}, "n": {"N": 1}}', '{"p": {"S": ""}}',
]


@pytest.mark.parametrize("number", range(len(ITEMS)))
def test_items_that_are_none(send, table, number):
    status, answer = send("PutItem", put(table, ITEMS[number].encode("latin-1").decode("latin-1")).decode().encode(
        "latin-1", "surrogatepass"))
    assert (status, json.loads(answer)["__type"].split("#")[1] in ("SerializationException", "ValidationException")) == (
        400, True), answer
    status, answer = send("Scan", {"TableName": table})
    assert (status, json.loads(answer)["Count"]) == (200, 0)


def test_a_name_that_comes_twice(send, table):
    """Whichever of the two counts: an answer, and an item that can be read."""
    status, _ = send("PutItem", put(table, '{"p": {"S": "bad"}, "x": {"S": "1"}, "x": {"S": "2"}}'))
    assert status in (200, 400)
    send("DeleteItem", {"TableName": table, "Key": {"p": {"S": "bad"}}})


@pytest.mark.parametrize(("coding", "pack"), [
    ("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes), ("GZIP", gzip.compress)])
def test_compressed_bodies(send, table, coding, pack):
    body = pack(json.dumps({"TableName": table}).encode())
    assert send("DescribeTable", body, Content_Encoding=coding)[0] == 200


@pytest.mark.parametrize(("coding", "body"), [
    ("gzip", b"{}"), ("gzip", gzip.compress(b'{"TableName": "x"}')[:-4]), ("gzip", gzip.compress(b"{}") + b"junk"),
    ("deflate", b"\x00\xff"), ("br", b"{}"), ("gzip", gzip.compress(b"\xff")), ("gzip", b""),
])
def test_bodies_compressed_badly(send, coding, body):
    assert send("DescribeTable", body, Content_Encoding=coding)[0] == 400


def test_a_body_that_grows_without_end(send):
    bomb = gzip.compress(b" " * (64 << 20))
    assert send("DescribeTable", bomb, Content_Encoding="gzip")[0] in (400, 413)


@pytest.mark.parametrize(("headers", "code"), [
    ({"X_Amz_Target": "DynamoDB_20120810.Nothing"}, "UnknownOperationException"),
    ({"X_Amz_Target": "DynamoDB_20111205.PutItem"}, "UnknownOperationException"),
    ({"secret": "wrong"}, "InvalidSignatureException"),
    ({"drop": ["Authorization"]}, "MissingAuthenticationTokenException"),
])
def test_what_is_not_signed_or_not_known(send, table, headers, code):
    status, answer = send("PutItem", put(table), **headers)
    assert status == 400 and json.loads(answer)["__type"].endswith("#" + code), answer
    assert json.loads(send("Scan", {"TableName": table})[1])["Count"] == 0


def test_mutilated_requests_are_refused(send, table):
    """A good request with some bytes changed is taken or refused, and never breaks anything."""
    choose = random.Random(20)
    good = json.dumps({
        "TableName": table, "Key": {"p": {"S": "fuzz"}}, "UpdateExpression": "SET a.b[1] = :v, c = list_append(c, :l)",
        "ConditionExpression": "attribute_exists(a) AND NOT size(c) > :n",
        "ExpressionAttributeValues": {":v": {"M": {"x": {"NS": ["1"]}}}, ":l": {"L": []}, ":n": {"N": "1"}},
        "ReturnValues": "ALL_NEW"}).encode()
    seen = set()
    for _ in range(300):
        body = bytearray(good)
        for _ in range(choose.randint(1, 3)):
            place = choose.randrange(len(body))
            match choose.randrange(3):
                case 0: body[place] = choose.randrange(256)
                case 1: del body[place:place + choose.randint(1, 9)]
                case 2: body[place:place] = body[choose.randrange(len(body)):][:choose.randint(1, 9)]
        seen.add(send("UpdateItem", bytes(body))[0])
    assert seen <= {200, 400} and 400 in seen
