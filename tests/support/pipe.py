"""EventBridge Pipes, as far as the template uses it: a filter over a stream's records, and what is sent of those that pass.

There is no engine of it to test on. What this does not know it refuses rather than guesses.
"""

import json
import re

VARIABLE = re.compile(r'"<\$\.([\w-]+(?:\.[\w-]+)*)>"')


def passes(pattern, record):
    """Whether an event pattern matches: every name in it, by one of the values in its list."""
    return all(_matches(wanted, record.get(name), name in record) for name, wanted in pattern.items())


def _matches(wanted, found, is_there):
    if isinstance(wanted, dict):
        return isinstance(found, dict) and passes(wanted, found)
    if not isinstance(wanted, list):
        raise ValueError(f"not a list: {wanted}")
    return any(_one(each, found, is_there) for each in wanted)


def _one(wanted, found, is_there):
    if wanted == {"exists": True}:
        # Of leaves only (AWS: "Exists matching only works on leaf nodes").
        return is_there and not isinstance(found, dict)
    if wanted == {"exists": False}:
        return not is_there
    if isinstance(wanted, (dict, list)):
        raise ValueError(f"unknown: {wanted}")
    # A list in the event matches by any of its values.
    return is_there and wanted in found if isinstance(found, list) else is_there and type(wanted) is type(found) and wanted == found


def transformed(template, record, missing=""):
    """What an input template makes of a record. A path that leads nowhere is `missing` (AWS: it "isn't created and won't
    appear in the output", which says little about the text around it): "" or None for what is left, ABSENT for no member.
    """
    known = VARIABLE.sub("", template)
    if re.search(r"<[$a-z]", known):
        raise ValueError(f"a variable that is not a text of its own: {re.search(r'<[^>]*>?', known)[0]}")
    # The values are put in afterwards: none of them is read as a variable, nor as JSON.
    return _filled(json.loads(template), record, missing)


ABSENT = object()


def _filled(node, record, missing):
    if isinstance(node, dict):
        filled = {name: _filled(value, record, missing) for name, value in node.items()}
        return {name: value for name, value in filled.items() if value is not ABSENT}
    variable = isinstance(node, str) and VARIABLE.fullmatch(json.dumps(node))
    if not variable:
        return node
    found = record
    for name in variable[1].split("."):
        found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, (dict, list)):
        raise ValueError(f"{variable[1]} is no single value")
    return missing if found is None else str(found)


def sent(pipe, record, missing=""):
    """The event that a pipe to an event bus makes of a stream's record; None if it does not pass."""
    filters = pipe["SourceParameters"]["FilterCriteria"]["Filters"]
    if not any(passes(json.loads(each["Pattern"]), record) for each in filters):
        return None
    target = pipe["TargetParameters"]
    told = target["EventBridgeEventBusParameters"]
    detail = transformed(target["InputTemplate"], record, missing)
    return {"source": told["Source"], "detail-type": told["DetailType"], "detail": detail}
