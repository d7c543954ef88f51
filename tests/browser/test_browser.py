"""Runs the tests in Debian's Chromium: the SDK's script and the payment window, and the shop of `make run`."""

from pathlib import Path

import node
from shop import Shop


def test_window(gateway):
    node.run(Path(__file__).parent / "window.test.js", IAMPORT_URL=gateway.url)


def test_shop(tmp_path):
    shop = Shop(tmp_path)
    try:
        node.run(Path(__file__).parent / "shop.test.js", SHOP_URL=shop.url)
    finally:
        shop.stop()
