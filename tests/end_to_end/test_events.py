"""Every file in events/ gets the answer that it is named after, as docs/openapi.yaml has it."""

import json

import pytest
import samples
from expected import CODES, EVENTS, named
from openapi import differences

SETTLED = {"success", "vbankIssued", "pending", "failed", "cancelled", "partiallyCancelled"}
NOT_SETTLED = {"forgery", "orderNotFound", "paymentNotFound", "duplicatePayment"}
TROUBLE = {"badRequest", "methodNotAllowed", "misconfigured", "unavailable"}
NOT_PAYABLE = {"orderClosed", "orderNotFound", "duplicatePayment"}
ANSWERS = {
    "complete": SETTLED | NOT_SETTLED | TROUBLE,
    "webhook": SETTLED | NOT_SETTLED | TROUBLE | {"ignored"},
    "redirect": SETTLED | NOT_SETTLED | TROUBLE,
    "prepare": {"prepared"} | NOT_PAYABLE | TROUBLE,
    # Unavailable only without DynamoDB: no sample makes it so.
    "confirm": {"confirmed", "forgery"} | NOT_PAYABLE | TROUBLE - {"unavailable"},
    "other": {"notFound"},
}


@pytest.fixture(scope="module", autouse=True)
def stocked(gateway, cloud):
    samples.stock(gateway, cloud)


@pytest.fixture(scope="module")
def function(start):
    """A function with a page to send browsers on to."""
    return start(REDIRECT_URL="https://shop.example/orders/done")


def test_there_is_an_event_for_every_answer_at_every_door():
    files = {tuple(path.stem.split("-")[:2]) for path in EVENTS}
    assert files == {(route, status) for route, statuses in ANSWERS.items() for status in statuses}
    assert {status for _, status in files} == set(CODES)


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_event(path, function):
    route, code, status = named(path)
    event = json.loads(path.read_text())
    answer = function.invoke(event)
    assert (answer.code, answer.status) == (code, status)
    assert route == "other" or differences(event["rawPath"], answer) == []
    headers = answer["headers"]
    assert headers["cache-control"] == "no-store"
    assert ("retry-after" in headers) == (code == 503)
    assert ("location" in headers) == (code == 303)
    if code == 303:
        assert "body" not in answer or not answer["body"]
        return
    assert headers["content-type"] == "application/json"
    shows_account = {"vbank_num", "vbank_name", "vbank_date"} & set(answer.body)
    assert bool(shows_account) == ((route, status) == ("complete", "vbankIssued"))
    assert ("reason" in answer.body) == (route == "confirm" and status not in {"confirmed", "methodNotAllowed"})
