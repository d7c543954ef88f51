"""The services around the function: AWS's own DynamoDB engine, and moto for Secrets Manager and SNS."""

import json
import uuid

import boto3
from moto.core import DEFAULT_ACCOUNT_ID
from moto.server import ThreadedMotoServer
from moto.sns.models import sns_backends
from program import ROOT
from samtranslator.yaml_helper import yaml_parse

REGION = "ap-northeast-2"
ACCESS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": REGION}

# What of a table in the template is CreateTable's.
CREATES = ["BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "StreamSpecification"]


def template():
    return yaml_parse((ROOT / "template.yaml").read_text())


class Table:
    """One table as the template makes it, items as Python has them."""

    def __init__(self, dynamodb, resource):
        made = template()["Resources"][resource]["Properties"]
        made = {name: made[name] for name in CREATES if name in made}
        if "StreamSpecification" in made:
            made["StreamSpecification"]["StreamEnabled"] = True
        self.name, self.key = f"{resource.lower()}-{uuid.uuid4()}", [key["AttributeName"] for key in made["KeySchema"]]
        self.table = dynamodb.create_table(TableName=self.name, **made)

    def put(self, **item):
        self.table.put_item(Item=item)

    def get(self, *values):
        return self.table.get_item(Key=dict(zip(self.key, values)), ConsistentRead=True).get("Item")


class Cloud:
    def __init__(self, dynamodb_endpoint):
        self.dynamodb_endpoint = dynamodb_endpoint
        self.moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self.moto.start()
        host, port = self.moto.get_host_and_port()
        self.endpoint = f"http://{host}:{port}"
        self.dynamodb = boto3.resource("dynamodb", endpoint_url=dynamodb_endpoint, **ACCESS)
        self.streams = boto3.client("dynamodbstreams", endpoint_url=dynamodb_endpoint, **ACCESS)
        self.orders = Table(self.dynamodb, "Orders")
        self.unmatched = Table(self.dynamodb, "Unmatched")
        self.customers = Table(self.dynamodb, "Customers")
        self.secrets = boto3.client("secretsmanager", endpoint_url=self.endpoint, **ACCESS)
        self.secret = self.secrets.create_secret(Name="iamport", SecretString="{}")["ARN"]

    def stop(self):
        self.moto.stop()

    def put_secret(self, imp_key, imp_secret):
        value = json.dumps({"imp_key": imp_key, "imp_secret": imp_secret})
        self.secrets.put_secret_value(SecretId=self.secret, SecretString=value)

    def forget(self, merchant_uid, imp_uid):
        """Lets an unmatched payment be one that nobody has looked at for long."""
        key = {"merchant_uid": merchant_uid, "imp_uid": imp_uid}
        self.unmatched.table.update_item(Key=key, UpdateExpression="SET looked_at = :at", ExpressionAttributeValues={":at": 1})

    def records(self, table, last):
        """The records of a table's stream, shard by shard, up to the one about the row of this key."""
        (stream,) = self.streams.list_streams(TableName=table.name)["Streams"]
        shards = self.streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"]
        for shard in shards:
            at = {"StreamArn": stream["StreamArn"], "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            iterator = self.streams.get_shard_iterator(**at)["ShardIterator"]
            # A shard that is still written to has no end.
            while iterator:
                page = self.streams.get_records(ShardIterator=iterator)
                iterator = page.get("NextShardIterator")
                for record in page["Records"]:
                    if record["dynamodb"]["Keys"][table.key[0]] == {"S": last}:
                        return
                    yield record

    def texts(self):
        """Every SMS that was sent: (number, text)."""
        return list(sns_backends[DEFAULT_ACCOUNT_ID][REGION].sms_messages.values())

    def settings(self, gateway_url):
        """The function's environment: its own settings, and the SDK's."""
        return {
            "ORDERS_TABLE": self.orders.name,
            "UNMATCHED_TABLE": self.unmatched.name,
            "CUSTOMERS_TABLE": self.customers.name,
            "IAMPORT_SECRET_ID": self.secret,
            "IAMPORT_BASE_URL": gateway_url,
            "VBANK_SMS": "true",
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": ACCESS["aws_secret_access_key"],
            "AWS_ENDPOINT_URL_DYNAMODB": self.dynamodb_endpoint,
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": self.endpoint,
            "AWS_ENDPOINT_URL_SNS": self.endpoint,
        }
