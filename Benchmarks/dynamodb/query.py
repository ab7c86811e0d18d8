"""Query of 100 items of 400 bytes, beside ministack."""

import random
from contextlib import ExitStack

from dynamodb import content
from dynamodb.content import TABLE
from dynamodb.servers import Ministack
from dynamodb.setting import Setting
from dynamodb.turns import Turns, length_of, row, take_turns
from harness.failure import CannotRun
from harness.processes import Server
from harness.report import Row, Target
from harness.servers import Varve

CONNECTIONS = 8
ITEMS = 100


def run(setting: Setting) -> list[Row]:
    collections = setting.size.collections
    order = random.Random(5).sample(range(collections), collections)
    inputs = [
        {"TableName": TABLE, "KeyConditionExpression": "pk = :pk",
         "ExpressionAttributeValues": {":pk": content.small_item(number, 0)["pk"]}}
        for number in order]
    turns = Turns(setting, "query")
    answers: dict[str, int] = {}

    def check(answer: dict) -> None:
        expected = [content.small_item(order[0], number) for number in range(ITEMS)]
        if answer["Items"] != expected or answer["Count"] != ITEMS:
            raise CannotRun("a Query answered other items than were put")

    with ExitStack() as stack:
        varve, ministack = Varve(setting.place("varve"), setting.varve), Ministack(setting.place("ministack"))
        for server in (varve, ministack):
            stack.enter_context(server).start()
            content.create_table(server, sort="sk")
            content.store(server, (
                content.small_item(partition, number) for partition in range(collections) for number in range(ITEMS)))
            answers[server.name] = length_of(server, "Query", inputs[0], check)

        def turn(server: Server, _: int) -> dict[str, float]:
            return turns.over(server, "Query", inputs, CONNECTIONS, answers[server.name])

        results = take_turns(setting, (varve, ministack), turn)
    return [row(
        "query-100", f"Query of {ITEMS} items of 400 B, {CONNECTIONS} connections",
        f"{collections} partition keys, shuffled.", results, varve, ministack, Target(20, at_least=True))]
