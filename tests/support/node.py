"""Tests in JavaScript, with the packages that tools/setup installed."""

import os
import subprocess

from program import ROOT


def run(script, **environment):
    environment = os.environ | {"NODE_PATH": str(ROOT / ".tools" / "node" / "node_modules")} | environment
    ran = subprocess.run(["node", "--test", script], env=environment, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
