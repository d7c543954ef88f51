"""What template.yaml deploys, read after SAM's own transformation: the routes, the rights, the settings, the alarms."""

import json
import os
import re
from pathlib import Path

import boto3
import filter_pattern
import pytest
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]

# The contract's settings and their defaults; None where the template fills in a resource of its own.
SETTINGS = {
    "ORDERS_TABLE": None,
    "UNMATCHED_TABLE": None,
    "CUSTOMERS_TABLE": None,
    "IAMPORT_SECRET_ID": None,
    "IAMPORT_BASE_URL": "https://api.iamport.kr",
    "ALLOW_SANDBOX": "false",
    "VBANK_SMS": "false",
    "BILLING_ISSUE_CHARGES": "",
    "MERCHANT_UID_PREFIX": "",
    "REFUND_DUPLICATES_MAX": "",
}

ARN = "arn:aws:{}:ap-northeast-2:123456789012:{}"
PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::NoValue": None,
    "AWS::Partition": "aws",
    "AWS::Region": "ap-northeast-2",
    "AWS::StackName": "stack",
    "AWS::URLSuffix": "amazonaws.com",
}
REQUIRED = {"ShopOrigins": "https://shop.example"}
ABSENT = object()


class Stack:
    """The template with its parameters and conditions resolved, as CloudFormation would before creating anything."""

    def __init__(self, **parameters):
        source = yaml_parse((ROOT / "template.yaml").read_text())
        defaults = {name: str(spec["Default"]) for name, spec in source["Parameters"].items() if "Default" in spec}
        self.parameters = defaults | REQUIRED | parameters
        # The transformation wants code that is packaged already.
        source["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/code"
        session = boto3.Session(region_name=PSEUDO["AWS::Region"])
        document = Translator({}, Parser(), boto_session=session).translate(source, self.parameters)
        self.conditions = document["Conditions"]
        self.resources = {
            name: self.resolve(resource)
            for name, resource in document["Resources"].items()
            if "Condition" not in resource or self.holds(resource["Condition"])
        }
        self.outputs = {
            name: self.resolve(output["Value"])
            for name, output in document["Outputs"].items()
            if "Condition" not in output or self.holds(output["Condition"])
        }

    def holds(self, name):
        return self.resolve(self.conditions[name])

    def resolve(self, node):
        if isinstance(node, list):
            return [item for item in map(self.resolve, node) if item is not ABSENT]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (function, argument), = node.items()
            handler = getattr(self, "_" + function.removeprefix("Fn::").lower(), None)
            if function == "Ref" or function.startswith("Fn::") or function == "Condition" and isinstance(argument, str):
                return handler(argument)
        return {key: value for key, item in node.items() if (value := self.resolve(item)) is not ABSENT}

    def _ref(self, name):
        if name in PSEUDO:
            return PSEUDO[name] or ABSENT
        return self.parameters.get(name, f"<{name}>")

    def _condition(self, name):
        return self.holds(name)

    def _getatt(self, path):
        return "<{}>".format(path if isinstance(path, str) else ".".join(path))

    def _sub(self, argument):
        text, names = argument if isinstance(argument, list) else (argument, {})
        reference = lambda name: self._getatt(name) if "." in name else str(self._ref(name))
        return re.sub(r"\$\{([^}]+)\}", lambda m: str(self.resolve(names[m[1]]) if m[1] in names else reference(m[1])), text)

    def _if(self, argument):
        condition, yes, no = argument
        return self.resolve(yes if self.holds(condition) else no)

    def _equals(self, argument):
        left, right = map(self.resolve, argument)
        return str(left) == str(right)

    def _not(self, argument):
        return not self.resolve(argument[0])

    def _join(self, argument):
        return argument[0].join(self.resolve(argument[1]))

    def of_type(self, kind):
        return {name: each["Properties"] for name, each in self.resources.items() if each["Type"] == kind}

    def one(self, kind):
        (properties,) = self.of_type(kind).values()
        return properties

    @property
    def statements(self):
        (policy,) = self.resources["Role"]["Properties"]["Policies"]
        return {statement["Sid"]: statement for statement in policy["PolicyDocument"]["Statement"]}

    @property
    def settings(self):
        return self.one("AWS::Lambda::Function")["Environment"]["Variables"]


@pytest.fixture(scope="module")
def stack():
    return Stack()


# ----------------------------------------------------------------------------------------------------- routes


def test_two_routes_and_no_more(stack):
    paths = stack.one("AWS::ApiGatewayV2::Api")["Body"]["paths"]
    routes = {(method.upper(), path): route for path, methods in paths.items() for method, route in methods.items()}
    assert set(routes) == {("POST", "/payments/complete"), ("POST", "/payments/webhook")}
    for route in routes.values():
        integration = route["x-amazon-apigateway-integration"]
        assert integration["payloadFormatVersion"] == "2.0"
        # The function's own timeout is a sweep's.
        assert integration["timeoutInMillis"] == 15000


def test_the_stage_does_not_show_in_the_path(stack):
    assert stack.one("AWS::ApiGatewayV2::Stage")["StageName"] == "$default"
    base = "https://<Api>.execute-api.ap-northeast-2.amazonaws.com"
    assert stack.outputs["CompleteUrl"] == f"{base}/payments/complete"
    assert stack.outputs["WebhookUrl"] == f"{base}/payments/webhook"


def test_only_the_page_is_throttled(stack):
    stage = stack.one("AWS::ApiGatewayV2::Stage")
    assert set(stage["RouteSettings"]) == {"POST /payments/complete"}
    assert "DefaultRouteSettings" not in stage


def test_only_the_shops_pages_may_read_answers(stack):
    cors = stack.one("AWS::ApiGatewayV2::Api")["Body"]["x-amazon-apigateway-cors"]
    assert cors["allowOrigins"] == REQUIRED["ShopOrigins"]
    assert cors["allowMethods"] == ["POST"]
    assert "allowCredentials" not in cors


def test_the_access_log_is_one_json_line_without_personal_data(stack):
    line = stack.one("AWS::ApiGatewayV2::Stage")["AccessLogSettings"]["Format"]
    assert "\n" not in line
    shown = set(json.loads(line).values())
    for variable in shown:
        assert not re.search("(?i)body|query|path|sourceIp|userAgent|header|authorizer", variable), variable


def test_only_the_api_may_invoke_the_function(stack):
    permissions = stack.of_type("AWS::Lambda::Permission").values()
    assert len(permissions) == 2
    for permission in permissions:
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert re.search(r"<Api>/\*/POST/payments/(complete|webhook)$", permission["SourceArn"])


# ----------------------------------------------------------------------------------------------------- rights


def test_what_the_function_may_do(stack):
    assert stack.statements == {
        "RecordPayments": {
            "Sid": "RecordPayments", "Effect": "Allow", "Action": "dynamodb:UpdateItem", "Resource": "<Orders.Arn>",
        },
        "NoteUnmatchedPayments": {
            "Sid": "NoteUnmatchedPayments", "Effect": "Allow", "Action": "dynamodb:UpdateItem", "Resource": "<Unmatched.Arn>",
        },
        "ListOpenPayments": {
            "Sid": "ListOpenPayments", "Effect": "Allow", "Action": "dynamodb:Query", "Resource": "<Unmatched.Arn>/index/by-state",
        },
        "TellCustomers": {
            "Sid": "TellCustomers", "Effect": "Allow", "Action": "dynamodb:UpdateItem", "Resource": "<Customers.Arn>",
        },
        "ReadCredentials": {
            "Sid": "ReadCredentials", "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "<Secret>",
        },
        "KeepFailedSweeps": {
            "Sid": "KeepFailedSweeps", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "<FailedSweeps.Arn>",
        },
        "WriteLogs": {
            "Sid": "WriteLogs", "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "<Logs.Arn>",
        },
    }  # fmt: skip
    assert set(stack.of_type("AWS::IAM::Role")) == {"Role", "SchedulerRole"}
    assert "ManagedPolicyArns" not in stack.resources["Role"]["Properties"]
    assert stack.one("AWS::Lambda::Function")["Role"] == "<Role.Arn>"


def test_what_it_may_do_in_existing_tables():
    secret = ARN.format("secretsmanager", "secret:iamport-AbCdEf")
    names = {"OrdersTableName": "my-orders", "UnmatchedTableName": "my-unmatched", "CustomersTableName": "my-customers"}
    stack = Stack(**names, SecretArn=secret)
    assert stack.statements["RecordPayments"]["Resource"] == ARN.format("dynamodb", "table/my-orders")
    assert stack.statements["NoteUnmatchedPayments"]["Resource"] == ARN.format("dynamodb", "table/my-unmatched")
    assert stack.statements["ListOpenPayments"]["Resource"] == ARN.format("dynamodb", "table/my-unmatched/index/by-state")
    assert stack.statements["TellCustomers"]["Resource"] == ARN.format("dynamodb", "table/my-customers")
    assert stack.statements["ReadCredentials"]["Resource"] == secret
    assert not stack.of_type("AWS::DynamoDB::Table")
    assert not stack.of_type("AWS::SecretsManager::Secret")


def test_nothing_about_customers_where_there_is_no_such_table():
    stack = Stack(CustomersTableName="none")
    assert "TellCustomers" not in stack.statements
    assert stack.settings["CUSTOMERS_TABLE"] == ""
    assert set(stack.of_type("AWS::DynamoDB::Table")) == {"Orders", "Unmatched"}
    assert "CustomersTable" not in stack.outputs


def test_texts_to_phones_only_and_only_where_they_are_on(stack):
    assert "SendTexts" not in stack.statements
    assert Stack(VbankSms="true").statements["SendTexts"] == {
        "Sid": "SendTexts", "Effect": "Allow", "Action": "sns:Publish", "NotResource": "arn:aws:sns:*:*:*",
    }  # fmt: skip


# --------------------------------------------------------------------------------------------------- settings


def test_the_settings_are_the_contracts(stack):
    assert set(stack.settings) == set(SETTINGS)
    for name, default in SETTINGS.items():
        assert default is None or stack.settings[name] == default, name
    assert stack.settings["ORDERS_TABLE"] == stack.outputs["OrdersTable"] == "<Orders>"
    assert stack.settings["UNMATCHED_TABLE"] == stack.outputs["UnmatchedTable"] == "<Unmatched>"
    assert stack.settings["CUSTOMERS_TABLE"] == stack.outputs["CustomersTable"] == "<Customers>"
    assert stack.settings["IAMPORT_SECRET_ID"] == stack.outputs["SecretArn"] == "<Secret>"


def test_the_settings_are_the_functions():
    documented = re.findall(r"/// `([A-Z_]+)`:", (ROOT / "src/config.rs").read_text())
    assert sorted(documented) == sorted(SETTINGS)


def test_settings_can_be_chosen():
    chosen = Stack(
        OrdersTableName="my-orders", UnmatchedTableName="my-unmatched", CustomersTableName="my-customers",
        IamportBaseUrl="https://static-api.iamport.kr", AllowSandbox="true", VbankSms="true", BillingIssueCharges="kcp,nice",
        MerchantUidPrefix="books-", RefundDuplicatesMax="50000",
    )  # fmt: skip
    assert chosen.settings == {
        "ORDERS_TABLE": "my-orders",
        "UNMATCHED_TABLE": "my-unmatched",
        "CUSTOMERS_TABLE": "my-customers",
        "IAMPORT_SECRET_ID": "<Secret>",
        "IAMPORT_BASE_URL": "https://static-api.iamport.kr",
        "ALLOW_SANDBOX": "true",
        "VBANK_SMS": "true",
        "BILLING_ISSUE_CHARGES": "kcp,nice",
        "MERCHANT_UID_PREFIX": "books-",
        "REFUND_DUPLICATES_MAX": "50000",
    }


def test_refunds_are_not_deployed_beside_test_payments():
    # The function refuses to start with both.
    (rule,) = yaml_parse((ROOT / "template.yaml").read_text())["Rules"].values()
    both = Stack(AllowSandbox="true", RefundDuplicatesMax="50000")
    assert both.resolve(rule["RuleCondition"]) is True
    assert not any(both.resolve(each["Assert"]) for each in rule["Assertions"])
    for fine in (Stack(AllowSandbox="true"), Stack(RefundDuplicatesMax="50000"), Stack()):
        assert not fine.resolve(rule["RuleCondition"]) or all(fine.resolve(each["Assert"]) for each in rule["Assertions"])


# ----------------------------------------------------------------------------------------------------- sweeps


def test_three_schedules_whose_windows_overlap(stack):
    schedules = stack.of_type("AWS::Scheduler::Schedule").values()
    every = {"rate(5 minutes)": 5, "rate(1 hour)": 60, "rate(1 day)": 24 * 60}
    covered = {}
    for schedule in schedules:
        assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
        assert "State" not in schedule
        target = schedule["Target"]
        assert (target["Arn"], target["RoleArn"]) == ("<Function.Arn>", "<SchedulerRole.Arn>")
        assert target["RetryPolicy"] == {"MaximumRetryAttempts": 0}
        assert target["DeadLetterConfig"] == {"Arn": "<FailedSweeps.Arn>"}
        event = json.loads(target["Input"])
        assert list(event) == ["sweep"] and list(event["sweep"]) == ["minutes"]
        covered[every[schedule["ScheduleExpression"]]] = event["sweep"]["minutes"]
    assert covered == {5: 20, 60: 130, 24 * 60: 1500}
    # The function's default window ends a minute ago, and the scheduler may be a minute late.
    assert all(minutes > period + 2 for period, minutes in covered.items())


def test_the_scheduler_may_start_sweeps_and_nothing_else(stack):
    role = stack.resources["SchedulerRole"]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    (policy,) = role["Policies"]
    assert "ManagedPolicyArns" not in role
    assert [(each["Action"], each["Resource"]) for each in policy["PolicyDocument"]["Statement"]] == [
        ("lambda:InvokeFunction", "<Function.Arn>"),
        ("sqs:SendMessage", "<FailedSweeps.Arn>"),
    ]


def test_a_failed_sweep_is_not_repeated_but_kept(stack):
    config = stack.one("AWS::Lambda::EventInvokeConfig")
    assert (config["FunctionName"], config["Qualifier"]) == ("<Function>", "$LATEST")
    assert config["MaximumRetryAttempts"] == 0
    assert config["DestinationConfig"] == {"OnFailure": {"Destination": "<FailedSweeps.Arn>"}}
    queue = stack.one("AWS::SQS::Queue")
    # Somebody is away for a week.
    assert queue["MessageRetentionPeriod"] > 7 * 24 * 3600
    assert queue["SqsManagedSseEnabled"] is True


# --------------------------------------------------------------------------------------------------- platform


def test_the_function(stack):
    function = stack.one("AWS::Lambda::Function")
    assert function["Runtime"] == "provided.al2023"
    assert function["Architectures"] == ["x86_64"]
    # A sweep's; what a request may take is its integration's.
    assert function["Timeout"] == 60
    assert function["LoggingConfig"]["LogFormat"] == "JSON"
    assert function["LoggingConfig"]["LogGroup"] == "<Logs>"
    assert "ReservedConcurrentExecutions" not in function
    assert Stack(ReservedConcurrency="200").one("AWS::Lambda::Function")["ReservedConcurrentExecutions"] == "200"


def test_what_is_kept_is_kept(stack):
    for name in ("Orders", "Unmatched", "Customers", "Secret"):
        resource = stack.resources[name]
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain"), name
    keys = {"Orders": ["merchant_uid"], "Unmatched": ["merchant_uid", "imp_uid"], "Customers": ["customer_id"]}
    assert set(stack.of_type("AWS::DynamoDB::Table")) == set(keys)
    for name, names in keys.items():
        table = stack.resources[name]["Properties"]
        assert [key["AttributeName"] for key in table["KeySchema"]] == names
        assert {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}.items() >= {(key, "S") for key in names}
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert table["DeletionProtectionEnabled"] is True
    # A value here would replace the real one at the next change of the template.
    assert not {"SecretString", "GenerateSecretString"} & set(stack.one("AWS::SecretsManager::Secret"))


def test_logs_expire(stack):
    groups = stack.of_type("AWS::Logs::LogGroup")
    assert len(groups) == 2
    assert all(group["RetentionInDays"] for group in groups.values())


def test_open_payments_are_listed_by_when_they_were_looked_at(stack):
    table = stack.resources["Unmatched"]["Properties"]
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "by-state"
    assert [(key["AttributeName"], key["KeyType"]) for key in index["KeySchema"]] == [("state", "HASH"), ("looked_at", "RANGE")]
    assert {"AttributeName": "looked_at", "AttributeType": "N"} in table["AttributeDefinitions"]


# ----------------------------------------------------------------------------------------------------- alarms

# Alarms on what the function logs, and the lines that raise each by itself.
RAISED_BY = {
    "ForgeryAlarm": lambda line: line.get("outcome") == "forgery",
    "DuplicatePaymentAlarm": lambda line: line.get("outcome") == "duplicatePayment",
    "OrderNotFoundAlarm": lambda line: line.get("outcome") == "orderNotFound" and "prefix" not in line.get("reason", ""),
    "MisconfiguredAlarm": lambda line: line.get("outcome") == "misconfigured",
    "UnavailableAlarm": lambda line: line.get("outcome") == "unavailable",
    "UnknownOnWebhookAlarm": lambda line: (line.get("route"), line.get("outcome")) == ("webhook", "paymentNotFound"),
    "CredentialsRefusedAlarm": lambda line: line.get("reason") == "credentialsRefused",
    "NoticeDueAlarm": lambda line: line.get("notice") == "due",
    "NewlyUnmatchedAlarm": lambda line: line.get("unmatched") == "opened",
}
# Alarms on the figures of sweeps, and the lines that have them; how many it takes differs.
MEASURED_BY = {
    "NoSweepAlarm": (lambda line: line.get("finished") is True, lambda line: 1),
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


def data_points(stack, line):
    """The (metric, dimensions, value) that the filters make of a log line."""
    points = []
    for metric_filter in stack.of_type("AWS::Logs::MetricFilter").values():
        assert metric_filter["LogGroupName"] == "<Logs>"
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
    assert set(alarms) == set(RAISED_BY) | set(MEASURED_BY) | set(PLATFORM) | {"SlowAlarm"}
    missing = {"NoSweepAlarm": "breaching", "FailedSweepsAlarm": "ignore", "UnmatchedOpenAlarm": "ignore"}
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == ["<AlarmTopic>"], name
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
        "RefundsAlarm": ("Sum", "GreaterThanOrEqualToThreshold", 5, 3600),
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
    subscription = Stack(AlarmEmail="ops@shop.example").one("AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@shop.example")


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
        assert not set(MEASURED_BY) & set(measured(stack, line)), line


def test_requests_that_reach_no_order_do_not_water_the_times_down(stack, log_lines):
    for line in log_lines:
        times = {name for name, _, _ in data_points(stack, line)} & {"GatewayTime", "OrdersTime"}
        assert times == ({"GatewayTime", "OrdersTime"} if "orders_ms" in json.loads(line) else set()), line
    assert any(json.loads(line).get("outcome") == "paymentNotFound" for line in log_lines)


def test_alarms_survive_the_quietest_log_level(stack, log_lines):
    levels = ["DEBUG", "INFO", "WARN", "ERROR"]
    quietest = max(map(levels.index, yaml_parse((ROOT / "template.yaml").read_text())["Parameters"]["LogLevel"]["AllowedValues"]))
    for line in log_lines:
        if measured(stack, line):
            assert levels.index(json.loads(line)["level"]) >= quietest, line


def test_every_request_is_counted_by_its_outcome(stack, log_lines):
    requests = [line for line in log_lines if "outcome" in json.loads(line)]
    assert requests
    for line in requests:
        assert ("Outcomes", {"Outcome": json.loads(line)["outcome"]}, 1.0) in data_points(stack, line)


def test_times_are_measured(stack, log_lines):
    measured = {name for line in log_lines for name, _, value in data_points(stack, line) if isinstance(value, int)}
    assert {"GatewayTime", "OrdersTime"} <= measured
