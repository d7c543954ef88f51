"""Every file in events/ gets the answer that it is named after."""

import json

import pytest
import samples
from expected import CODES, EVENTS


@pytest.fixture(scope="module", autouse=True)
def stocked(gateway, cloud):
    samples.stock(gateway, cloud)


def test_there_is_an_event_for_every_answer_at_every_door():
    named = {tuple(path.stem.split("-")[:2]) for path in EVENTS}
    everywhere = set(CODES) - {"ignored", "notFound"}
    assert named == {(route, status) for route in ("complete", "webhook") for status in everywhere} | {
        ("webhook", "ignored"),
        ("other", "notFound"),
    }


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_event(path, function):
    route, status = path.stem.split("-")[:2]
    answer = function.invoke(json.loads(path.read_text()))
    assert (answer.code, answer.status) == (CODES[status], status)
    assert answer["headers"]["content-type"] == "application/json"
    assert ("retry-after" in answer["headers"]) == (status == "unavailable")
    shows_account = {"vbank_num", "vbank_name", "vbank_date"} & set(answer.body)
    assert bool(shows_account) == ((route, status) == ("complete", "vbankIssued"))
