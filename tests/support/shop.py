"""`make run` as a program: the whole shop, stocked for events/, with the function behind plain HTTP."""

import re
from pathlib import Path

from program import TARGET, Program, free_port


class Shop:
    def __init__(self, directory: Path, address="127.0.0.1"):
        binary = TARGET / "debug" / "local"
        if not binary.is_file():
            raise RuntimeError(f"{binary} is not there: cargo build --package local")
        # Its own function takes plain http from loopback only, so beyond that it has to listen everywhere.
        listen = address if address.startswith("127.") else "0.0.0.0"
        ports = {name: str(free_port()) for name in ("PORT", "IAMPORT_PORT", "AWS_PORT")}
        self.program = Program([binary], {"LISTEN": listen} | ports, directory / "shop.log")
        output = self.program.output
        printed = self.program.wait_for("shop", lambda: "Serving until" in output.read_text() and output.read_text(), 120)
        self.url = f"http://{address}:{ports['PORT']}"
        orders, unmatched, customers = re.search(r"tables (\S+), (\S+), (\S+)", printed).groups()
        self.settings = {
            "ORDERS_TABLE": orders,
            "UNMATCHED_TABLE": unmatched,
            "CUSTOMERS_TABLE": customers,
            "IAMPORT_SECRET_ID": "iamport",
            "IAMPORT_BASE_URL": f"http://{address}:{ports['IAMPORT_PORT']}",
            "VBANK_SMS": "true",
            "REDIRECT_URL": f"http://localhost:{ports['PORT']}/",
        }
        self.sdk = {
            "AWS_ENDPOINT_URL": f"http://{address}:{ports['AWS_PORT']}",
            "AWS_REGION": "ap-northeast-2",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def stop(self):
        self.program.stop()
