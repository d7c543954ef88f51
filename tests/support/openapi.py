"""docs/openapi.yaml, and how an answer differs from it."""

import re

import yaml
from openapi_schema_validator import OAS31Validator
from program import ROOT

SPEC_FILE = ROOT / "docs" / "openapi.yaml"
SPEC = yaml.safe_load(SPEC_FILE.read_text())
# Every path has one method.
OPERATIONS = {path: operation for path, methods in SPEC["paths"].items() for operation in methods.values()}


def found(node):
    """What a reference leads to."""
    while "$ref" in node:
        reference, node = node["$ref"], SPEC
        for name in reference.removeprefix("#/").split("/"):
            node = node[name]
    return node


def documented(path, code):
    """The answer with this code at this path; None if there is none."""
    response = OPERATIONS[path]["responses"].get(str(code))
    return response and found(response)


def headers(response):
    return {name.lower(): found(header) for name, header in response.get("headers", {}).items()}


def body(response):
    return response.get("content", {}).get("application/json", {})


def words(response):
    """The statuses that an answer may have: in its body, or on the way to the shop's page."""
    if "Location" in response.get("headers", {}):
        return set(re.search(r"status=\((.*)\)\$", response["headers"]["Location"]["schema"]["pattern"])[1].split("|"))
    schema = body(response)["schema"]
    told = [found(each).get("properties", {}).get("status", {}) for each in schema.get("oneOf", [schema])]
    return {word for status in told for word in status.get("enum", [])}


def examples(response):
    """By status, an answer in full."""
    return {status: found(example)["value"] for status, example in body(response).get("examples", {}).items()}


def errors(schema, value):
    # References in the schema lead into the whole document.
    return [error.message for error in OAS31Validator({"components": SPEC["components"]} | schema).iter_errors(value)]


def differences(path, answer):
    """How a real answer at this path differs from what is documented."""
    response = documented(path, answer.code)
    if not response:
        return [f"{answer.code} is not documented"]
    given = {name: value for name, value in answer["headers"].items() if name != "content-type"}
    expected = headers(response)
    problems = [f"header {name}" for name in given.keys() ^ expected.keys()]
    for name in given.keys() & expected.keys():
        schema = expected[name]["schema"]
        problems += errors(schema, int(given[name]) if schema.get("type") == "integer" else given[name])
    if answer.status not in words(response):
        problems.append(f"{answer.status} is not documented")
    if body(response):
        problems += errors(body(response)["schema"], answer.body)
        if answer.body != examples(response).get(answer.status):
            problems.append(f"the example of {answer.status} is another")
    elif answer.get("body"):
        problems.append("no body is documented")
    return problems
