"""CloudWatch Logs' filter patterns for JSON, as far as the template uses them.

A pattern is `{ condition }`; conditions compare `$.field` with `=` or `!=` to a "text", a number or a word, where `*`
stands for anything, or ask whether it `IS TRUE` or `IS FALSE`, and combine with `&&`, `||` and parentheses. Everything else is refused rather than guessed.
"""

import json
import re
from fnmatch import fnmatchcase

TOKEN = re.compile(r'\s*(?:(?P<field>\$\.\w+(?:\.\w+)*)|(?P<text>"[^"]*")|(?P<sign>&&|\|\||!=|=|[()])|(?P<word>[\w.*-]+))')


def matches(pattern, line):
    """Whether the log line, a JSON text, matches."""
    try:
        event = json.loads(line)
    except ValueError:
        return False
    inside = re.fullmatch(r"\s*\{(.*)\}\s*", pattern, re.DOTALL)
    if not inside:
        raise ValueError(f"not a JSON pattern: {pattern}")
    tokens = _tokens(inside[1])
    result = _any(tokens, event)
    if tokens:
        raise ValueError(f"unexpected {tokens[0]!r} in {pattern}")
    return isinstance(event, dict) and result


def value(selector, line):
    """What `$.field` selects from the log line; None if nothing."""
    selected = json.loads(line)
    for name in selector.removeprefix("$.").split("."):
        selected = selected.get(name) if isinstance(selected, dict) else None
    return selected


def _tokens(text):
    tokens, at = [], 0
    while text[at:].strip():
        token = TOKEN.match(text, at)
        if not token:
            raise ValueError(f"cannot read {text[at:]!r}")
        tokens.append(token[0].strip())
        at = token.end()
    return tokens


def _any(tokens, event):
    result = _all(tokens, event)
    while tokens[:1] == ["||"]:
        tokens.pop(0)
        result |= _all(tokens, event)
    return result


def _all(tokens, event):
    result = _one(tokens, event)
    while tokens[:1] == ["&&"]:
        tokens.pop(0)
        result &= _one(tokens, event)
    return result


def _one(tokens, event):
    if tokens[:1] == ["("]:
        tokens.pop(0)
        result = _any(tokens, event)
        if tokens[:1] != [")"]:
            raise ValueError("a parenthesis is not closed")
        tokens.pop(0)
        return result
    if tokens[1:2] == ["IS"] and tokens[2:3] in (["TRUE"], ["FALSE"]) and tokens[0].startswith("$."):
        field, wanted = tokens[0], tokens[2] == "TRUE"
        del tokens[:3]
        return value(field, json.dumps(event)) is wanted
    if len(tokens) < 3 or not tokens[0].startswith("$.") or tokens[1] not in ("=", "!="):
        raise ValueError(f"not a comparison: {' '.join(tokens[:3])}")
    field, sign, wanted = tokens[0], tokens[1], tokens[2]
    del tokens[:3]
    found = value(field, json.dumps(event))
    return found is not None and _equal(found, wanted) == (sign == "=")


def _equal(found, wanted):
    if wanted == "*":
        return not isinstance(found, (dict, list))
    if isinstance(found, str):
        return fnmatchcase(found, wanted.strip('"').replace("[", "[[]").replace("?", "[?]"))
    if isinstance(found, (int, float)) and not isinstance(found, bool) and not wanted.startswith('"'):
        return float(wanted) == found
    return False
