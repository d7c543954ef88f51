"""Runs the tests in Debian's Chromium: the SDK's script and the payment window, the console, the shop of `make run`."""

from pathlib import Path

import node
import pytest
from shop import Shop


@pytest.mark.parametrize("script", ["window", "flows", "console"])
def test_gateway(gateway, script):
    node.run(Path(__file__).parent / f"{script}.test.js", IAMPORT_URL=gateway.url)


def test_shop(tmp_path):
    shop = Shop(tmp_path)
    try:
        node.run(Path(__file__).parent / "shop.test.js", SHOP_URL=shop.url)
    finally:
        shop.stop()
