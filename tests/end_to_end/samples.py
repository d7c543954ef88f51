"""The orders and payments that the files in events/ ask for: imp_sample_<answer> pays sample-<answer>."""

import json

from program import ROOT


def stock(gateway, cloud):
    for name, sample in json.loads((ROOT / "local" / "samples.json").read_text()).items():
        # null is none; nothing is a usual one.
        payment, order = sample.get("payment", {}), sample.get("order", {})
        if payment is not None:
            gateway.pay(f"sample-{name}", imp_uid=f"imp_sample_{name}", **payment)
        if order is not None:
            cloud.orders.put(**{"merchant_uid": f"sample-{name}", "amount": 1000} | order)
