"""`make sweep` and `make unmatched`, against the shop that `make run` serves."""

import json
import subprocess

import pytest
import requests
from program import ROOT
from shop import Shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp("shop"))
    yield shop
    shop.stop()


@pytest.fixture
def make(shop):
    """Runs a target: whether it succeeded, and what it printed."""

    def make(*words):
        command = ["make", "--silent", *words, f"PORT={shop.url.rpartition(':')[2]}"]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        return run.returncode == 0, run.stdout

    return make


def pay_too_little(shop, imp_uid):
    """A payment that nobody tells of."""
    control = shop.settings["IAMPORT_BASE_URL"] + "/control"
    assert requests.delete(f"{control}/webhook", timeout=30).ok
    payment = {"imp_uid": imp_uid, "merchant_uid": "order-2", "amount": 100, "$force": True}
    assert requests.post(f"{control}/payments", data=json.dumps(payment), timeout=30).ok


def test_a_payment_is_swept_listed_and_closed_with_a_note(make, shop):
    pay_too_little(shop, "imp_make_1")
    swept, summary = make("sweep")
    assert swept and json.loads(summary)["unmatched"] >= 1
    _, listed = make("unmatched")
    (line,) = [line.split() for line in listed.splitlines() if "imp_make_1" in line]
    assert line[:4] == ["open", "imp_make_1", "order-2", "wrongMoney"]
    # Closed once, and only by somebody who says why.
    assert make("unmatched", "CLOSE=imp_make_1") == (False, "NOTE= says why\n")
    closed, told = make("unmatched", "CLOSE=imp_make_1", "NOTE=it's back & done")
    assert closed and told == "closed imp_make_1 of order-2: it's back & done\n"
    assert not make("unmatched", "CLOSE=imp_make_1", "NOTE=again")[0]
    _, listed = make("unmatched")
    (line,) = [line for line in listed.splitlines() if "imp_make_1" in line]
    assert line.startswith("closed") and line.endswith("it's back & done")


def test_a_window_that_is_none_is_refused(make):
    assert make("sweep", "MINUTES=0") == (False, "not a sweep: minutes must be 1 to 129600\n")
    assert not make("sweep", "MINUTES=x")[0]


def test_the_way_in_is_no_route_of_the_function(shop, start):
    path = "/local/sweep"
    assert requests.post(shop.url + path, timeout=60).json()["listed"] >= 0
    assert start().post(path, "").status == "notFound"
