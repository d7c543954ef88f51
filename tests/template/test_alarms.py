"""The alarms of template.yaml, tried on what the function really logged."""

import json
import os
import re
from pathlib import Path

import alarm as metric_alarm
import filter_pattern
import pytest
from program import ROOT
from stack import Stack, source

# What nobody paid for is no matter for an alarm.
BEFORE = ("prepare", "confirm")
# Those that cannot wait until the morning.
URGENT = {
    "NoSweepAlarm", "CredentialsRefusedAlarm", "ThrottlesAlarm", "CannotStartAlarm", "UnavailableAlarm",
    "ConfirmUnavailableAlarm", "ManyUnmatchedAlarm", "TurnedAwayAlarm",
}  # fmt: skip


def of_a_payment(line):
    return line.get("route") not in BEFORE


# Alarms on what the function logs, and the lines that raise each by itself.
RAISED_BY = {
    "MisconfiguredAlarm": lambda line: line.get("outcome") == "misconfigured",
    "ConfirmUnavailableAlarm": lambda line: (line.get("route"), line.get("outcome")) == ("confirm", "unavailable"),
    "CannotStartAlarm": lambda line: line.get("message") == "cannot start",
    "UnreadWebhookAlarm": lambda line: line.get("route") == "webhook" and line.get("outcome") in ("badRequest", "pending"),
    "UnknownOnWebhookAlarm": lambda line: (line.get("route"), line.get("outcome")) == ("webhook", "paymentNotFound"),
    "CredentialsRefusedAlarm": lambda line: line.get("reason") == "credentialsRefused",
    "NoticeDueAlarm": lambda line: line.get("notice") == "due",
    "RefundRefusedAlarm": lambda line: line.get("refund") == "refused",
    "NewlyUnmatchedAlarm": lambda line: line.get("unmatched") == "opened",
}
# Alarms on the figures of sweeps, and the lines that have them; how many it takes differs.
MEASURED_BY = {
    "NoSweepAlarm": (lambda line: line.get("finished") is True, lambda line: 1),
    "ManyUnmatchedAlarm": (lambda line: line.get("unmatched") == "opened", lambda line: 1),
    "UnmatchedOpenAlarm": (lambda line: line.get("finished") is True, lambda line: line["open"]),
    "RepairedAlarm": (lambda line: "finished" in line, lambda line: line["repaired_paid"]),
    "RefundsAlarm": (lambda line: "finished" in line, lambda line: line["refunded"]),
}
# Alarms on the platform's own metrics.
PLATFORM = {
    "ErrorsAlarm": ("AWS/Lambda", "Errors", {"FunctionName": "<Function>"}),
    "ThrottlesAlarm": ("AWS/Lambda", "Throttles", {"FunctionName": "<Function>"}),
    "FailedSweepsAlarm": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": "<FailedSweeps.QueueName>"}),
}
# Alarms on a calculation; what each calculates with is played below.
CALCULATED = {"SlowAlarm", "UnavailableAlarm", "NoWebhookAlarm", "TurnedAwayAlarm", "DynamoDbAlarm"}


def data_points(stack, line, group="<Logs>"):
    """The (metric, dimensions, value) that the filters of a log group make of a line."""
    points = []
    for metric_filter in stack.of_type("AWS::Logs::MetricFilter").values():
        assert metric_filter["LogGroupName"] in ("<Logs>", "<AccessLogs>")
        if metric_filter["LogGroupName"] != group:
            continue
        if not filter_pattern.matches(metric_filter["FilterPattern"], line):
            continue
        (made,) = metric_filter["MetricTransformations"]
        assert made["MetricNamespace"] == "stack"
        dimensions = {each["Key"]: filter_pattern.value(each["Value"], line) for each in made.get("Dimensions", [])}
        value = made["MetricValue"]
        value = filter_pattern.value(value, line) if value.startswith("$.") else float(value)
        points.append((made["MetricName"], dimensions, value))
    return points


def measured(stack, line):
    """The alarms whose metric a log line feeds, and with what value."""
    points = data_points(stack, line)
    values = {}
    for name, alarm in stack.of_type("AWS::CloudWatch::Alarm").items():
        wanted = {each["Name"]: each["Value"] for each in alarm.get("Dimensions", [])}
        for metric, dimensions, value in points:
            if alarm.get("Namespace") == "stack" and (alarm["MetricName"], wanted) == (metric, dimensions):
                values[name] = value
    return values


