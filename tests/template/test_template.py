"""What template.yaml deploys: the routes, the sweeps, the rights, the settings."""

import json
import re

from program import ROOT
from stack import ARN, REQUIRED, Stack, source

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
    "REDIRECT_URL": "",
    "REFUND_DUPLICATES_MAX": "",
}
ROUTES = {
    ("POST", "/payments/complete"),
    ("POST", "/payments/webhook"),
    ("GET", "/payments/redirect"),
    ("POST", "/payments/prepare"),
    ("POST", "/payments/confirm"),
}


# ----------------------------------------------------------------------------------------------------- routes


def test_these_routes_and_no_more(stack):
    paths = stack.one("AWS::ApiGatewayV2::Api")["Body"]["paths"]
    routes = {(method.upper(), path): route for path, methods in paths.items() for method, route in methods.items()}
    assert set(routes) == ROUTES
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
    assert stack.outputs["PrepareUrl"] == f"{base}/payments/prepare"
    assert stack.outputs["ConfirmUrl"] == f"{base}/payments/confirm"
    assert "ReturnUrl" not in stack.outputs
    assert Stack(RedirectUrl="https://shop.example/done").outputs["ReturnUrl"] == f"{base}/payments/redirect"


def test_a_domain_of_the_shops_own_is_what_everybody_is_told(stack):
    assert not stack.of_type("AWS::ApiGatewayV2::DomainName")
    certificate = ARN.format("acm", "certificate/1")
    own = Stack(DomainName="pay.shop.example", CertificateArn=certificate, RedirectUrl="https://shop.example/done")
    urls = {name: url for name, url in own.outputs.items() if name.endswith("Url")}
    assert len(urls) == 5
    assert all(url.startswith("https://pay.shop.example/payments/") for url in urls.values())
    mapping = own.one("AWS::ApiGatewayV2::ApiMapping")
    assert (mapping["ApiId"], mapping["DomainName"]) == ("<Api>", "<Domain>")
    assert own.resources[mapping["Stage"].strip("<>")]["Type"] == "AWS::ApiGatewayV2::Stage"
    (configuration,) = own.one("AWS::ApiGatewayV2::DomainName")["DomainNameConfigurations"]
    assert configuration["CertificateArn"] == certificate
    rule = source()["Rules"]["ADomainHasACertificate"]
    alone = Stack(DomainName="pay.shop.example")
    assert alone.resolve(rule["RuleCondition"]) and not any(alone.resolve(each["Assert"]) for each in rule["Assertions"])


def test_who_repeats_is_throttled_and_who_does_not_is_not(stack):
    stage = stack.one("AWS::ApiGatewayV2::Stage")
    assert "DefaultRouteSettings" not in stage
    limits = {route: (limit["ThrottlingRateLimit"], limit["ThrottlingBurstLimit"]) for route, limit in stage["RouteSettings"].items()}
    assert set(limits) == {f"{method} {path}" for method, path in ROUTES}
    pages = {limits.pop("POST /payments/complete"), limits.pop("POST /payments/prepare")}
    assert pages == {("10", "20"), ("5", "10")}
    # 600,000 payments a day are seven a second.
    assert limits.pop("GET /payments/redirect") == (100, 500)
    assert set(limits.values()) == {(2000, 4000)}


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
    assert len(permissions) == len(ROUTES)
    for permission in permissions:
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert re.search(r"<Api>/\*/(POST/payments/(complete|webhook|prepare|confirm)|GET/payments/redirect)$", permission["SourceArn"])


# ----------------------------------------------------------------------------------------------------- rights


def test_what_the_function_may_do(stack):
    assert stack.statements == {
        "RecordPayments": {
            "Sid": "RecordPayments", "Effect": "Allow", "Action": ["dynamodb:UpdateItem", "dynamodb:GetItem"],
            "Resource": "<Orders.Arn>",
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


def test_traces_and_keys_only_where_they_are_asked_for(stack):
    assert stack.one("AWS::Lambda::Function")["TracingConfig"] == {"Mode": "PassThrough"}
    assert not {"SendTraces", "UseKeys"} & set(stack.statements)
    traced = Stack(ActiveTracing="true")
    assert traced.one("AWS::Lambda::Function")["TracingConfig"] == {"Mode": "Active"}
    assert traced.statements["SendTraces"]["Action"] == ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    key = ARN.format("kms", "key/1")
    assert Stack(KeyArns=key).statements["UseKeys"] == {
        "Sid": "UseKeys", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key,
        "Condition": {"StringEquals": {"kms:ViaService": ["dynamodb.ap-northeast-2.amazonaws.com", "secretsmanager.ap-northeast-2.amazonaws.com"]}},
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
        MerchantUidPrefix="books-", RedirectUrl="https://shop.example/done", RefundDuplicatesMax="50000",
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
        "REDIRECT_URL": "https://shop.example/done",
        "REFUND_DUPLICATES_MAX": "50000",
    }


def test_refunds_are_not_deployed_beside_test_payments():
    # The function refuses to start with both.
    rule = source()["Rules"]["RefundsAreForRealMoney"]
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
