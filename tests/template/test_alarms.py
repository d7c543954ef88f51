"""The alarms of template.yaml, tried on what the function really logged."""

import json
import re

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
# Alarms on a calculation; what each calculates with is played in test_alarms_played.py.
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
