"""The orders and payments that the files in events/ ask for: imp_sample_<answer> pays sample-<answer>."""

import json

from program import ROOT


def stock(gateway, cloud):
    for name, sample in json.loads((ROOT / "local" / "samples.json").read_text()).items():
        gateway.pay(f"sample-{name}", imp_uid=f"imp_sample_{name}", **sample.get("payment", {}))
        order = sample.get("order", {})
        # null is no order; nothing is a usual one.
        if order is not None:
            cloud.orders.put(**{"merchant_uid": f"sample-{name}", "amount": 1000} | order)
