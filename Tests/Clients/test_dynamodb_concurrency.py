"""Transactions of many clients, killed and started again: their history must have an order that explains it.

Each write appends a mark of its own to the item's list of versions, so that a read tells which writes came before it,
and in which order. From the lists follow the edges between transactions: who wrote before whom, who read from whom, and
who read what another then wrote over. A history is strictly serializable only if those and the order of real time have
no cycle. (The idea is that of Elle's list-append histories.)

VARVE_CRASH_SEED repeats a run's choices.
"""

import collections
import concurrent.futures
import os
import random
import signal
import threading
import time

import botocore.exceptions

import dynamodb
import server as varve

SEED = int(os.environ.get("VARVE_CRASH_SEED") or random.SystemRandom().randrange(1 << 32))
ITEMS = [f"item{number}" for number in range(10)]
CLIENTS = 8
ROUNDS = 2
ROUND_SECONDS = 1.5


class Transaction:
    """One attempt of a client: what it wrote and saw, and when."""

    def __init__(self, mark, writes=(), reads=()):
        self.mark, self.writes, self.reads = mark, writes, reads
        self.seen = {}
        self.begin, self.end = time.monotonic(), None
        # True when acknowledged, False when refused, None when nobody knows.
        self.outcome = None


class Client(threading.Thread):
    def __init__(self, number, port, table, stop):
        super().__init__()
        self.number, self.table, self.stop = number, table, stop
        self.random = random.Random(f"{SEED}/{number}")
        self.history, self.problems = [], []
        self.ddb = port

    def run(self):
        count = 0
        while not self.stop.is_set():
            count += 1
            transaction = self.choose(f"{self.number}.{count}.{time.monotonic_ns()}")
            self.history.append(transaction)
            try:
                self.carry_out(transaction)
                transaction.outcome = True
            except botocore.exceptions.ClientError as error:
                code = error.response["Error"]["Code"]
                if code in ("TransactionCanceledException", "TransactionConflictException"):
                    transaction.outcome = False
                elif code != "InternalServerError":
                    self.problems.append(error)
            except botocore.exceptions.BotoCoreError:
                # The daemon was killed: what was sent may have been kept.
                time.sleep(0.02)
            transaction.end = time.monotonic()

    def choose(self, mark):
        chosen = self.random.sample(ITEMS, self.random.randint(1, 4))
        if self.random.random() < 0.4:
            return Transaction(mark, reads=chosen)
        return Transaction(mark, writes=chosen)

    def update(self, item, mark):
        return {
            "TableName": self.table, "Key": {"p": {"S": item}},
            "UpdateExpression": "SET v = list_append(if_not_exists(v, :none), :mark)",
            "ExpressionAttributeValues": {":none": {"L": []}, ":mark": {"L": [{"S": mark}]}}}

    def carry_out(self, transaction):
        writes, reads = transaction.writes, transaction.reads
        if len(writes) == 1:
            answer = self.ddb.update_item(**self.update(writes[0], transaction.mark), ReturnValues="UPDATED_NEW")
            transaction.seen[writes[0]] = marks(answer["Attributes"])
        elif writes:
            self.ddb.transact_write_items(
                TransactItems=[{"Update": self.update(item, transaction.mark)} for item in writes])
        elif len(reads) == 1:
            answer = self.ddb.get_item(TableName=self.table, Key={"p": {"S": reads[0]}}, ConsistentRead=True)
            transaction.seen[reads[0]] = marks(answer.get("Item", {}))
        else:
            answer = self.ddb.transact_get_items(TransactItems=[
                {"Get": {"TableName": self.table, "Key": {"p": {"S": item}}}} for item in reads])
            for item, response in zip(reads, answer["Responses"]):
                transaction.seen[item] = marks(response.get("Item", {}))


def marks(item):
    return [version["S"] for version in item.get("v", {"L": []})["L"]]


def check(history, final):
    """Raises unless the history has an order; `final` is each item's list when all was over."""
    by_mark = {transaction.mark: transaction for transaction in history}
    position = {item: {mark: place for place, mark in enumerate(final[item])} for item in ITEMS}
    for item in ITEMS:
        assert len(position[item]) == len(final[item]), f"{item}: a write was done twice"
        assert set(final[item]) <= set(by_mark), f"{item}: a mark that nobody wrote"
    for transaction in history:
        if not transaction.writes:
            continue
        kept = [item for item in transaction.writes if transaction.mark in position[item]]
        assert kept in ([], list(transaction.writes)), f"{transaction.mark}: half of a transaction"
        if transaction.outcome is True:
            assert kept, f"{transaction.mark}: acknowledged and lost"
        if transaction.outcome is False:
            assert not kept, f"{transaction.mark}: refused and done"
        transaction.outcome = bool(kept)
    nodes = [transaction for transaction in history if transaction.outcome]
    edges = collections.defaultdict(set)
    for item in ITEMS:
        for earlier, later in zip(final[item], final[item][1:]):
            edges[earlier].add(later)
    for transaction in nodes:
        for item, seen in transaction.seen.items():
            assert seen == final[item][:len(seen)], f"{transaction.mark}: {item} was never so"
            if transaction.writes:
                assert seen[-1] == transaction.mark
                continue
            if seen:
                edges[seen[-1]].add(transaction.mark)
            if len(seen) < len(final[item]):
                edges[transaction.mark].add(final[item][len(seen)])
    add_real_time(nodes, edges)
    check_acyclic(nodes, edges)


