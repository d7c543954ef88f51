"""Hours of floods, blips and silence, played to the alarms with lines that the function really logged."""

import json

import alarm as metric_alarm
import pytest
from test_alarms import RAISED_BY, URGENT, data_points

HOUR = 3600
# What a stranger can have the function say without paying anything.
FREE = {
    "made-up ids at the webhook": lambda line: (line.get("route"), line.get("outcome")) == ("webhook", "paymentNotFound"),
    "made-up ids at the page's address": lambda line: (line.get("route"), line.get("outcome")) == ("complete", "paymentNotFound"),
    "malformed webhooks": lambda line: (line.get("route"), line.get("outcome")) == ("webhook", "badRequest"),
    "malformed posts": lambda line: (line.get("route"), line.get("outcome")) == ("complete", "badRequest"),
    "the ids of two orders": lambda line: line.get("reason") == "the payment belongs to another order",
    "unknown orders": lambda line: line.get("outcome") == "orderNotFound" and "gateway_ms" not in line,
    "refused approvals": lambda line: (line.get("route"), line.get("outcome")) == ("confirm", "forgery"),
    "a paid order's own ids again": lambda line: (line.get("route"), line.get("outcome")) == ("webhook", "success"),
}


def one(log_lines, holds):
    """A line that the function really logged."""
    return next(line for line in log_lines if holds(json.loads(line)))


def alarms(stack, *told, until=3 * HOUR, group="<Logs>"):
    """Which alarms on the function's log go on, and when; each of `told` is a line, and the seconds at which it was logged."""
    points = [(at, "stack", *point) for line, times in told for point in data_points(stack, line, group) for at in times]
    on = {}
    for name, alarm in stack.of_type("AWS::CloudWatch::Alarm").items():
        metrics = alarm.get("Metrics", [{"MetricStat": {"Metric": alarm, "Stat": "Sum"}}])
        ours = [each["MetricStat"]["Metric"]["Namespace"] for each in metrics if "MetricStat" in each]
        if name not in ("SlowAlarm", "NoSweepAlarm") and set(ours) == {"stack"}:
            on[name] = metric_alarm.changes(alarm, points, until)
    return {name: times for name, times in on.items() if times}


@pytest.mark.parametrize("flood", FREE)
def test_a_strangers_flood_wakes_nobody_and_hides_no_money(flood, stack, log_lines):
    noise = one(log_lines, FREE[flood]), range(0, 3 * HOUR, 5)
    opened = one(log_lines, lambda line: line.get("unmatched") == "opened")
    assert not URGENT & set(alarms(stack, noise))
    assert alarms(stack, noise, (opened, [5000]))["NewlyUnmatchedAlarm"] == [5100]
    # Nor does it water the share of what fails down, but for who has an order of his own to repeat.
    if flood != "a paid order's own ids again":
        reached = one(log_lines, lambda line: (line.get("route"), line.get("outcome")) == ("complete", "success"))
        failed = one(log_lines, lambda line: (line.get("route"), line.get("outcome")) == ("webhook", "unavailable"))
        minutes = range(5400, 6300, 60)
        assert alarms(stack, noise, (reached, minutes), (failed, minutes))["UnavailableAlarm"] == [6000]


def test_a_blip_wakes_nobody_and_an_outage_does(stack, log_lines):
    reached = one(log_lines, lambda line: (line.get("route"), line.get("outcome")) == ("webhook", "success"))
    failed = one(log_lines, lambda line: (line.get("route"), line.get("outcome")) == ("webhook", "unavailable"))
    business = reached, range(0, 3 * HOUR, 10)
    assert not URGENT & set(alarms(stack, business, (failed, range(1000, 1003))))
    assert alarms(stack, business, (failed, range(1000, 3000, 10)))["UnavailableAlarm"] == [1500]
    # One in thirty, for however long, is below 5 %.
    assert "UnavailableAlarm" not in alarms(stack, business, (failed, range(0, 3 * HOUR, 300)))
    assert "ConfirmUnavailableAlarm" in alarms(stack, (one(log_lines, RAISED_BY["ConfirmUnavailableAlarm"]), [60]))


