"""The function as a whole: how it starts, how it remembers, what it tells whom, and what it keeps to itself."""

import base64
import json
import re
import subprocess
import time
from decimal import Decimal

import function as emulated
import pytest

RECORDED = {"imp_uid", "payment_status", "payment_stage", "payment_rank", "cancel_amount"}


def recorded(cloud, merchant_uid):
    """What the function wrote about the payment."""
    return {name: value for name, value in cloud.orders.get(merchant_uid).items() if name in RECORDED}


def paid(imp_uid):
    return {"imp_uid": imp_uid, "payment_status": "paid", "payment_stage": 3, "payment_rank": 3, "cancel_amount": 0}


# ---------------------------------------------------------------------------------------------------- starting


def test_the_program_runs_on_amazon_linux_2023():
    symbols = subprocess.run(["grep", "-aoE", r"GLIBC_2\.[0-9]+", emulated.BOOTSTRAP], capture_output=True, text=True)
    needed = {int(version) for version in re.findall(r"GLIBC_2\.(\d+)", symbols.stdout)}
    assert needed and max(needed) <= 34


def test_cold_costs_a_token_and_warm_one_look_up(start, gateway, order):
    imp_uid = gateway.pay(order)
    look_up = f"GET /payments/{imp_uid}"
    function = start()
    gateway.clear_calls()
    assert function.complete(imp_uid, order).status == "success"
    assert gateway.calls() == ["POST /users/getToken", look_up]
    gateway.clear_calls()
    assert function.complete(imp_uid, order).status == "success"
    assert gateway.calls() == [look_up]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORDERS_TABLE", None),
        ("UNMATCHED_TABLE", None),
        ("IAMPORT_SECRET_ID", None),
        ("IAMPORT_BASE_URL", "http://api.iamport.kr"),
        ("ALLOW_SANDBOX", "yes"),
        ("VBANK_SMS", "1"),
        ("REFUND_DUPLICATES_MAX", "50,000"),
    ],
)
def test_a_bad_setting_names_itself(start, name, value):
    function = start(**{name: value})
    with pytest.raises(emulated.Crashed):
        function.complete("imp_1", "order-1")
    (line,) = function.log()
    assert (line["level"], line["message"]) == ("ERROR", "cannot start")
    assert name in line["error"]


def test_it_starts_without_the_gateway_and_recovers(start, gateway, order):
    imp_uid = gateway.pay(order)
    gateway.fault("bad_gateway", route="token")
    function = start()
    assert function.complete(imp_uid, order).status == "unavailable"
    gateway.clear_faults()
    assert function.complete(imp_uid, order).status == "success"


def test_it_answers_before_lambda_stops_it(start, gateway, order):
    imp_uid = gateway.pay(order)
    function = start(AWS_LAMBDA_FUNCTION_TIMEOUT="3")
    gateway.fault("stalled", route="look_up")
    answer = function.complete(imp_uid, order)
    assert (answer.code, answer.status) == (503, "unavailable")


# ------------------------------------------------------------------------------------------------------ events


def test_bodies_in_base64(function, gateway, order):
    imp_uid = gateway.pay(order)
    bodies = {
        "application/json; charset=utf-8": json.dumps({"imp_uid": imp_uid, "merchant_uid": order}),
        "application/x-www-form-urlencoded": f"imp_uid={imp_uid}&merchant_uid={order}&status=paid",
        "": f"imp_uid={imp_uid}&merchant_uid={order}",
    }
    for content_type, body in bodies.items():
        encoded = base64.b64encode(body.encode()).decode()
        assert function.post("/payments/webhook", encoded, content_type, base64=True).status == "success"
    answer = function.post("/payments/webhook", "not base64!", "application/json", base64=True)
    assert (answer.code, answer.status) == (400, "badRequest")


def test_an_event_of_a_rest_api_is_refused(function, gateway, cloud, order):
    imp_uid = gateway.pay(order)
    event = {
        "resource": "/payments/complete", "path": "/payments/complete", "httpMethod": "POST",
        "headers": {"content-type": "application/json"}, "multiValueHeaders": {}, "queryStringParameters": None,
        "requestContext": {"httpMethod": "POST", "path": "/prod/payments/complete", "stage": "prod", "requestId": "example"},
        "body": json.dumps({"imp_uid": imp_uid, "merchant_uid": order}), "isBase64Encoded": False,
    }  # fmt: skip
    answer = function.invoke(event)
    assert (answer["statusCode"], json.loads(answer["body"])["status"]) == (400, "badRequest")
    assert recorded(cloud, order) == {}


