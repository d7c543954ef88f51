"""The evaluator of pipes, on the examples of AWS's documentation; and the template's pipe."""

import json

import pipe
import pytest
from pages import fences, page
from stack import Stack, source

BUS = "arn:aws:events:ap-northeast-2:123456789012:event-bus/shop"
STREAM = "arn:aws:dynamodb:ap-northeast-2:123456789012:table/my-orders/stream/2026-11-24T00:00:00.000"

# The record in "Using event filtering with a DynamoDB event source".
DYNAMODB = {
    "eventID": "1", "eventVersion": "1.0",
    "dynamodb": {
        "ApproximateCreationDateTime": "1678831218.0",
        "Keys": {"CustomerName": {"S": "AnyCompany Industries"}},
        "NewImage": {
            "AccountManager": {"S": "Pat Candella"}, "PaymentTerms": {"S": "60 days"}, "CustomerName": {"S": "AnyCompany Industries"},
        },
        "SequenceNumber": "111", "SizeBytes": 26, "StreamViewType": "NEW_IMAGE",
    },
}  # fmt: skip
# The event in "Amazon EventBridge Pipes input transformation".
EC2 = {
    "version": "0", "detail-type": "EC2 Instance State-change Notification", "source": "aws.ec2",
    "detail": {"instance-id": "i-0123456789", "state": "RUNNING"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ({"dynamodb": {"Keys": {"CustomerName": {"S": ["AnyCompany Industries"]}}}}, True),
        ({"dynamodb": {"NewImage": {"AccountManager": {"S": ["Pat Candella", "Shirley Rodriguez"]}}}}, True),
        ({"dynamodb": {"NewImage": {"AccountManager": {"S": ["Shirley Rodriguez"]}}}}, False),
        ({"dynamodb": {"NewImage": {"ProductName": {"S": [{"exists": True}]}}}}, False),
        ({"dynamodb": {"NewImage": {"PaymentTerms": {"S": [{"exists": True}]}}}}, True),
        # Only leaves exist.
        ({"dynamodb": {"NewImage": [{"exists": True}]}}, False),
        ({"eventVersion": ["1.0"], "eventID": ["2"]}, False),
        ({"dynamodb": {"SizeBytes": ["26"]}}, False),
    ],
)
def test_a_filter_does_what_is_documented(pattern, matches):
    assert pipe.passes(pattern, DYNAMODB) is matches


def test_a_template_does_what_is_documented():
    template = '{"instance" : "<$.detail.instance-id>", "state": "<$.detail.state>", "kind": "EC2"}'
    assert pipe.transformed(template, EC2) == {"instance": "i-0123456789", "state": "RUNNING", "kind": "EC2"}
    assert pipe.transformed('{"a": "<$.detail.none>"}', EC2, pipe.ABSENT) == {}


def test_what_the_evaluator_does_not_know_it_refuses():
    for pattern in ({"source": [{"prefix": "aws"}]}, {"source": "aws.ec2"}, {"source": [["a"]]}):
        with pytest.raises(ValueError):
            pipe.passes(pattern, EC2)
    for template in ('{"a": <$.detail>}', '{"a": "x <$.source>"}', '{"a": "<aws.pipes.event>"}', '{"a": "<$.detail>"}'):
        with pytest.raises(ValueError):
            pipe.transformed(template, EC2)


# ------------------------------------------------------------------------------------------------- the template's pipe


def names(node):
    """Every attribute that an input template names: what follows an image."""
    return {path.split(".")[2] for path in pipe.VARIABLE.findall(node) if ".NewImage." in path or ".OldImage." in path}


