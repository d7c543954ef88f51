"""template.yaml after SAM's own transformation, with its parameters and conditions resolved."""

import re

import boto3
from program import ROOT
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

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
        template = source()
        defaults = {name: str(spec["Default"]) for name, spec in template["Parameters"].items() if "Default" in spec}
        self.parameters = defaults | REQUIRED | parameters
        # The transformation wants code that is packaged already.
        template["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/code"
        session = boto3.Session(region_name=PSEUDO["AWS::Region"])
        document = Translator({}, Parser(), boto_session=session).translate(template, self.parameters)
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

    def _or(self, argument):
        return any(map(self.resolve, argument))

    def _and(self, argument):
        return all(map(self.resolve, argument))

    def _not(self, argument):
        return not self.resolve(argument[0])

    def _join(self, argument):
        parts = self.resolve(argument[1])
        return argument[0].join(parts.split(",") if isinstance(parts, str) else parts)

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


def source():
    """The template as it is written."""
    return yaml_parse((ROOT / "template.yaml").read_text())
