"""The evaluator itself, on patterns from AWS's documentation and ours."""

import pytest
from filter_pattern import matches, value

EVENT = '{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "errorCode": 400, "latency": 50, "object": {"id": 1}, "none": null, "on": true, "off": false}'


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ('{ $.eventType = UpdateTrail }', True),
        ('{ $.eventType = "updatetrail" }', False),
        ('{ $.sourceIPAddress != 123.123.* }', True),
        ('{ $.sourceIPAddress = 111.111.* }', True),
        ('{ $.errorCode = 400 }', True),
        ('{ $.errorCode = "400" }', False),
        ('{ $.latency = * }', True),
        ('{ $.latency = "*" }', False),
        ('{ $.eventType = "*" }', True),
        ('{ $.absent = * }', False),
        ('{ $.none = * }', False),
        ('{ $.absent != "x" }', False),
        ('{ $.object = * }', False),
        ('{ $.object.id = 1 }', True),
        ('{ ($.object.id = 1) && ($.eventType = "Delete*") }', False),
        ('{ ($.object.id = 2) || ($.eventType = "Update*") }', True),
        ('{ $.on IS TRUE }', True),
        ('{ $.on IS FALSE }', False),
        ('{ $.off IS FALSE }', True),
        ('{ $.latency IS TRUE }', False),
        ('{ $.absent IS FALSE }', False),
        ('{ $.eventType = "UpdateTrail" && $.on IS TRUE }', True),
        ('{ $.object.id = 1 && $.errorCode = 1 || $.latency = 50 }', True),
        ('{ $.object.id = 1 && ($.errorCode = 1 || $.latency = 1) }', False),
    ],
)
def test_as_documented(pattern, expected):
    assert matches(pattern, EVENT) is expected


@pytest.mark.parametrize("pattern", ["ERROR", "{ $.a }", "{ $.a = 1 ", "{ ($.a = 1 }", "{ $.a IS NULL }", "{ $.a > 1 }", "{ $.a = %x% }"])
def test_refuses_what_it_does_not_know(pattern):
    with pytest.raises(ValueError):
        matches(pattern, EVENT)


def test_a_line_that_is_not_json_never_matches():
    assert not matches("{ $.a = * }", "START RequestId: 1")


def test_a_selector_selects():
    assert value("$.object.id", EVENT) == 1
    assert value("$.object.other", EVENT) is None
