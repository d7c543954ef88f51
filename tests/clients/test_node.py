"""Runs node.test.js with the client that tools/setup installed."""

import os
import subprocess
from pathlib import Path

from program import ROOT


def test_node(gateway):
    environment = os.environ | {
        "IAMPORT_URL": gateway.url,
        "IMP_KEY": gateway.key,
        "IMP_SECRET": gateway.secret,
        "NODE_PATH": str(ROOT / ".tools" / "node" / "node_modules"),
        # The client's HTTP library is old; its warnings are not this test's business.
        "NODE_OPTIONS": "--no-deprecation",
    }
    script = Path(__file__).parent / "node.test.js"
    run = subprocess.run(["node", "--test", script], env=environment, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
