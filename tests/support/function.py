"""The built function under AWS's Runtime Interface Emulator: the same program, the same protocol, no container."""

import json
import os
from importlib import resources
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests
from program import TARGET, Program, accepts, free_port

BOOTSTRAP = Path(os.environ.get("BOOTSTRAP", TARGET / "lambda" / "payment-verifier" / "bootstrap"))
EMULATOR = resources.files("samcli") / "local" / "rapid" / "aws-lambda-rie-x86_64"


class Answer(dict):
    """What API Gateway would send on."""

    @property
    def code(self):
        return self["statusCode"]

    @property
    def body(self):
        return json.loads(self["body"])

    @property
    def status(self):
        """The word for what happened: in the body, or on the way to the shop's page."""
        location = self["headers"].get("location")
        return parse_qs(urlsplit(location).query)["status"][0] if location else self.body["status"]


class Crashed(Exception):
    """The program ended instead of answering."""


class Function:
    """One cold function; its log is what Lambda would hand to CloudWatch."""

    def __init__(self, directory: Path, settings):
        if not BOOTSTRAP.is_file():
            raise RuntimeError(f"{BOOTSTRAP} is not there: make build")
        port, runtime_api = free_port(), free_port()
        lambdas = {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO", "AWS_LAMBDA_FUNCTION_TIMEOUT": "60"}
        addresses = ["--runtime-interface-emulator-address", f"127.0.0.1:{port}", "--runtime-api-address", f"127.0.0.1:{runtime_api}"]
        self.program = Program([EMULATOR, *addresses, BOOTSTRAP], lambdas | settings, directory / f"function-{port}.log")
        self.program.wait_for("emulator", lambda: accepts(port))
        self.url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"

    def stop(self):
        self.program.stop()

    def invoke(self, event):
        """The function's result as it is, an error too."""
        answer = requests.post(self.url, data=json.dumps(event), timeout=70)
        if answer.status_code == 502:
            raise Crashed(self.program.output.read_text())
        return Answer(answer.json())

    def post(self, path, body, content_type="application/json", base64=False):
        return self.invoke(event(path, body, content_type, base64))

    def complete(self, imp_uid, merchant_uid):
        return self.post("/payments/complete", json.dumps({"imp_uid": imp_uid, "merchant_uid": merchant_uid}))

    def webhook(self, imp_uid, merchant_uid, status="paid"):
        ids = {"imp_uid": imp_uid, "merchant_uid": merchant_uid, "status": status}
        return self.post("/payments/webhook", json.dumps(ids))

    def lines(self):
        """The log, a JSON text a line; the emulator's own lines left out."""
        return [line for line in self.program.output.read_text().splitlines() if line.startswith("{")]

    def log(self):
        return [json.loads(line) for line in self.lines()]


def event(path, body, content_type="application/json", base64=False):
    """An event as the HTTP API makes it (payload format 2.0)."""
    return {
        "version": "2.0",
        "routeKey": f"POST {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": content_type} if content_type else {},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "example",
            "domainName": "example.execute-api.ap-northeast-2.amazonaws.com",
            "domainPrefix": "example",
            "http": {
                "method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test",
            },
            "requestId": "example",
            "routeKey": f"POST {path}",
            "stage": "$default",
            "time": "22/Nov/2026:09:00:00 +0000",
            "timeEpoch": 1795338000000,
        },
        "body": body,
        "isBase64Encoded": base64,
    }  # fmt: skip
