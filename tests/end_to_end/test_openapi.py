"""docs/openapi.yaml, tried on the running function: schemathesis makes up requests, good and bad, and knows the answers."""

import json
import os
import random
import subprocess
from pathlib import Path

import pytest
import requests
from expected import EVENTS
from openapi import OPERATIONS, SPEC_FILE, differences
from shop import Shop

SCHEMATHESIS = Path(__file__).parent / "schemathesis"
POSTS = [path for path in OPERATIONS if path != "/payments/redirect"]
IDS = {"imp_uid": "imp_sample_success", "merchant_uid": "sample-success", "amount": 1000}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp("shop"))
    yield shop
    shop.stop()


def event(name):
    (path,) = [path for path in EVENTS if path.stem == name]
    return json.loads(path.read_text())


@pytest.fixture
def schemathesis(shop, tmp_path):
    """Tries a description of the function: whether it holds, and what was printed."""

    def schemathesis(spec, *words):
        command = ["schemathesis", "--config-file", SCHEMATHESIS / "schemathesis.toml", "run", spec, "--url", shop.url, *words]
        environment = os.environ | {"SCHEMATHESIS_HOOKS": str(SCHEMATHESIS / "checks.py")}
        # What it keeps goes where it runs.
        run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
        return run.returncode == 0, run.stdout + run.stderr

    return schemathesis


def test_schemathesis_finds_nothing(schemathesis):
    holds, printed = schemathesis(SPEC_FILE)
    assert holds, printed
    assert f"{len(OPERATIONS)} selected / {len(OPERATIONS)} total" in printed


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("maxLength: 32", "maxLength: 33"),
        ("maxLength: 32", "maxLength: 31"),
        ("maxLength: 40", "maxLength: 41"),
        ("maxLength: 100", "maxLength: 99"),
        ("[orderNotFound]", "[paymentNotFound]"),
        ("no-store", "no-cache"),
    ],
)
def test_schemathesis_finds_what_is_wrong(said, instead, schemathesis, tmp_path):
    wrong = tmp_path / "openapi.yaml"
    wrong.write_text(SPEC_FILE.read_text().replace(said, instead))
    holds, printed = schemathesis(wrong, "--phases", "coverage")
    assert not holds and "Failures:" in printed, printed


@pytest.mark.parametrize("path", POSTS)
def test_no_body_is_our_trouble(path, shop):
    chance = random.Random(path)
    as_json = json.dumps(IDS).encode()
    as_form = "&".join(f"{name}={value}" for name, value in IDS.items()).encode()
    for _ in range(100):
        body = bytearray(chance.choice([as_json, as_form]))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(body))
            piece = chance.choice([b"", bytes([chance.randrange(256)]), chance.randbytes(3), body[at:], b'"', b"&", b"%", b"{"])
            body[at : at + chance.choice([0, 1, 10])] = piece
        for content_type in ("application/json", "application/x-www-form-urlencoded", "text/plain", None):
            answer = requests.post(shop.url + path, data=bytes(body), headers={"content-type": content_type}, timeout=30)
            assert answer.status_code < 500 and answer.json()["status"], (content_type, bytes(body), answer.text)


# ------------------------------------------------------------------- what no file in events/ is answered; see test_events.py


def test_a_payment_is_stopped_without_dynamodb_as_documented(start):
    answer = start(AWS_ENDPOINT_URL_DYNAMODB="http://127.0.0.1:1").invoke(event("confirm-confirmed"))
    assert (answer.code, answer.status) == (503, "unavailable")
    assert differences("/payments/confirm", answer) == []


def test_there_is_no_way_back_without_a_page_as_documented(function):
    answer = function.invoke(event("redirect-success"))
    assert (answer.code, answer.status) == (404, "notFound")
    assert differences("/payments/redirect", answer) == []