def test_eleven_unmatched_payments_in_an_hour_wake_somebody(stack, log_lines):
    opened = one(log_lines, lambda line: line.get("unmatched") == "opened")
    assert not URGENT & set(alarms(stack, (opened, range(100, 110))))
    assert alarms(stack, (opened, range(100, 111)))["ManyUnmatchedAlarm"] == [HOUR]


def test_webhooks_that_stay_away_while_pages_report_are_missed(stack, log_lines):
    page = one(log_lines, lambda line: (line.get("route"), line.get("outcome")) == ("complete", "success"))
    webhook = one(log_lines, lambda line: (line.get("route"), line.get("outcome")) == ("webhook", "success"))
    made_up = one(log_lines, FREE["made-up ids at the webhook"]), range(0, 3 * HOUR, 5)
    pages = page, range(0, 3 * HOUR, 600)
    assert alarms(stack, pages, made_up)["NoWebhookAlarm"] == [2 * HOUR]
    assert "NoWebhookAlarm" not in alarms(stack, pages, (webhook, range(0, 3 * HOUR, HOUR)))
    # Few pages tell nothing.
    assert "NoWebhookAlarm" not in alarms(stack, (page, range(0, 3 * HOUR, 1800)))


def access(stack, **values):
    """A line of the access log, as the stage's format makes it; `-` is what API Gateway writes for what it has not."""
    form = json.loads(stack.one("AWS::ApiGatewayV2::Stage")["AccessLogSettings"]["Format"])
    assert set(values) <= set(form)
    return json.dumps({name: values.get(name, "-") for name in form})


@pytest.mark.parametrize(
    ("route", "status", "function_status", "wakes"),
    [
        ("POST /payments/webhook", "429", "-", True),
        ("POST /payments/confirm", "429", "-", True),
        ("GET /payments/redirect", "429", "-", True),
        # A page waits and repeats.
        ("POST /payments/complete", "429", "-", False),
        ("POST /payments/prepare", "429", "-", False),
        # API Gateway's own, and the function's, which has a line of its own.
        ("POST /payments/webhook", "500", "-", True),
        ("POST /payments/webhook", "503", "200", True),
        ("POST /payments/webhook", "503", "503", False),
        ("POST /payments/webhook", "200", "200", False),
        ("POST /payments/complete", "404", "404", False),
    ],
)
def test_what_api_gateway_turns_away(route, status, function_status, wakes, stack):
    line = access(stack, route=route, http_status=status, function_status=function_status)
    assert set(alarms(stack, (line, [10]), group="<AccessLogs>")) == ({"TurnedAwayAlarm"} if wakes else set())


def test_dynamodbs_trouble_is_heard_of(stack):
    alarm = stack.resources["DynamoDbAlarm"]["Properties"]
    for name, table, more in [
        ("WriteThrottleEvents", "<Orders>", {}),
        ("ReadThrottleEvents", "<Orders>", {}),
        ("WriteThrottleEvents", "<Unmatched>", {}),
        ("SystemErrors", "<Orders>", {"Operation": "UpdateItem"}),
    ]:
        assert metric_alarm.changes(alarm, [(10, "AWS/DynamoDB", name, {"TableName": table} | more, 1)], 900) == [300], name
    assert metric_alarm.changes(alarm, [], 900) == []


def test_the_evaluator_of_alarms_itself():
    alarm = {
        "Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 10, "EvaluationPeriods": 2,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 2, "TreatMissingData": "notBreaching",
    }  # fmt: skip
    at = lambda *times: [(time, "n", "m", {}, 1) for time in times]
    assert metric_alarm.changes(alarm, at(1, 2, 11, 12), 50) == [20]
    assert metric_alarm.changes(alarm, at(1, 2, 11), 50) == []
    # It goes off, and on again.
    assert metric_alarm.changes(alarm, at(1, 2, 11, 12, 41, 42, 51, 52), 60) == [20, 60]
    assert metric_alarm.changes(alarm | {"TreatMissingData": "breaching", "ComparisonOperator": "LessThanThreshold"}, at(1, 2), 50) == [30]
    assert metric_alarm.calculate("100 * a / (a + FILL(b, 0))", {"a": 1, "b": None}) == 100
    assert metric_alarm.calculate("100 * a / (a + FILL(b, 0))", {"a": None, "b": 1}) is None
    assert metric_alarm.calculate("IF(FILL(a, 0) < 1, b, 0)", {"a": None, "b": 3}) == 3
