"""Records every transition of every order exactly once: a consumer of docs/events.md, as a Lambda function in Python.

A rule on the event bus starts it (source `payment-verifier`), Lambda's own boto3 is all it needs, and its role may
`dynamodb:PutItem` on the table TRANSITIONS_TABLE, key `merchant_uid` (S) and `transition` (S). Events come at least
once, and a bus keeps no order, so nothing here depends on either: what happened is the key, and a second one is refused.
"""

import os
from decimal import Decimal

import boto3
from botocore.exceptions import ClientError

# What makes two states of an order different.
STATE = ("imp_uid", "payment_stage", "payment_rank", "cancel_amount")

transitions = boto3.resource("dynamodb").Table(os.environ["TRANSITIONS_TABLE"])


def state(image):
    return tuple(image.get(name) for name in STATE)


def handler(event, _context):
    """Records the transition of one event; whether it was news."""
    detail = event["detail"]
    old, new = detail.get("old") or {}, detail["new"]
    if state(old) == state(new):
        # The shop edited its order, or an account's notice was given.
        return False
    # An attempt reaches a stage once, and cancels of it only add up: this happens once in the life of an order.
    cancelled = format(Decimal(new["cancel_amount"]).normalize(), "f")
    record = {
        "merchant_uid": detail["merchant_uid"],
        "transition": f"{new['imp_uid']}#{new['payment_stage']}#{cancelled}",
        # Orders the transitions of one order: the larger, the later.
        "sequence": Decimal(detail["sequence"]),
        "payment_status": new["payment_status"],
        "holds_money": Decimal(new["payment_rank"]) == 3,
        "holds": Decimal(new["amount"]) - Decimal(new["cancel_amount"]),
        "currency": new["currency"],
    }
    try:
        # What has to happen once for it goes here: in the same transaction, as one more item, or after this write, by
        # something that is safe to do twice.
        transitions.put_item(Item=record, ConditionExpression="attribute_not_exists(merchant_uid)")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            # Lambda tries again, and then keeps the event if it is told where.
            raise
        return False
    return True
