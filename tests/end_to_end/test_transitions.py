"""What the shop is told: rows that deliveries race for, the stream they leave, and examples/transitions.py at its end."""

import importlib.util
import itertools
import json
import random
from concurrent.futures import ThreadPoolExecutor
from queue import Queue

import pipe
import pytest
from cloud import ACCESS, Table, template
from program import ROOT

PIPE = template()["Resources"]["EventsPipe"]["Properties"]
# The shop's own columns, and what a customer pays into: no event may have them.
CANARIES = {"phone": "010-9876-5432", "customer_id": "customer-canary", "address": "address-canary"}
ACCOUNT = "vbank-canary"
AT_ONCE, ENVIRONMENTS = 20, 4


class Lives:
    """Orders and what happens to them, each step told by many deliveries at once."""

    def __init__(self, gateway, orders, functions):
        self.gateway, self.orders, self.functions = gateway, orders, functions
        self.expected = {}

    def order(self, name):
        self.orders.put(merchant_uid=name, amount=1000, **CANARIES)
        self.expected[name] = []
        return name

    def edit(self, order, note):
        """The shop changes a column of its own."""
        self.orders.table.update_item(Key={"merchant_uid": order}, UpdateExpression="SET note = :note", ExpressionAttributeValues={":note": note})

    def tell(self, imp_uid, order, *transition):
        """Twenty deliveries in four environments, pages and webhooks; what they must come to, if it is a transition."""
        free = Queue()
        for function in self.functions:
            free.put(function)

        def deliver(number):
            function = free.get()
            try:
                return (function.webhook if number % 2 else function.complete)(imp_uid, order).code
            finally:
                free.put(function)

        with ThreadPoolExecutor(len(self.functions)) as pool:
            codes = set(pool.map(deliver, range(AT_ONCE)))
        assert codes <= {200, 400, 409}, codes
        self.expected[order] += [(imp_uid, *transition)] if transition else []

    def card(self, order):
        imp_uid = self.gateway.pay(self.order(order))
        self.tell(imp_uid, order, "3", "0")
        self.edit(order, "packed")
        self.tell(imp_uid, order)
        return imp_uid

    def refund(self, order):
        imp_uid = self.card(order)
        for amount, cancelled in (("300.5", "300.5"), (None, "1000")):
            self.gateway.cancel(imp_uid, amount)
            self.tell(imp_uid, order, "4", cancelled)

    def deposit(self, order):
        imp_uid = self.gateway.pay(self.order(order), status="ready", pay_method="vbank", vbank_num=ACCOUNT)
        self.tell(imp_uid, order, "1", "0")
        self.gateway.deposit(imp_uid)
        self.tell(imp_uid, order, "3", "0")

    def retry(self, order):
        failed = self.gateway.pay(self.order(order), status="failed", started_at=1_700_000_000)
        self.tell(failed, order, "2", "0")
        self.tell(self.gateway.pay(order, started_at=1_700_000_100, **{"$force": True}), order, "3", "0")

    def duplicate(self, order):
        self.card(order)
        self.tell(self.gateway.pay(order, **{"$force": True}), order)

    def forgery(self, order):
        self.tell(self.gateway.pay(self.order(order), 10), order)


@pytest.fixture(scope="module")
def lives(cloud, gateway, start):
    orders = Table(cloud.dynamodb, "Orders")
    functions = [start(ORDERS_TABLE=orders.name) for _ in range(ENVIRONMENTS)]
    lives = Lives(gateway, orders, functions)
    for live in (lives.card, lives.refund, lives.deposit, lives.retry, lives.duplicate, lives.forgery):
        for number in range(2):
            live(f"transitions-{live.__name__}-{number}")
    return lives


@pytest.fixture(scope="module")
def records(cloud, lives):
    lives.orders.put(merchant_uid="the last")
    return list(cloud.records(lives.orders, last="the last"))


