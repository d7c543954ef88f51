"""Runs node.test.js: Iamport's own client for Node."""

from pathlib import Path

import node


def test_node(gateway):
    # The client's HTTP library is old; its warnings are not this test's business.
    quiet = {"NODE_OPTIONS": "--no-deprecation"}
    script = Path(__file__).parent / "node.test.js"
    node.run(script, IAMPORT_URL=gateway.url, IMP_KEY=gateway.key, IMP_SECRET=gateway.secret, **quiet)
