"""The restore of docs/operate.md, rehearsed: both tables as they were an hour ago, in new tables, and sweeps from then on."""

import json
import time

import pytest
from cloud import Table
from expected import SWEEP
from gateway import Gateway

HOUR = 3600
OURS = ["imp_uid", "payment_status", "payment_stage", "payment_rank", "cancel_amount", "started_at", "payment"]


class Shop:
    """A gateway, two tables, and the function between them; `apart` seconds pass after whatever happens."""

    def __init__(self, gateway, cloud, start):
        self.gateway, self.cloud, self.start = gateway, cloud, start
        self.orders, self.unmatched = (Table(cloud.dynamodb, name) for name in ("Orders", "Unmatched"))
        self.function = self.begin(self.orders, self.unmatched)
        self.payments, self.apart = {}, 0

    def begin(self, orders, unmatched):
        return self.start(IAMPORT_BASE_URL=self.gateway.url, ORDERS_TABLE=orders.name, UNMATCHED_TABLE=unmatched.name)

    def order(self, name, amount=1000):
        self.orders.put(merchant_uid=name, amount=amount)
        return name

    def pays(self, order, attempt="a", amount=1000, **fields):
        """A payment comes, and the function is told."""
        imp_uid = self.payments[order, attempt] = self.gateway.pay(order, amount, **fields, **{"$force": True})
        return self.tell(imp_uid, order)

    def tell(self, imp_uid, order):
        answer = self.function.webhook(imp_uid, order)
        assert answer.code != 653
        self.gateway.control("POST", "clock", {"advance": self.apart})
        return answer.status

    def cancel(self, order, amount=None, attempt="a"):
        self.gateway.cancel(self.payments[order, attempt], amount)
        return self.tell(self.payments[order, attempt], order)

    def deposit(self, order):
        self.gateway.deposit(self.payments[order, "a"])
        return self.tell(self.payments[order, "a"], order)

    def close(self, order, attempt):
        self.unmatched.table.update_item(
            Key={"merchant_uid": order, "imp_uid": self.payments[order, attempt]}, UpdateExpression="SET #state = :closed, note = :note",
            ExpressionAttributeNames={"#state": "state"}, ExpressionAttributeValues={":closed": "closed", ":note": "bank transfer"},
        )  # fmt: skip


def rows(table):
    """Every row by its key."""
    return {tuple(item[name] for name in table.key): item for item in table.table.scan(ConsistentRead=True)["Items"]}


def ours(row):
    return {name: row[name] for name in OURS if name in row}


def copy(table, resource, cloud):
    """What point-in-time recovery makes: the same rows in a table of another name."""
    restored = Table(cloud.dynamodb, resource)
    for row in rows(table).values():
        restored.put(**row)
    return restored


def before(shop):
    """What happens until the hour that is lost."""
    for name in ("card", "refunded", "part", "again", "twice"):
        assert shop.pays(shop.order(name)) == "success"
    for name in ("deposit", "waiting"):
        assert shop.pays(shop.order(name), status="ready", pay_method="vbank", vbank_num="X1") == "vbankIssued"
    assert shop.pays(shop.order("forged"), amount=10) == "forgery"
    assert shop.pays("twice", "b") == "duplicatePayment"
    assert shop.pays(shop.order("closed"), amount=10) == "forgery"
    assert shop.pays(shop.order("retried"), status="failed") == "failed"
    shop.order("unpaid")


def lost(shop):
    """What happens in it."""
    assert shop.cancel("refunded") == "cancelled"
    assert shop.cancel("part", "300") == "partiallyCancelled"
    assert shop.cancel("part", "200") == "partiallyCancelled"
    # The money of one attempt goes back before that of the next one comes.
    assert shop.cancel("again") == "cancelled"
    assert shop.pays("again", "b") == "success"
    assert shop.deposit("deposit") == "success"
    assert shop.pays("retried", "b") == "success"
    assert shop.pays("unpaid", status="ready", pay_method="vbank", vbank_num="X2") == "vbankIssued"
    assert shop.cancel("twice", attempt="b") == "cancelled"
    assert shop.pays("card", "b") == "duplicatePayment"
    shop.close("closed", "a")
    assert shop.pays(shop.order("new")) == "success"
    assert shop.pays(shop.order("failed"), status="failed") == "failed"