@pytest.fixture
def consumer(cloud, monkeypatch):
    """examples/transitions.py with a table of its own, as Lambda would load it."""
    made = cloud.dynamodb.create_table(
        TableName=f"transitions-{random.getrandbits(64)}",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "merchant_uid", "KeyType": "HASH"}, {"AttributeName": "transition", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("merchant_uid", "transition")],
    )
    for name, value in {
        "TRANSITIONS_TABLE": made.name, "AWS_ENDPOINT_URL_DYNAMODB": cloud.dynamodb_endpoint, "AWS_REGION": ACCESS["region_name"],
        "AWS_DEFAULT_REGION": ACCESS["region_name"], "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("transitions", ROOT / "examples" / "transitions.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# What AWS leaves where a path leads nowhere is not documented well: the consumer has to live with each.
@pytest.mark.parametrize("missing", ["", None, pipe.ABSENT], ids=["empty", "null", "absent"])
def test_every_transition_is_recorded_once_whatever_races(missing, lives, records, consumer):
    events = [event for record in records if (event := pipe.sent(PIPE, record, missing))]
    # Each twice, in any order, many at once.
    deliveries = random.sample(events * 2, len(events) * 2)
    with ThreadPoolExecutor(16) as pool:
        news = list(pool.map(lambda event: consumer.handler(event, None), deliveries))
    items = sorted(consumer.transitions.scan(ConsistentRead=True)["Items"], key=lambda item: (item["merchant_uid"], item["sequence"]))
    recorded = {
        order: [item["transition"] for item in mine] for order, mine in itertools.groupby(items, key=lambda item: item["merchant_uid"])
    }
    expected = {order: ["#".join(each) for each in steps] for order, steps in lives.expected.items() if steps}
    assert recorded == expected
    assert sum(news) == len(items) == sum(map(len, expected.values()))
    # More came than transitions: the shop's edits, and notices.
    assert len(events) > len(items)


def test_what_the_shop_edits_is_no_transition_to_a_consumer_that_knows_nothing(records, consumer):
    events = [event for record in records if (event := pipe.sent(PIPE, record))]
    edits = [event for event in events if consumer.state(event["detail"]["old"]) == consumer.state(event["detail"]["new"])]
    assert edits and not any(consumer.handler(event, None) for event in edits)
    assert not consumer.transitions.scan()["Items"]


def test_money_is_told_as_it_is(lives, records, consumer):
    for record in records:
        if event := pipe.sent(PIPE, record):
            consumer.handler(event, None)
    items = {item["transition"].split("#", 1)[1]: item for item in consumer.transitions.scan()["Items"] if "refund" in item["merchant_uid"]}
    told = {name: (str(item["holds"]), item["holds_money"], item["payment_status"]) for name, item in items.items()}
    assert told == {"3#0": ("1000", True, "paid"), "4#300.5": ("699.5", True, "cancelled"), "4#1000": ("0", False, "cancelled")}


def test_no_event_has_the_shops_columns_or_an_account(records):
    events = [json.dumps(event) for record in records if (event := pipe.sent(PIPE, record))]
    told = json.dumps([record["dynamodb"] for record in records], default=str)
    for canary in (*CANARIES.values(), ACCOUNT):
        # They are in the stream, and go no further.
        assert canary in told
        assert not [event for event in events if canary in event]


def test_what_the_table_does_not_take_is_tried_again(consumer, monkeypatch):
    detail = {"merchant_uid": "a", "sequence": "1", "new": {"imp_uid": "imp_1", "payment_stage": "3", "payment_rank": "3"}}
    detail["new"] |= {"cancel_amount": "0", "amount": "1000", "payment_status": "paid", "currency": "KRW"}
    monkeypatch.setattr(consumer, "transitions", consumer.boto3.resource("dynamodb").Table("no-such-table"))
    with pytest.raises(consumer.ClientError, match="ResourceNotFound"):
        consumer.handler({"detail": detail}, None)
