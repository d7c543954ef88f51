"""docs/openapi.yaml says what the template deploys and what the files in events/ are answered."""

import json
import tomllib

import pytest
from expected import EVENTS, named
from openapi import OPERATIONS, SPEC, body, documented, errors, examples, words
from openapi_spec_validator import validate
from program import ROOT
from samtranslator.yaml_helper import yaml_parse

# What the function says too, but to no file in events/: without DynamoDB, and without a page to send browsers to.
UNPLAYED = {("/payments/confirm", 503, "unavailable"), ("/payments/redirect", 404, "notFound")}


def played(path):
    return json.loads(path.read_text())["rawPath"], *named(path)[1:]


def answers():
    """Every answer of the function's own: API Gateway's have no status."""
    for path, operation in OPERATIONS.items():
        for code in operation["responses"]:
            for word in words(documented(path, code)):
                yield path, int(code), word


def test_it_is_valid():
    validate(SPEC)


def test_it_has_the_packages_version():
    assert SPEC["info"]["version"] == tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]


def test_its_routes_are_the_templates():
    template = yaml_parse((ROOT / "template.yaml").read_text())
    events = [each["Properties"] for each in template["Resources"]["Function"]["Properties"]["Events"].values()]
    deployed = {(each["Method"], each["Path"]) for each in events if "Path" in each}
    assert {(method.upper(), path) for path, methods in SPEC["paths"].items() for method in methods} == deployed


@pytest.mark.parametrize("path", [path for path in EVENTS if named(path)[0] != "other"], ids=lambda path: path.stem)
def test_an_event_gets_a_documented_answer(path):
    route, code, word = played(path)
    assert word in words(documented(route, code))


def test_what_is_not_documented_is_no_route():
    for path in EVENTS:
        assert (played(path)[0] in OPERATIONS) == (named(path)[0] != "other")


def test_every_documented_answer_has_an_event():
    assert set(answers()) - {played(path) for path in EVENTS} == UNPLAYED


def test_every_documented_answer_has_an_example():
    for path, code, word in answers():
        response = documented(path, code)
        if not body(response):
            continue
        assert set(examples(response)) == words(response)
        assert examples(response)[word]["status"] == word
        assert errors(body(response)["schema"], examples(response)[word]) == []


def test_what_a_request_may_look_like_is_what_its_examples_look_like():
    for operation in OPERATIONS.values():
        for media in operation.get("requestBody", {"content": {}})["content"].values():
            shown = [each["value"] for each in media["examples"].values()] if "examples" in media else [media["example"]]
            for example in shown:
                assert errors(media["schema"], example) == []
                assert errors(media["schema"], example | {"merchant_uid": ""})


@pytest.mark.parametrize(
    ("path", "code", "answer"),
    [
        ("/payments/complete", 200, {"status": "paid", "message": "?"}),
        ("/payments/complete", 200, {"status": "success", "message": "?", "amount": 1000}),
        ("/payments/complete", 200, {"status": "success", "message": "?", "vbank_num": "1"}),
        ("/payments/webhook", 200, {"status": "vbankIssued", "message": "?", "vbank_num": "1"}),
        ("/payments/confirm", 400, {"status": "forgery", "message": "?"}),
    ],
)
def test_another_answer_is_noticed(path, code, answer):
    assert errors(body(documented(path, code))["schema"], answer)