# -------------------------------------------------------------------------------------------- page and webhook


def test_the_webhook_is_lost(function, gateway, cloud, order):
    imp_uid = gateway.pay(order)
    assert function.complete(imp_uid, order).status == "success"
    assert recorded(cloud, order) == paid(imp_uid)


def test_the_page_is_closed(function, gateway, cloud, order):
    imp_uid = gateway.pay(order)
    assert function.webhook(imp_uid, order).status == "success"
    assert recorded(cloud, order) == paid(imp_uid)


@pytest.mark.parametrize("doors", [("complete", "webhook"), ("webhook", "complete"), ("webhook", "webhook")], ids="-".join)
def test_both_come_in_any_order(doors, function, gateway, cloud, order):
    imp_uid = gateway.pay(order)
    rows = []
    for door in doors:
        assert getattr(function, door)(imp_uid, order).status == "success"
        rows.append(cloud.orders.get(order))
    assert rows[0] == rows[1]
    assert recorded(cloud, order) == paid(imp_uid)


def test_money_is_exact(function, gateway, cloud, request):
    order = request.node.name
    cloud.orders.put(merchant_uid=order, amount=Decimal("9007199254740993.10"), currency="USD")
    near = gateway.pay(order, currency="USD", amount=9007199254740992)
    assert function.complete(near, order).status == "forgery"
    assert recorded(cloud, order) == {}
    item = cloud.unmatched.get(order, near)
    assert (item["state"], item["reason"]) == ("open", "wrongMoney")
    assert (item["amount"], item["currency"]) == (9007199254740992, "USD")


def test_refunds_come_by_webhook(function, gateway, cloud, order):
    imp_uid = gateway.pay(order)
    function.complete(imp_uid, order)
    gateway.cancel(imp_uid, 300)
    assert function.webhook(imp_uid, order, "cancelled").status == "partiallyCancelled"
    assert recorded(cloud, order)["cancel_amount"] == 300
    gateway.cancel(imp_uid)
    assert function.webhook(imp_uid, order, "cancelled").status == "cancelled"
    # The delayed first webhook changes nothing any more.
    assert function.webhook(imp_uid, order, "paid").status == "cancelled"
    assert recorded(cloud, order)["payment_rank"] == 2


def test_the_second_payment_is_noted_until_it_is_refunded(function, gateway, cloud, order):
    first = gateway.pay(order)
    second = gateway.pay(order, **{"$force": True})
    assert function.complete(first, order).status == "success"
    assert function.webhook(second, order).status == "duplicatePayment"
    assert recorded(cloud, order) == paid(first)
    item = cloud.unmatched.get(order, second)
    assert (item["state"], item["reason"], item["amount"]) == ("open", "duplicatePayment", 1000)
    assert cloud.unmatched.get(order, first) is None
    gateway.cancel(second)
    assert function.webhook(second, order, "cancelled").status == "cancelled"
    assert cloud.unmatched.get(order, second)["state"] == "refunded"
    assert recorded(cloud, order) == paid(first)


# --------------------------------------------------------------------------------------------- virtual accounts


@pytest.fixture
def account(gateway, cloud, request):
    """An order with a customer and a phone, and the virtual account it is to be paid into."""
    merchant_uid = request.node.name
    cloud.customers.put(customer_id=merchant_uid, name="홍길동")
    cloud.orders.put(merchant_uid=merchant_uid, amount=1000, customer_id=merchant_uid, phone="010-1234-5678")
    return gateway.pay(merchant_uid, pay_method="vbank", status="ready"), merchant_uid


def test_an_account_is_told_once_to_page_customer_and_phone(function, gateway, cloud, account):
    imp_uid, order = account
    texts = len(cloud.texts())
    answer = function.complete(imp_uid, order)
    number = gateway.payment(imp_uid)["vbank_num"]
    assert (answer.status, answer.body["vbank_num"]) == ("vbankIssued", number)
    assert function.webhook(imp_uid, order, "ready").body.keys() == {"status", "message"}
    assert cloud.customers.get(order)["vbank_num"] == number
    ((phone, text),) = cloud.texts()[texts:]
    assert phone == "+821012345678"
    assert number in text
    assert cloud.orders.get(order)["vbank_notice"] == "done"

    gateway.deposit(imp_uid)
    assert function.webhook(imp_uid, order).status == "success"
    assert recorded(cloud, order) == paid(imp_uid)
    assert "vbank_notice" not in cloud.orders.get(order)