def add_real_time(nodes, edges):
    """What ended before another began comes before it. Only the last to end are named: the rest follows."""
    # The outcome of what was never answered may come about at any later time.
    ended = sorted((node for node in nodes if node.end is not None and node.answered), key=lambda node: node.end)
    begun = sorted(nodes, key=lambda node: node.begin)
    frontier, place = [], 0
    for node in begun:
        while place < len(ended) and ended[place].end < node.begin:
            last = ended[place]
            frontier = [other for other in frontier if other.end >= last.begin] + [last]
            place += 1
        for other in frontier:
            edges[other.mark].add(node.mark)


def check_acyclic(nodes, edges):
    waiting = collections.Counter(later for node in nodes for later in edges[node.mark])
    ready = [node.mark for node in nodes if not waiting[node.mark]]
    done = 0
    while ready:
        done += 1
        for later in edges[ready.pop()]:
            waiting[later] -= 1
            if not waiting[later]:
                ready.append(later)
    assert done == len(nodes), f"no order explains {len(nodes) - done} of {len(nodes)} transactions (seed {SEED})"


def test_the_checker_finds_what_is_wrong():
    def done(mark, begin, end, writes=(), **seen):
        transaction = Transaction(mark, writes, tuple(seen))
        transaction.begin, transaction.end, transaction.seen = begin, end, seen
        transaction.outcome = transaction.answered = True
        return transaction

    def accepted(history, **final):
        try:
            check(history, {item: final.get(item, []) for item in ITEMS})
            return True
        except AssertionError:
            return False

    def writes():
        return [done("a", 0, 1, ("item0", "item1")), done("b", 0, 1, ("item0", "item1"))]

    assert accepted(writes(), item0=["a", "b"], item1=["a", "b"])
    # Crossed writes, half a transaction, a read of the past, and a read between a transaction's writes.
    assert not accepted(writes(), item0=["a", "b"], item1=["b", "a"])
    assert not accepted(writes(), item0=["a", "b"], item1=["a"])
    both = {"item0": ["a", "b"], "item1": ["a", "b"]}
    assert accepted(writes() + [done("r", 2, 3, item0=["a", "b"], item1=["a", "b"])], **both)
    assert not accepted(writes() + [done("r", 2, 3, item0=["a"], item1=["a"])], **both)
    assert not accepted(writes() + [done("r", 0, 3, item0=["a", "b"], item1=["a"])], **both)


def test_transactions_of_many_clients_have_an_order(tmp_path):
    server = varve.start(tmp_path / "own")
    table = dynamodb.new_table(dynamodb.client(server))
    history = []
    try:
        for round in range(ROUNDS):
            stop = threading.Event()
            clients = [
                Client(f"{round}.{number}", dynamodb.client(server, read_timeout=20), table, stop)
                for number in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(ROUND_SECONDS)
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            stop.set()
            for client in clients:
                client.join()
                assert not client.problems, client.problems
                history += client.history
            server = varve.start(tmp_path / "own")
        reader = dynamodb.client(server)
        final = {
            item: marks(reader.get_item(TableName=table, Key={"p": {"S": item}}, ConsistentRead=True).get("Item", {}))
            for item in ITEMS}
    finally:
        server.process.kill()
        server.process.wait()
    for transaction in history:
        transaction.answered = transaction.outcome is not None
    assert sum(transaction.outcome is True for transaction in history) > 50
    check(history, final)


def test_counters_lose_nothing(server):
    """64 connections add to one item: the sum is exact."""
    ddb = dynamodb.client(server)
    table = dynamodb.new_table(ddb)

    def add(amount):
        ddb.update_item(
            TableName=table, Key={"p": {"S": "sum"}}, UpdateExpression="ADD n :a, seen :s",
            ExpressionAttributeValues={":a": {"N": str(amount)}, ":s": {"NS": [str(amount)]}})

    amounts = range(1, 64 * 8 + 1)
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        list(pool.map(add, amounts))
    item = ddb.get_item(TableName=table, Key={"p": {"S": "sum"}})["Item"]
    assert int(item["n"]["N"]) == sum(amounts)
    assert {int(number) for number in item["seen"]["NS"]} == set(amounts)


def test_who_is_refused_finds_the_reason(server):
    """Of many who want to make one item one does, and the others read it at once."""
    ddb = dynamodb.client(server)
    table = dynamodb.new_table(ddb)

    def make(number, key):
        try:
            ddb.put_item(
                TableName=table, Item={"p": {"S": key}, "by": {"N": str(number)}},
                ConditionExpression="attribute_not_exists(p)")
            return number
        except ddb.exceptions.ConditionalCheckFailedException:
            found = ddb.get_item(TableName=table, Key={"p": {"S": key}}, ConsistentRead=True)
            return int(found["Item"]["by"]["N"])

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        for number in range(40):
            makers = set(pool.map(make, range(16), [f"key{number}"] * 16))
            assert len(makers) == 1


def test_a_table_is_made_and_deleted_by_many_clients(server):
    """Who makes a table that another client deletes at once is told that it has been made."""
    ddb = dynamodb.client(server)
    name = dynamodb.new_name()
    expected = {"create": "ResourceInUseException", "delete": "ResourceNotFoundException"}

    def repeat(what):
        codes = set()
        for _ in range(500):
            try:
                if what == "create":
                    ddb.create_table(
                        TableName=name, KeySchema=dynamodb.key("p"), AttributeDefinitions=dynamodb.attributes(p="S"),
                        BillingMode="PAY_PER_REQUEST")
                else:
                    ddb.delete_table(TableName=name)
            except botocore.exceptions.ClientError as error:
                codes.add(error.response["Error"]["Code"])
        return codes - {expected[what]}

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(repeat, ["create", "delete", "delete", "delete"])) == [set()] * 4
