"""The AWS CLI: the commands of the course, word for word, and what scripts do with them."""

import json
import re

import pytest

import dynamodb

TABLE = "UserGames"


@pytest.fixture(scope="module")
def games(server):
    """The course's table in its region, with three items."""
    ddb = dynamodb.session().client("dynamodb", endpoint_url=server.endpoint, region_name="ap-south-1")
    ddb.create_table(
        TableName=TABLE, KeySchema=dynamodb.key("user_id", "game_ts"), BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=dynamodb.attributes(user_id="S", game_ts="N"))
    for number in range(3):
        ddb.put_item(TableName=TABLE, Item={
            "user_id": {"S": "123" if number else "9"}, "game_ts": {"N": str(number)}, "game_id": {"S": f"g{number}"}})


@pytest.fixture
def scan(aws, games):
    def run(*arguments, **options):
        done = aws("dynamodb", "scan", "--table-name", TABLE, "--region", "ap-south-1", *arguments, **options)
        return json.loads(done.stdout), done.stderr.decode()

    return run


def test_scan_with_a_projection(scan):
    found, _ = scan("--projection-expression", "game_id, game_ts")
    assert found["Count"] == 3 and all(set(item) == {"game_id", "game_ts"} for item in found["Items"])


def test_scan_with_a_filter(scan):
    found, _ = scan(
        "--filter-expression", "user_id = :u", "--expression-attribute-values", '{":u": {"S": "123"} }')
    assert found["Count"] == 2 and found["ScannedCount"] == 3


def test_scan_page_by_page(scan):
    """W36: three items in pages of one; a page that the limit ended is followed by another, if only an empty one."""
    found, log = scan("--page-size", "1", "--debug")
    assert len(found["Items"]) == 3
    assert len(re.findall(r"Making request for OperationModel\(name=Scan\)", log)) == 4


def test_scan_from_token_to_token(scan):
    seen, token = [], None
    while True:
        found, _ = scan("--max-items", "1", *(["--starting-token", token] if token else []))
        seen += [item["game_id"]["S"] for item in found["Items"]]
        token = found.get("NextToken")
        if not token:
            break
    assert sorted(seen) == ["g0", "g1", "g2"]


def test_a_table_from_make_to_delete(aws):
    def run(*arguments, **options):
        out = aws("dynamodb", *arguments, **options).stdout
        return json.loads(out) if out else None

    name = dynamodb.new_name()
    run("create-table", "--table-name", name, "--attribute-definitions", "AttributeName=p,AttributeType=S",
        "--key-schema", "AttributeName=p,KeyType=HASH", "--provisioned-throughput",
        "ReadCapacityUnits=5,WriteCapacityUnits=5")
    run("wait", "table-exists", "--table-name", name)
    run("put-item", "--table-name", name, "--item", '{"p": {"S": "a"}, "n": {"N": "1"}}')
    for amount, total in (("1", "2"), ("2", "4")):  # W29: +1 and +2 are +3
        answer = run(
            "update-item", "--table-name", name, "--key", '{"p": {"S": "a"}}', "--update-expression", "ADD n :a",
            "--expression-attribute-values", json.dumps({":a": {"N": amount}}), "--return-values", "UPDATED_NEW")
        assert answer["Attributes"] == {"n": {"N": total}}
    assert run("get-item", "--table-name", name, "--key", '{"p": {"S": "a"}}')["Item"]["n"] == {"N": "4"}
    statement = f"""SELECT n FROM "{name}" WHERE p = 'a'"""
    assert run("execute-statement", "--statement", statement)["Items"] == [{"n": {"N": "4"}}]
    failed = aws(
        "dynamodb", "put-item", "--table-name", name, "--item", '{"p": {"S": "a"}}', "--condition-expression",
        "attribute_not_exists(p)", check=False)
    assert failed.returncode != 0 and b"(ConditionalCheckFailedException)" in failed.stderr
    run("delete-table", "--table-name", name)
    run("wait", "table-not-exists", "--table-name", name)
