"""The orders and payments that the files in events/ ask for: imp_sample_<answer> pays sample-<answer>."""


def stock(gateway, cloud):
    cancelled = {"status": "cancelled", "cancelled_at": 1795338000}
    payments = {
        "success": {},
        "vbankIssued": {"status": "ready", "pay_method": "vbank"},
        "pending": {"status": "ready"},
        "failed": {"status": "failed"},
        "cancelled": cancelled | {"cancel_amount": 1000},
        "partiallyCancelled": cancelled | {"cancel_amount": 300},
        "forgery": {"amount": 10},
        "duplicatePayment": {},
        "misconfigured": {},
        "orderNotFound": {},
        # No amount that money comes in: the gateway talks nonsense.
        "unavailable": {"amount": -1000},
    }
    orders = {
        "misconfigured": {"amount": "1000"},
        # As the function leaves it once another attempt was paid.
        "duplicatePayment": {
            "imp_uid": "imp_sample_first", "payment_status": "paid", "payment_stage": 3, "payment_rank": 3,
            "cancel_amount": 0, "started_at": 1795337000, "payment": {"status": "paid"},
        },
    }  # fmt: skip
    for answer, payment in payments.items():
        gateway.pay(f"sample-{answer}", imp_uid=f"imp_sample_{answer}", **payment)
        if answer != "orderNotFound":
            cloud.orders.put(**{"merchant_uid": f"sample-{answer}", "amount": 1000} | orders.get(answer, {}))
