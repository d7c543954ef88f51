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
# What API Gateway adds where the function says nothing.
GATEWAYS = {"content-type": "application/json"}


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
    if event["rawQueryString"]:
        url += "?" + event["rawQueryString"]
    content_type = {"content-type": event["headers"].get("content-type")}
    front = requests.request(method, url, headers=content_type, data=body, timeout=30, allow_redirects=False)
    headers = {name.lower(): value for name, value in front.headers.items() if name.lower() not in SERVERS}

    answer = emulated.invoke(event)
    assert (answer.code, answer.get("body") or "") == (front.status_code, front.text)
    assert GATEWAYS | answer["headers"] == headers


def test_a_browser_comes_back_to_the_shops_page(shop):
    answer = requests.get(shop.url + "/payments/redirect?merchant_uid=order-9&status=success", timeout=30)
    assert answer.url.endswith("/?merchant_uid=order-9&status=orderNotFound")
    assert answer.status_code == 200 and "<title>상점" in answer.text