def raised(stack, line):
    """The alarms that a log line raises by itself."""
    return {name for name, value in measured(stack, line).items() if name in RAISED_BY and stack.resources[name]["Properties"]["Threshold"] <= value}


@pytest.fixture(scope="module")
def log_lines():
    """What the function really logged: the end-to-end tests write it to LOG_LINES."""
    path = os.environ.get("LOG_LINES")
    if path and Path(path).is_file():
        return Path(path).read_text().splitlines()
    why = f"no log of a real run: LOG_LINES is {path or 'not set'}; run the end-to-end tests first"
    pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)


def test_every_alarm_reaches_the_topic_and_waits_for_trouble(stack):
    alarms = stack.of_type("AWS::CloudWatch::Alarm")
    assert set(alarms) == set(RAISED_BY) | set(MEASURED_BY) | set(PLATFORM) | CALCULATED
    missing = {"NoSweepAlarm": "breaching", "FailedSweepsAlarm": "ignore", "UnmatchedOpenAlarm": "ignore"}
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == ["<UrgentTopic>" if name in URGENT else "<AlarmTopic>"], name
        assert alarm["TreatMissingData"] == missing.get(name, "notBreaching"), name
        assert alarm["AlarmDescription"], name
    for name, (namespace, metric, dimensions) in PLATFORM.items():
        alarm = alarms[name]
        assert (alarm["Namespace"], alarm["MetricName"]) == (namespace, metric)
        assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]} == dimensions


def window(alarm):
    """Seconds that an alarm looks back."""
    return alarm["Period"] * alarm["EvaluationPeriods"]


def test_what_it_takes_to_raise_a_sweeps_alarm(stack):
    alarms = stack.of_type("AWS::CloudWatch::Alarm")
    expected = {
        "NoSweepAlarm": ("Sum", "LessThanThreshold", 1, 30 * 60),
        "RepairedAlarm": ("Sum", "GreaterThanOrEqualToThreshold", 3, 3600),
        "RefundsAlarm": ("Sum", "GreaterThanOrEqualToThreshold", 1, 3600),
        "ManyUnmatchedAlarm": ("Sum", "GreaterThanThreshold", 10, 3600),
        # Never without one for a day.
        "UnmatchedOpenAlarm": ("Minimum", "GreaterThanOrEqualToThreshold", 1, 24 * 3600),
        "FailedSweepsAlarm": ("Maximum", "GreaterThanOrEqualToThreshold", 1, 300),
    }
    for name, wanted in expected.items():
        alarm = alarms[name]
        assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"], window(alarm)) == wanted, name


def test_slow_is_read_from_requests_and_not_from_the_functions_duration(stack):
    alarm = stack.resources["SlowAlarm"]["Properties"]
    hops = {each["Id"]: each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each}
    shown = {name: (stat["Metric"]["Namespace"], stat["Metric"]["MetricName"], stat["Stat"]) for name, stat in hops.items()}
    assert shown == {"gateway": ("stack", "GatewayTime", "p99"), "orders": ("stack", "OrdersTime", "p99")}
    (both,) = [each for each in alarm["Metrics"] if "Expression" in each]
    assert both["Expression"] == "gateway + orders" and both.get("ReturnData") is not False
    assert not [name for name, alarm in stack.of_type("AWS::CloudWatch::Alarm").items() if alarm.get("MetricName") == "Duration"]


def test_operators_find_every_alarm_explained_with_a_query(stack):
    sections = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", (ROOT / "docs/operate.md").read_text(), re.M | re.S))
    names = {alarm["AlarmName"].removeprefix("stack-") for alarm in stack.of_type("AWS::CloudWatch::Alarm").values()}
    assert set(sections) == names
    for name, text in sections.items():
        assert "```\n" in text, name


def test_the_dashboard_shows_every_alarm(stack):
    dashboard = json.loads(stack.one("AWS::CloudWatch::Dashboard")["DashboardBody"])
    (shown,) = [widget["properties"]["alarms"] for widget in dashboard["widgets"] if widget["type"] == "alarm"]
    assert sorted(shown) == sorted(f"<{name}.Arn>" for name in stack.of_type("AWS::CloudWatch::Alarm"))


