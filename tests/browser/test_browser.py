"""Runs window.test.js in Debian's Chromium: the SDK's script and the payment window."""

from pathlib import Path

import node


def test_window(gateway):
    node.run(Path(__file__).parent / "window.test.js", IAMPORT_URL=gateway.url)
