"""The examples in iamport-sim/README.md, as they stand there."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pages import fences, page
from program import ROOT, TARGET

PLACEHOLDER = "http://127.0.0.1:3000"


@pytest.fixture
def shop():
    """A shop that takes every webhook; its URL, and what came."""
    came = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            came.append((self.path, self.rfile.read(int(self.headers["content-length"])).decode()))
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"OK")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}", came
    server.shutdown()
    server.server_close()


def example(language):
    """The one block of this language."""
    (block,) = fences(page("iamport-sim/README.md"), language)
    return block


def run(command, code, **environment):
    path = f"{TARGET / 'debug'}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "NODE_PATH": str(ROOT / ".tools" / "node" / "node_modules")} | environment
    ran = subprocess.run(command, input=code, env=environment, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.parametrize(("language", "command"), [("python", [sys.executable, "-"]), ("js", ["node", "--no-deprecation", "-"])])
def test_a_shop_in_another_language(language, command, shop):
    url, came = shop
    code = example(language)
    assert f"{PLACEHOLDER}/payments/webhook" in code
    run(command, code.replace(PLACEHOLDER, url))
    assert [path for path, _ in came] == ["/payments/webhook"] * 2


@pytest.fixture
def told(gateway, shop):
    """The gateway tells the shop only of what it is asked to tell."""
    url, came = shop
    gateway.control("PUT", "webhook", {"url": f"{url}/payments/webhook", "content_type": "form"})
    yield came
    gateway.control("DELETE", "webhook")


def test_the_verbs(gateway, told):
    (code,) = [block for block in fences(page("iamport-sim/README.md"), "sh") if "iamport-sim trigger" in block]
    printed = run(["bash", "-eu"], code, IAMPORT_SIM_URL=gateway.url)
    statuses = [body.partition("&status=")[2].partition("&")[0] for _, body in told]
    assert statuses == ["paid", "ready", "paid", "ready", "ready", "paid", "cancelled", "cancelled"]
    assert printed.count("webhook answered 200 OK\n") == 7  # the fourth payment's went into the pipe
    assert "\ntest-button " in printed
    payment = gateway.control("GET", "payments?merchant_uid=ORD-4")[0]
    assert (payment["amount"], payment["currency"]) == (14.2, "USD")


def test_the_scenario(gateway, told, tmp_path):
    (tmp_path / "mine.json").write_text(example("json"))
    run(["iamport-sim", "play", str(tmp_path / "mine.json"), "--merchant-uid", "ORD-README"], "", IAMPORT_SIM_URL=gateway.url)
    ((_, body),) = told
    assert "&status=cancelled&" in body
    (payment,) = gateway.control("GET", "payments?merchant_uid=ORD-README")
    assert (payment["cancel_amount"], payment["name"]) == (100, "Order ORD-README")


def test_the_one_file_is_static():
    musl = "x86_64-unknown-linux-musl"
    if musl not in subprocess.run(["rustup", "target", "list", "--installed"], capture_output=True, text=True).stdout:
        pytest.skip(f"rustup target add {musl}")
    subprocess.run(["make", "sim"], cwd=ROOT, check=True, capture_output=True, timeout=600)
    binary = TARGET / musl / "release" / "iamport-sim"
    assert "statically linked" in subprocess.run(["ldd", binary], capture_output=True, text=True).stdout
    size = f"{binary.stat().st_size / 1e6:.1f} MB"
    assert size in page("iamport-sim/README.md"), size
