"""What the pages advise a shop and its operators to do, done."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from cloud import ACCESS, Table
from insights import run
from pages import fences, never_settled, page


@pytest.fixture(scope="module")
def dynamodb(cloud):
    return boto3.client("dynamodb", endpoint_url=cloud.dynamodb_endpoint, **ACCESS)


# -------------------------------------------------------------------------------------------------------- shipping


@pytest.fixture
def ship(dynamodb, cloud, order):
    """Ships the test's order as README shows it, with the values that were read before; None, or why not."""
    shipments = Table(boto3.resource("dynamodb", endpoint_url=cloud.dynamodb_endpoint, **ACCESS), "Orders")
    (shown,) = [block for block in fences(page("README.md"), "json") if "ConditionCheck" in block]

    def ship(row):
        text = shown.replace("ORDERS_TABLE", cloud.orders.name).replace("SHIPMENTS_TABLE", shipments.name)
        text = text.replace("k3v9…", order).replace("imp_…", row["imp_uid"])
        text = text.replace('":cancelled": {"N": "0"}', f'":cancelled": {{"N": "{row["cancel_amount"]}"}}')
        try:
            dynamodb.transact_write_items(TransactItems=json.loads(text))
        except ClientError as refused:
            return [each["Code"] for each in refused.response["CancellationReasons"]]

    return ship


def left(row):
    return row["payment"]["amount"] - row["cancel_amount"]


def test_a_paid_order_is_shipped_once(ship, function, gateway, cloud, order):
    function.complete(gateway.pay(order), order)
    row = cloud.orders.get(order)
    assert (row["payment_rank"], left(row), row["payment"]["currency"]) == (3, 1000, "KRW")
    assert ship(row) is None
    assert ship(row) == ["None", "ConditionalCheckFailed"]


def test_a_refund_before_shipping_is_noticed_and_the_rest_can_be_shipped(ship, function, gateway, cloud, order):
    imp_uid = gateway.pay(order)
    function.complete(imp_uid, order)
    before = cloud.orders.get(order)
    gateway.cancel(imp_uid, 300)
    function.webhook(imp_uid, order, "cancelled")
    assert ship(before) == ["ConditionalCheckFailed", "None"]
    after = cloud.orders.get(order)
    assert (after["payment_status"], after["payment_rank"], left(after)) == ("cancelled", 3, 700)
    assert ship(after) is None


def test_a_refunded_order_is_not_shipped(ship, function, gateway, cloud, order):
    imp_uid = gateway.pay(order)
    function.complete(imp_uid, order)
    gateway.cancel(imp_uid)
    function.webhook(imp_uid, order, "cancelled")
    row = cloud.orders.get(order)
    assert (row["payment_rank"], left(row)) == (2, 0)
    assert ship(row) == ["ConditionalCheckFailed", "None"]


# -------------------------------------------------------------------------------------------------------- operating


def test_a_deposit_that_was_not_recorded_is_found_until_it_is(function, gateway, order):
    def found():
        return [row["imp_uid"] for row in run(never_settled(), function.lines()) if row["merchant_uid"] == order]

    imp_uid = gateway.pay(order, pay_method="vbank", status="ready")
    assert function.complete(imp_uid, order).status == "vbankIssued"
    assert found() == []
    gateway.deposit(imp_uid)
    gateway.fault("bad_gateway", route="look_up")
    assert function.webhook(imp_uid, order).status == "unavailable"
    assert found() == [imp_uid]
    gateway.clear_faults()
    assert function.webhook(imp_uid, order).status == "success"
    assert found() == []


def test_unmatched_payments_are_listed_and_closed(function, gateway, cloud, dynamodb, order):
    def open_items():
        keys = dynamodb.query(
            TableName=cloud.unmatched.name,
            IndexName="by-state",
            KeyConditionExpression="#state = :open",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":open": {"S": "open"}},
        )["Items"]
        return [item["imp_uid"]["S"] for item in keys if item["merchant_uid"]["S"] == order]

    refunded, closed = (gateway.pay(order, amount=10, **{"$force": True}) for _ in range(2))
    for imp_uid in (refunded, closed):
        assert function.webhook(imp_uid, order).status == "forgery"
    assert sorted(open_items()) == sorted([refunded, closed])
    gateway.cancel(refunded)
    assert function.webhook(refunded, order, "cancelled").status == "cancelled"
    assert open_items() == [closed]
    dynamodb.update_item(
        TableName=cloud.unmatched.name,
        Key={"merchant_uid": {"S": order}, "imp_uid": {"S": closed}},
        UpdateExpression="SET #state = :closed, note = :note",
        ConditionExpression="#state = :open",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":closed": {"S": "closed"}, ":note": {"S": "bank transfer"}, ":open": {"S": "open"}},
    )
    assert function.webhook(closed, order).status == "forgery"
    assert open_items() == []
