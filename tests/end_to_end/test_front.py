"""`make run` and the emulator give the same answer to every file in events/."""

import base64
import json

import pytest
import requests
from expected import EVENTS
from function import Function
from shop import Shop

# What the HTTP server adds of its own.
SERVERS = {"content-length", "date", "connection", "transfer-encoding"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp("shop"))
    yield shop
    shop.stop()


@pytest.fixture(scope="module")
def emulated(shop, tmp_path_factory):
    function = Function(tmp_path_factory.mktemp("emulated"), shop.settings | shop.sdk)
    yield function
    function.stop()


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_same_answer(path, shop, emulated):
    event = json.loads(path.read_text())
    body = event.get("body", "").encode()
    body = base64.b64decode(body) if event["isBase64Encoded"] else body
    method, url = event["requestContext"]["http"]["method"], shop.url + event["rawPath"]
    front = requests.request(method, url, headers={"content-type": event["headers"].get("content-type")}, data=body, timeout=30)
    headers = {name.lower(): value for name, value in front.headers.items() if name.lower() not in SERVERS}

    answer = emulated.invoke(event)
    assert (answer.code, answer.body) == (front.status_code, front.json())
    assert answer["headers"] == headers
