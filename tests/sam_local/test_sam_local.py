"""`sam local invoke`: template and program as they are deployed, in a container, for every file in events/."""

import json
import os
import subprocess

import pytest
from expected import EVENTS, SWEEP, named
from function import BOOTSTRAP, Answer
from program import ROOT
from shop import Shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The shop, where a container can reach it: at Docker's bridge."""
    addresses = subprocess.run(["ip", "-4", "-json", "address", "show", "docker0"], capture_output=True, check=True).stdout
    bridge = json.loads(addresses)[0]["addr_info"][0]["local"]
    shop = Shop(tmp_path_factory.mktemp("shop"), bridge)
    yield shop
    shop.stop()


@pytest.fixture(scope="module")
def invoke(shop, tmp_path_factory):
    """Invokes the function of template.yaml; SAM passes on only the variables that a template declares."""
    directory = tmp_path_factory.mktemp("sam")
    template = (ROOT / "template.yaml").read_text()
    for there, here in (
        ("      CodeUri: .\n", f"      CodeUri: {BOOTSTRAP.parent}\n"),
        ("        Variables:\n", "        Variables:\n          AWS_ENDPOINT_URL: ''\n"),
    ):
        assert template.count(there) == 1
        template = template.replace(there, here)
    (directory / "template.yaml").write_text(template)
    # Plain http beyond loopback is for a test stage.
    settings = shop.settings | {"ALLOW_SANDBOX": "true", "AWS_ENDPOINT_URL": shop.sdk["AWS_ENDPOINT_URL"]}
    (directory / "settings.json").write_text(json.dumps({"Function": settings}))

    def invoke(event):
        command = ["sam", "local", "invoke", "Function", "--event", event, "--template", directory / "template.yaml"]
        command += ["--env-vars", directory / "settings.json", "--region", shop.sdk["AWS_REGION"], "--skip-pull-image"]
        run = subprocess.run(command, env=os.environ | shop.sdk, capture_output=True, text=True, timeout=120, cwd=directory)
        assert run.returncode == 0, run.stderr
        return Answer(json.loads(run.stdout.splitlines()[-1]))

    return invoke


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_event(path, invoke):
    _, code, status = named(path)
    answer = invoke(path)
    assert (answer.code, answer.status) == (code, status)


def test_sweep(invoke):
    summary = invoke(SWEEP)
    assert set(summary) == {"listed", "repaired", "unmatched", "resolved", "refunded", "open"}