@pytest.fixture(scope="module")
def restored(start, cloud, gateway, tmp_path_factory):
    """The shop, both of its tables as an hour ago, and a function that works on those."""
    quiet = Gateway(tmp_path_factory.mktemp("restored"))
    quiet.rotate(gateway.key, gateway.secret)
    quiet.control("POST", "clock", {"offset": -int(1.5 * HOUR)})
    shop = Shop(quiet, cloud, start)
    before(shop)
    quiet.control("POST", "clock", {"offset": -HOUR})
    shop.apart = 240
    orders, unmatched = copy(shop.orders, "Orders", cloud), copy(shop.unmatched, "Unmatched", cloud)
    lost(shop)
    # Fifty minutes went by; the gateway's clock is ours again.
    quiet.control("POST", "clock", {"offset": 0})
    yield shop, orders, unmatched
    quiet.stop()


def test_sweeps_bring_back_what_an_hour_took(restored):
    shop, orders, unmatched = restored
    function = shop.begin(orders, unmatched)
    event = json.loads(SWEEP.read_text())
    event["sweep"]["minutes"] = 65
    assert "errorMessage" not in function.invoke(event)
    was, found = rows(shop.orders), rows(orders)

    # The orders that the shop wrote since are gone; money for one of them waits.
    assert was.keys() - found.keys() == {("new",), ("failed",)}
    item = unmatched.get("new", shop.payments["new", "a"])
    assert (item["state"], item["reason"]) == ("open", "orderNotFound")

    # The shop writes them again, from wherever it has them; and a second sweep settles what the first found too early: a
    # payment is listed before the cancel of the one that it took the place of.
    for name in ("new", "failed"):
        orders.put(merchant_uid=name, amount=1000)
    assert "errorMessage" not in function.invoke(event)
    found = rows(orders)
    different = {name for (name,), row in was.items() if ours(row) != ours(found[name,])}
    # Failed attempts are no money, and not listed.
    assert different == {"failed"} and not ours(found["failed",])

    # Half an hour later, by the next sweep, open items are looked at again.
    for order, imp_uid in rows(unmatched):
        if unmatched.get(order, imp_uid)["state"] == "open":
            key = {"merchant_uid": order, "imp_uid": imp_uid}
            unmatched.table.update_item(Key=key, UpdateExpression="SET looked_at = :at", ExpressionAttributeValues={":at": int(time.time()) - HOUR})
    assert "errorMessage" not in function.invoke(event)
    items, now = rows(shop.unmatched), rows(unmatched)

    def told(item):
        return {name: item.get(name) for name in ("state", "reason", "amount", "cancel_amount", "currency", "paid_at", "note")}

    different = {key for key, item in items.items() if told(item) != told(now[key])}
    # What was closed opens again, and its note is gone.
    assert different == {("closed", shop.payments["closed", "a"])}
    assert now["closed", shop.payments["closed", "a"]]["state"] == "open"
    # What waited for its order found it.
    assert {(order, now[order, imp_uid]["state"]) for order, imp_uid in now.keys() - items.keys()} == {("new", "matched"), ("again", "matched")}
    assert {ours(row) == ours(rows(orders)[key]) for key, row in was.items() if key != ("failed",)} == {True}


def test_only_notices_may_differ(restored):
    shop, orders, _ = restored
    was, found = rows(shop.orders), rows(orders)
    for key, row in was.items():
        names = row.keys() ^ found[key].keys()
        assert names <= {"vbank_notice", "vbank_notices"} or key == ("failed",), (key, names)
