"""A sweep, as the scheduler starts it: what it finds, what it tells, and how it fails."""

import json
import time

import pytest
from expected import SWEEP
from gateway import Gateway

EVENT = json.loads(SWEEP.read_text())
NOTHING = {
    "listed": 0, "repaired": {"ready": 0, "paid": 0, "cancelled": 0},
    "unmatched": 0, "resolved": 0, "refunded": 0,
}  # fmt: skip
MINUTE, HOUR = 60, 3600


@pytest.fixture
def quiet(gateway, tmp_path):
    """A gateway of the test's own: nothing is in a window but what the test puts there."""
    quiet = Gateway(tmp_path)
    quiet.rotate(gateway.key, gateway.secret)
    yield quiet
    quiet.stop()


@pytest.fixture
def sweeper(start, quiet):
    return start(IAMPORT_BASE_URL=quiet.url)


def ago(seconds):
    """When a payment was made: the function's window ends a minute ago."""
    at = int(time.time()) - seconds
    return {"started_at": at, "paid_at": at}


def told(answer):
    """What a sweep returned, but for what other tests left open."""
    return {name: count for name, count in answer.items() if name != "open"}


def last_line(function):
    """The line that a sweep ends with."""
    return [line for line in function.log() if "finished" in line][-1]


def test_a_lost_webhook_is_swept_up_once(sweeper, quiet, cloud, order):
    imp_uid = quiet.pay(order, **ago(5 * MINUTE))
    assert told(sweeper.invoke(EVENT)) == NOTHING | {"listed": 1, "repaired": {"ready": 0, "paid": 1, "cancelled": 0}}
    row = cloud.orders.get(order)
    assert (row["imp_uid"], row["payment_status"], row["payment_rank"]) == (imp_uid, "paid", 3)
    line = last_line(sweeper)
    assert (line["route"], line["finished"], line["listed"], line["repaired_paid"]) == ("sweep", True, 1, 1)
    assert told(sweeper.invoke(EVENT)) == NOTHING | {"listed": 1}


def test_money_that_no_order_took_is_noted_once(sweeper, quiet, cloud, request):
    order = request.node.name
    imp_uid = quiet.pay(order, **ago(5 * MINUTE))
    assert told(sweeper.invoke(EVENT)) == NOTHING | {"listed": 1, "unmatched": 1}
    item = cloud.unmatched.get(order, imp_uid)
    assert (item["state"], item["reason"]) == ("open", "orderNotFound")
    assert told(sweeper.invoke(EVENT)) == NOTHING | {"listed": 1}


def test_a_window_of_the_past(sweeper, quiet, order):
    quiet.pay(order, **ago(50 * HOUR))
    assert told(sweeper.invoke(EVENT)) == NOTHING
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 49 * HOUR))
    assert told(sweeper.invoke({"sweep": {"minutes": 120, "until": until}}))["repaired"]["paid"] == 1


def test_a_duplicate_is_refunded_only_where_that_is_on(start, sweeper, quiet, cloud, order):
    first, second = (quiet.pay(order, **ago(15 * MINUTE), **{"$force": True}) for _ in range(2))
    assert sweeper.complete(first, order).status == "success"
    assert sweeper.complete(second, order).status == "duplicatePayment"
    cloud.forget(order, second)
    assert sweeper.invoke(EVENT)["refunded"] == 0
    cloud.forget(order, second)
    assert start(IAMPORT_BASE_URL=quiet.url, REFUND_DUPLICATES_MAX="1000").invoke(EVENT)["refunded"] == 1
    assert cloud.unmatched.get(order, second)["state"] == "refunded"
    assert [refund["imp_uid"] for refund in quiet.control("GET", "refunds")] == [second]
    assert cloud.orders.get(order)["imp_uid"] == first


def test_a_refused_refund_is_left_to_a_person(start, quiet, cloud, order):
    careful = start(IAMPORT_BASE_URL=quiet.url, REFUND_DUPLICATES_MAX="1000")
    first, second = (quiet.pay(order, **ago(15 * MINUTE), **{"$force": True}) for _ in range(2))
    assert careful.complete(first, order).status == "success"
    assert careful.complete(second, order).status == "duplicatePayment"
    cloud.forget(order, second)
    quiet.fault({"code": {"code": -1, "message": "PG사 거절"}}, route="cancel")
    assert told(careful.invoke(EVENT)) == NOTHING | {"listed": 2}
    item = cloud.unmatched.get(order, second)
    assert (item["state"], item["refund_asks"]) == ("open", 3)
    # Nobody asks again.
    quiet.clear_faults()
    cloud.forget(order, second)
    assert careful.invoke(EVENT)["refunded"] == 0


def test_what_cannot_be_listed_makes_the_invocation_fail(sweeper, quiet, cloud, order):
    quiet.pay(order, **ago(5 * MINUTE))
    quiet.fault("bad_gateway", route="status")
    answer = sweeper.invoke(EVENT)
    assert answer["errorMessage"] == "the sweep is not finished: 3 failures, see the log"
    assert (last_line(sweeper)["finished"], last_line(sweeper)["failures"]) == (False, 3)
    quiet.clear_faults()
    assert sweeper.invoke(EVENT)["repaired"]["paid"] == 1


@pytest.mark.parametrize(
    ("event", "wrong"),
    [
        ({"sweep": {}}, "minutes"),
        ({"sweep": {"minutes": 0}}, "minutes"),
        ({"sweep": {"minutes": 129601}}, "minutes"),
        ({"sweep": {"minutes": 20, "until": "yesterday"}}, "until"),
        ({"sweep": {"minutes": 20, "until": "2999-01-01T00:00:00Z"}}, "until"),
        ({"sweep": {"minutes": 20}, "more": 1}, "more"),
    ],
    ids=str,
)
def test_a_sweep_that_is_none_says_why(event, wrong, sweeper):
    message = sweeper.invoke(event)["errorMessage"]
    assert message.startswith("not a sweep: ") and wrong in message


def test_orders_of_another_shop_are_not_looked_for(start, quiet, cloud, order):
    books = start(IAMPORT_BASE_URL=quiet.url, MERCHANT_UID_PREFIX="books-")
    imp_uid = quiet.pay(order, **ago(5 * MINUTE))
    assert books.webhook(imp_uid, order).status == "orderNotFound"
    assert f"GET /payments/{imp_uid}" not in quiet.calls()
    assert told(books.invoke(EVENT)) == NOTHING
    assert "payment_stage" not in cloud.orders.get(order)
