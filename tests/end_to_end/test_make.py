"""`make sweep`, `unmatched`, `order` and `ledger`, against the shop that `make run` serves; and as if it were on AWS."""

import csv
import io
import json
import os
import subprocess
import time

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

    def make(*words, **environment):
        run = made(shop, words, environment)
        return run.returncode == 0, run.stdout

    return make


def made(shop, words, environment):
    command = ["make", "--silent", *words, f"PORT={shop.url.rpartition(':')[2]}"]
    # The desk is built the first time.
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=600)


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


# ---------------------------------------------------------------------------------------------- one order, and the ledger


@pytest.fixture(scope="module")
def story(shop):
    """An order that was paid, paid twice, and given back in part; its name. Its webhooks came."""
    control = shop.settings["IAMPORT_BASE_URL"] + "/control"
    order = "order-1"
    for imp_uid in ("imp_story_1", "imp_story_2"):
        payment = {"imp_uid": imp_uid, "merchant_uid": order, "amount": 15000, "$force": True}
        assert requests.post(f"{control}/payments", data=json.dumps(payment), timeout=30).ok
        requests.post(f"{shop.url}/payments/webhook", data={"imp_uid": imp_uid, "merchant_uid": order}, timeout=30)
    assert requests.post(f"{control}/payments/imp_story_1/cancel", data='{"amount": "5000"}', timeout=30).ok
    requests.post(f"{shop.url}/payments/webhook", data={"imp_uid": "imp_story_1", "merchant_uid": order}, timeout=30)
    return order


def today():
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 9 * 3600))


def test_an_order_is_told_whole_and_without_what_is_the_customers(make, story):
    found, told = make("order", f"ID={story}")
    assert found
    for part in ("order, in orders", "unmatched payments, in unmatched", "gateway, the latest", "log"):
        assert part in told
    lines = [line.split() for line in told.splitlines()]
    assert ["payment_rank", "3"] in lines and ["reason", "duplicatePayment"] in lines
    assert [line[2:] for line in lines if line[3:4] == ["recorded:"]] == [
        ["+15000", "recorded:", "open"], ["+15000", "recorded:", "order"], ["-5000", "recorded:", "order"],
    ]  # fmt: skip
    logged = [line for line in told.partition("\nlog\n")[2].splitlines() if line]
    assert len(logged) >= 3 and all(f'merchant_uid="{story}"' in line for line in logged)
    # The shop's columns by name, and no more.
    assert "phone" in told and "010" not in told.partition("\nunmatched")[0] and "customer-1" not in told


def test_the_account_that_a_customer_pays_into_is_not_shown(make, shop):
    control = shop.settings["IAMPORT_BASE_URL"] + "/control"
    payment = {"imp_uid": "imp_story_3", "merchant_uid": "order-3", "amount": 9900, "status": "ready", "pay_method": "vbank", "vbank_num": "X-canary"}
    assert requests.post(f"{control}/payments", data=json.dumps(payment | {"$force": True}), timeout=30).ok
    requests.post(f"{shop.url}/payments/webhook", data={"imp_uid": "imp_story_3", "merchant_uid": "order-3"}, timeout=30)
    found, told = make("order", "ID=order-3")
    assert found and "vbank_name" in told and "X-canary" not in told
    assert ["payment_rank", "1"] in [line.split() for line in told.splitlines()]


def test_an_order_that_nobody_knows_is_no_success(make):
    found, told = make("order", "ID=nobody's")
    assert not found and "there is none of this name" in told and "it knows no attempt" in told


def test_the_ledger_is_csv_and_its_sums_are_beside_it(shop, story):
    run = made(shop, ["ledger", f"DAY={today()}"], {})
    lines = [line for line in csv.DictReader(io.StringIO(run.stdout)) if line["merchant_uid"] == story]
    told = [(line["imp_uid"], line["movement"], line["amount"], line["recorded"]) for line in lines]
    assert sorted(told) == [
        ("imp_story_1", "cancel 1", "-5000", "order"), ("imp_story_1", "paid", "15000", "order"), ("imp_story_2", "paid", "15000", "open"),
    ]  # fmt: skip
    assert all(line["time"].startswith(today()) and line["currency"] == "KRW" for line in lines)
    assert f"{today()}  KRW  paid " in run.stderr
    # One of the samples has an amount that is none: the ledger says so, and that it is not whole.
    assert "not in it: imp_sample_unavailable" in run.stderr and run.returncode != 0
    both = made(shop, ["ledger", f"FROM={today()}", f"TO={today()}"], {})
    assert both.stdout == run.stdout


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["order"], "ID= names the order"),
        (["ledger"], "DAY= names the day"),
        (["ledger", "DAY=yesterday"], '"yesterday" is not a day such as 2026-11-24'),
        (["ledger", "FROM=2026-11-24", "TO=2026-11-23"], "2026-11-24 is after 2026-11-23"),
    ],
    ids=str,
)
def test_what_is_asked_for_wrongly_is_named(words, wrong, shop):
    run = made(shop, words, {})
    assert run.returncode != 0 and wrong in run.stderr and not run.stdout


# What `aws` is asked for in place of /local/…, and answered as its own documentation shows it; nothing else is.
AWS = """#!/usr/bin/env python3
import json, os, sys
words = sys.argv[1:]
environment = json.loads(os.environ["STACK_ENVIRONMENT"])
match words[:2]:
    case ["cloudformation", "describe-stacks"] if "shop-stack" in words:
        key = words[words.index("--query") + 1].split("'")[1]
        print({"FunctionName": "the-function", "LogGroup": "the-log"}[key])
    case ["lambda", "get-function-configuration"] if "the-function" in words:
        print(json.dumps({name: value for name, value in environment.items() if not name.startswith("AWS_") or "ENDPOINT" in name}))
    case ["configure", "get"]:
        print(environment["AWS_REGION"])
    case ["configure", "export-credentials"] if words[2:] == ["--format", "env-no-export"]:
        print("\\n".join(f"{name}={value}" for name, value in environment.items() if "ACCESS_KEY" in name))
    case ["logs", "filter-log-events"] if "the-log" in words:
        pattern = words[words.index("--filter-pattern") + 1]
        print(json.dumps({"pattern": pattern}), json.dumps({"message": "another"}), sep="\\t")
    case _:
        sys.exit(f"aws: {words}")
"""


def test_on_aws_the_settings_are_the_functions_and_the_log_is_its_log_groups(make, shop, story, tmp_path):
    aws = tmp_path / "aws"
    aws.write_text(AWS)
    aws.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "STACK_ENVIRONMENT": json.dumps(shop.settings | shop.sdk)}
    found, told = make("order", f"ID={story}", "AWS=1", "STACK=shop-stack", **environment)
    assert found, told
    assert "recorded: order" in told
    # Two events, a line each.
    pattern, another = told.partition("\nlog\n")[2].split("\n")[:2]
    assert json.loads(pattern) == {"pattern": f'{{ $.merchant_uid = "{story}" }}'} and json.loads(another) == {"message": "another"}
