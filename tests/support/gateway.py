"""iamport-sim as a program, moved by its control API."""

import json
from pathlib import Path

import requests
from program import TARGET, Program

KEY, SECRET = "imp_key", "imp_secret"


class Gateway:
    def __init__(self, directory: Path):
        binary = TARGET / "debug" / "iamport-sim"
        if not binary.is_file():
            raise RuntimeError(f"{binary} is not there: cargo build --package iamport-sim")
        self.program = Program([binary, "--addr", "127.0.0.1:0"], {}, directory / "iamport-sim.log")
        output = self.program.output
        self.url = self.program.wait_for("URL of iamport-sim", lambda: output.read_text().partition("\n")[0])
        self.key, self.secret = KEY, SECRET

    def stop(self):
        self.program.stop()

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body)
        answer = requests.request(method, f"{self.url}/control/{path}", data=data, timeout=30)
        if answer.status_code != 200:
            raise RuntimeError(f"{method} /control/{path}: {answer.status_code} {answer.text}")
        return answer.json()

    def pay(self, merchant_uid, amount=1000, **fields):
        """A payment, paid by card unless the fields say otherwise; its imp_uid."""
        return self.control("POST", "payments", {"merchant_uid": merchant_uid, "amount": amount} | fields)["imp_uid"]

    def payment(self, imp_uid):
        return self.control("GET", f"payments/{imp_uid}")

    def deposit(self, imp_uid):
        self.control("POST", f"payments/{imp_uid}/deposit")

    def cancel(self, imp_uid, amount=None):
        self.control("POST", f"payments/{imp_uid}/cancel", {} if amount is None else {"amount": amount})

    def fault(self, effect, **details):
        self.control("POST", "faults", {"effect": effect} | details)

    def clear_faults(self):
        self.control("DELETE", "faults")

    def calls(self):
        """What the API was asked, the oldest first: "POST /users/getToken"."""
        return [f"{call['method']} {call['path']}" for call in self.control("GET", "calls")]

    def clear_calls(self):
        self.control("DELETE", "calls")

    def rotate(self, key, secret):
        """Other credentials from now on; the old ones and every token are void."""
        self.control("POST", "credentials", {"imp_key": key, "imp_secret": secret, "revoke": True})
        self.key, self.secret = key, secret