def test_a_notice_that_failed_stays_due_until_another_delivery(start, function, gateway, cloud, account):
    imp_uid, order = account
    # The account is older than a minute: whoever finds the notice due takes it over.
    gateway.control("PATCH", f"payments/{imp_uid}", {"vbank_issued_at": int(time.time()) - 3600})
    texts = len(cloud.texts())
    mute = start(AWS_ENDPOINT_URL_SNS="http://127.0.0.1:1")
    assert mute.webhook(imp_uid, order, "ready").status == "unavailable"
    assert mute.complete(imp_uid, order).status == "vbankIssued"
    assert cloud.orders.get(order)["vbank_notice"].startswith("due:")
    assert {line.get("notice") for line in mute.log() if line.get("merchant_uid") == order} == {"due"}
    assert len(cloud.texts()) == texts

    assert function.webhook(imp_uid, order, "ready").status == "vbankIssued"
    assert len(cloud.texts()) == texts + 1
    assert cloud.orders.get(order)["vbank_notice"] == "done"


# -------------------------------------------------------------------------------------------------- credentials


def test_a_rotated_secret_is_picked_up(start, gateway, cloud, order):
    imp_uid = gateway.pay(order)
    function = start()
    assert function.complete(imp_uid, order).status == "success"
    gateway.rotate("imp_key_2", "imp_secret_2")
    cloud.put_secret(gateway.key, gateway.secret)
    assert function.complete(imp_uid, order).status == "success"


def test_refused_credentials_are_named_in_the_log(start, gateway, cloud, order):
    imp_uid = gateway.pay(order)
    cloud.put_secret("imp_key", "wrong")
    try:
        function = start()
        answer = function.webhook(imp_uid, order)
    finally:
        cloud.put_secret(gateway.key, gateway.secret)
    assert (answer.code, answer.status) == (503, "unavailable")
    assert function.log()[-1]["reason"] == "credentialsRefused"


# ------------------------------------------------------------------------------------------------------ secrecy


def test_nothing_private_is_logged(start, gateway, cloud, account):
    imp_uid, order = account
    function = start(AWS_LAMBDA_LOG_LEVEL="TRACE")
    function.complete(imp_uid, order)
    function.post("/payments/webhook", '{"imp_uid": "imp_1", "merchant_uid": "leak", "buyer_tel": "01099998888"')
    payment = gateway.payment(imp_uid)
    person = [payment[name] for name in ("buyer_name", "buyer_email", "buyer_tel", "vbank_num", "vbank_holder")]
    log = "\n".join(function.lines())
    assert order in log
    for private in [*person, gateway.key, gateway.secret, "010-1234-5678", "+821012345678", "홍길동", "01099998888", "leak", "Bearer"]:
        assert private not in log, private


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"type": "Transaction.Paid", "timestamp": "2026-11-25T00:00:00Z", "data": {"paymentId": "p"}}, "V2"),
        ({"tx_id": "t", "payment_id": "p", "status": "Paid"}, "V2"),
        ({"imp_uid": "imp_1"}, "merchant_uid is missing"),
    ],
)
def test_a_webhook_that_is_not_v1s_says_so_aloud(start, body, reason):
    function = start()
    answer = function.post("/payments/webhook", json.dumps(body))
    assert (answer.code, answer.status) == (400, "badRequest")
    (line,) = [line for line in function.log() if line.get("outcome") == "badRequest"]
    assert line["level"] == "WARN" and reason in line["reason"]


def test_a_webhook_of_a_payment_that_nobody_made_says_why(function, gateway, order):
    imp_uid = gateway.pay(order, status="ready")
    assert function.webhook(imp_uid, order).status == "pending"
    (line,) = [line for line in function.log() if line.get("imp_uid") == imp_uid]
    assert line["reason"] == "the payment window is open, or was left"


def test_the_ids_of_two_orders_are_a_forgery_that_wakes_nobody(function, gateway, cloud, order):
    imp_uid = gateway.pay("somebody else's")
    assert function.complete(imp_uid, order).status == "forgery"
    (line,) = [line for line in function.log() if line.get("imp_uid") == imp_uid]
    assert line["reason"] == "the payment belongs to another order" and line.get("unmatched") is None
    assert cloud.unmatched.get("somebody else's", imp_uid) is None


def test_every_line_of_an_invocation_has_its_request(function, gateway, order):
    imp_uid = gateway.pay(order)
    assert function.complete(imp_uid, order).status == "success"
    (line,) = [line for line in function.log() if line.get("imp_uid") == imp_uid]
    # On AWS, its trace too; the emulator has none.
    assert line["span"]["requestId"] == line["request_id"]