def test_alarms_go_by_email_where_there_is_an_address(stack):
    assert not stack.of_type("AWS::SNS::Subscription")
    def subscribed(**emails):
        subscriptions = Stack(**emails).of_type("AWS::SNS::Subscription").values()
        return sorted((each["TopicArn"], each["Protocol"], each["Endpoint"]) for each in subscriptions)

    ops, woken = "ops@shop.example", "woken@shop.example"
    assert subscribed(AlarmEmail=ops) == [("<AlarmTopic>", "email", ops), ("<UrgentTopic>", "email", ops)]
    assert subscribed(AlarmEmail=ops, UrgentEmail=woken) == [("<AlarmTopic>", "email", ops), ("<UrgentTopic>", "email", woken)]
    assert subscribed(UrgentEmail=woken) == [("<UrgentTopic>", "email", woken)]


def test_a_budget_only_where_it_is_asked_for_and_somebody_hears_of_it(stack):
    assert not stack.of_type("AWS::Budgets::Budget")
    assert not Stack(MonthlyBudget="50").of_type("AWS::Budgets::Budget")
    budget = Stack(MonthlyBudget="50", AlarmEmail="ops@shop.example").one("AWS::Budgets::Budget")
    assert budget["Budget"]["BudgetLimit"] == {"Amount": "50", "Unit": "USD"}


@pytest.mark.parametrize("alarm", RAISED_BY)
def test_an_alarm_is_raised_by_its_log_lines_and_no_others(alarm, stack, log_lines):
    lines = [line for line in log_lines if RAISED_BY[alarm](json.loads(line))]
    assert lines, "the end-to-end tests made no such line"
    for line in log_lines:
        assert (alarm in raised(stack, line)) == (line in lines), line


@pytest.mark.parametrize("alarm", MEASURED_BY)
def test_a_sweeps_figures_are_read_from_its_last_line_and_no_other(alarm, stack, log_lines):
    has_it, value = MEASURED_BY[alarm]
    lines = [line for line in log_lines if has_it(json.loads(line))]
    assert lines, "the end-to-end tests made no such line"
    for line in log_lines:
        expected = value(json.loads(line)) if line in lines else None
        assert measured(stack, line).get(alarm) == expected, line


def test_no_request_feeds_a_sweeps_alarm(stack, log_lines):
    requests = [line for line in log_lines if "outcome" in json.loads(line)]
    assert requests
    for line in requests:
        # Money that no order took is news from whichever door.
        assert not set(MEASURED_BY) - {"ManyUnmatchedAlarm"} & set(measured(stack, line)), line


def test_requests_that_reach_no_order_do_not_water_the_times_down(stack, log_lines):
    for line in log_lines:
        times = {name for name, _, _ in data_points(stack, line)} & {"GatewayTime", "OrdersTime"}
        both = {"gateway_ms", "orders_ms"} <= set(json.loads(line))
        assert times == ({"GatewayTime", "OrdersTime"} if both else set()), line
    assert any(json.loads(line).get("outcome") == "paymentNotFound" for line in log_lines)


def test_alarms_survive_the_quietest_log_level(stack, log_lines):
    levels = ["DEBUG", "INFO", "WARN", "ERROR"]
    quietest = max(map(levels.index, source()["Parameters"]["LogLevel"]["AllowedValues"]))
    for line in log_lines:
        if measured(stack, line):
            assert levels.index(json.loads(line)["level"]) >= quietest, line


def test_every_request_is_counted_by_its_outcome(stack, log_lines):
    requests = [line for line in log_lines if "outcome" in json.loads(line)]
    before = {(told["route"], told["outcome"]) for told in map(json.loads, requests) if not of_a_payment(told)}
    assert {("prepare", "duplicatePayment"), ("confirm", "forgery"), ("confirm", "unavailable")} <= before
    for line in requests:
        told = json.loads(line)
        metric = "Outcomes" if of_a_payment(told) else "BeforePayment"
        assert (metric, {"Outcome": told["outcome"]}, 1.0) in data_points(stack, line)


def test_times_are_measured(stack, log_lines):
    measured = {name for line in log_lines for name, _, value in data_points(stack, line) if isinstance(value, int)}
    assert {"GatewayTime", "OrdersTime"} <= measured


# ---------------------------------------------------------------------------------------------------- hours, played

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