def test_without_a_bus_there_is_no_pipe_but_a_stream(stack):
    assert not stack.of_type("AWS::Pipes::Pipe") and "EventsPipe" not in stack.outputs
    assert stack.resources["Orders"]["Properties"]["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert stack.outputs["OrdersStreamArn"] == "<Orders.StreamArn>"


def test_the_pipe_tries_for_half_a_day_in_order_and_then_keeps_the_place():
    made = Stack(EventBusArn=BUS).one("AWS::Pipes::Pipe")
    assert (made["Source"], made["Target"], made["RoleArn"]) == ("<Orders.StreamArn>", BUS, "<EventsRole.Arn>")
    parameters = made["SourceParameters"]["DynamoDBStreamParameters"]
    assert parameters == {
        "StartingPosition": "TRIM_HORIZON", "ParallelizationFactor": 1, "BatchSize": 10,
        "OnPartialBatchItemFailure": "AUTOMATIC_BISECT", "MaximumRetryAttempts": -1, "MaximumRecordAgeInSeconds": 43200,
        "DeadLetterConfig": {"Arn": "<UndeliveredEvents.Arn>"},
    }  # fmt: skip
    # A stream keeps a day; whoever reads the queue has some of it left.
    assert parameters["MaximumRecordAgeInSeconds"] <= 24 * 3600 / 2
    assert made["TargetParameters"]["EventBridgeEventBusParameters"] == {"Source": "payment-verifier", "DetailType": "OrderPaymentChanged"}


def test_an_event_carries_what_the_function_wrote_and_nobodys_data():
    template = Stack(EventBusArn=BUS).one("AWS::Pipes::Pipe")["TargetParameters"]["InputTemplate"]
    assert names(template) == {"imp_uid", "payment_status", "payment_stage", "payment_rank", "cancel_amount", "started_at", "payment"}
    kept = {path.split(".")[4] for path in pipe.VARIABLE.findall(template) if ".payment.M." in path}
    assert kept == {"amount", "currency", "pay_method", "pg_provider", "paid_at"}
    assert len(template) <= 8192


def test_the_documented_event_is_what_the_pipe_makes():
    (documented,) = [event for block in fences(page("docs/events.md"), "json") if "detail" in (event := json.loads(block))]
    made = Stack(EventBusArn=BUS).one("AWS::Pipes::Pipe")
    new = {name: {"S": value, "N": value} for name, value in documented["detail"]["new"].items()}
    record = {
        "eventName": "MODIFY",
        "dynamodb": {
            "Keys": {"merchant_uid": {"S": documented["detail"]["merchant_uid"]}},
            "SequenceNumber": documented["detail"]["sequence"],
            "NewImage": new | {"payment": {"M": new}, "phone": {"S": "010-1234-5678"}},
            "OldImage": {"amount": {"N": "15000"}},
        },
    }
    assert pipe.sent(made, record) == documented
    (rule,) = [rule for block in fences(page("docs/events.md"), "json") if "detail" not in (rule := json.loads(block))]
    assert pipe.passes(rule, documented)


def test_what_the_pipe_may_do():
    stack = Stack(EventBusArn=BUS)
    assert set(stack.of_type("AWS::IAM::Role")) == {"Role", "SchedulerRole", "EventsRole"}
    role = stack.resources["EventsRole"]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "pipes.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert "ManagedPolicyArns" not in role
    (policy,) = role["Policies"]
    assert [(each["Action"], each["Resource"]) for each in policy["PolicyDocument"]["Statement"]] == [
        (["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], "<Orders.StreamArn>"),
        ("dynamodb:ListStreams", "<Orders.Arn>/stream/*"),
        ("events:PutEvents", BUS),
        ("sqs:SendMessage", "<UndeliveredEvents.Arn>"),
    ]


def test_a_table_of_the_shops_own_brings_its_stream():
    stack = Stack(EventBusArn=BUS, OrdersTableName="my-orders", OrdersStreamArn=STREAM)
    assert stack.one("AWS::Pipes::Pipe")["Source"] == STREAM
    (policy,) = stack.resources["EventsRole"]["Properties"]["Policies"]
    read, find, *_ = policy["PolicyDocument"]["Statement"]
    assert read["Resource"] == STREAM
    assert find["Resource"] == "arn:aws:dynamodb:ap-northeast-2:123456789012:table/my-orders/stream/*"


@pytest.mark.parametrize(
    ("parameters", "missing"),
    [
        ({}, None),
        ({"EventBusArn": BUS}, None),
        ({"OrdersTableName": "my-orders"}, None),
        ({"EventBusArn": BUS, "OrdersTableName": "my-orders", "OrdersStreamArn": STREAM}, None),
        ({"EventBusArn": BUS, "OrdersTableName": "my-orders"}, "needs OrdersStreamArn"),
        ({"OrdersStreamArn": STREAM}, "goes with OrdersTableName"),
    ],
)
def test_what_is_missing_is_named_before_anything_is_made(parameters, missing):
    stack = Stack(**parameters)
    said = [
        each["AssertDescription"]
        for name in ("EventsNeedAStream", "AStreamIsOfATable")
        for rule in [source()["Rules"][name]]
        if stack.resolve(rule["RuleCondition"])
        for each in rule["Assertions"]
        if not stack.resolve(each["Assert"])
    ]
    assert len(said) == (missing is not None) and all(missing in text for text in said)


def test_the_filter_lets_a_recorded_row_through_and_nothing_else():
    (criteria,) = Stack(EventBusArn=BUS).one("AWS::Pipes::Pipe")["SourceParameters"]["FilterCriteria"]["Filters"]
    pattern = json.loads(criteria["Pattern"])
    recorded, fresh = {"payment_stage": {"N": "3"}}, {"amount": {"N": "1000"}}
    for record, through in [
        ({"eventName": "MODIFY", "dynamodb": {"NewImage": recorded, "OldImage": fresh}}, True),
        # The shop writes an order, edits one that nobody paid, restores or deletes one.
        ({"eventName": "INSERT", "dynamodb": {"NewImage": fresh}}, False),
        ({"eventName": "MODIFY", "dynamodb": {"NewImage": fresh, "OldImage": fresh}}, False),
        ({"eventName": "INSERT", "dynamodb": {"NewImage": recorded}}, False),
        ({"eventName": "REMOVE", "dynamodb": {"OldImage": recorded}}, False),
    ]:
        assert pipe.passes(pattern, record) is through, record
