"""As much of CloudWatch Logs Insights as the queries in docs/operate.md need, over JSON lines.

There is no engine of it to test on. `latest(field)` is the field's value in the line with the latest timestamp, and what
this does not know it refuses.
"""

import json
import re
from statistics import quantiles

TOKEN = re.compile(r'\s*("[^"]*"|[\w@.]+|>=|!=|[=,()\[\]*])')


def run(query, lines):
    """The rows that a query makes of log lines (JSON texts)."""
    rows = [(line := json.loads(text)) | {"@timestamp": line.get("timestamp") or line["time"]} for text in lines]
    for stage in re.split(r"\s*\|\s*", query.strip()):
        command, rest = stage.split(maxsplit=1)
        rows = {"fields": _fields, "filter": _filter, "stats": _stats, "sort": lambda rows, _: rows}[command](rows, rest)
    return rows


def _fields(rows, names):
    # It only chooses columns; filters after it see all of them.
    assert re.fullmatch(r"@?[\w.]+(, @?[\w.]+)*", names), names
    return rows


# ---------------------------------------------------------------------------------------------------------- filter


def _filter(rows, condition):
    return [row for row in rows if _whole(condition, row)]


def _whole(condition, row):
    tokens = TOKEN.findall(condition)
    assert "".join(tokens) == re.sub(r'\s+(?=(?:[^"]*"[^"]*")*[^"]*$)', "", condition), condition
    result = _or(tokens, row)
    assert not tokens, f"unexpected {tokens} in {condition}"
    return result


def _or(tokens, row):
    result = _and(tokens, row)
    while tokens[:1] == ["or"]:
        tokens.pop(0)
        result |= _and(tokens, row)
    return result


def _and(tokens, row):
    result = _one(tokens, row)
    while tokens[:1] == ["and"]:
        tokens.pop(0)
        result &= _one(tokens, row)
    return result


def _one(tokens, row):
    token = tokens.pop(0)
    if token == "not":
        return not _one(tokens, row)
    if token == "(":
        result = _or(tokens, row)
        _expect(tokens, ")")
        return result
    if token == "ispresent":
        _expect(tokens, "(")
        field = tokens.pop(0)
        _expect(tokens, ")")
        return _value(row, field) is not None
    found, sign = _value(row, token), tokens.pop(0)
    if sign == "in":
        _expect(tokens, "[")
        wanted = [json.loads(tokens.pop(0))]
        while tokens[0] == ",":
            tokens.pop(0)
            wanted.append(json.loads(tokens.pop(0)))
        _expect(tokens, "]")
        return found in wanted
    wanted = json.loads(tokens.pop(0))
    if sign == ">=":
        return found is not None and found >= wanted
    return (found == wanted) == {"=": True, "!=": False}[sign]


def _expect(tokens, wanted):
    assert tokens.pop(0) == wanted, wanted


def _value(row, path):
    for name in path.split("."):
        row = row.get(name) if isinstance(row, dict) else None
    return row


# ----------------------------------------------------------------------------------------------------------- stats

AGGREGATE = {
    "latest": lambda rows, field: max(rows, key=lambda row: row["@timestamp"]).get(field),
    "count": lambda rows, field: len(rows if field == "*" else _present(rows, field)),
    "max": lambda rows, field: max(_present(rows, field), default=None),
    "min": lambda rows, field: min(_present(rows, field), default=None),
    "sum": lambda rows, field: sum(_present(rows, field)),
    "pct": lambda rows, field, rank: quantiles(_present(rows, field) * 2, n=100)[int(rank) - 1],
}


def _present(rows, field):
    return [value for row in rows if (value := _value(row, field)) is not None]


def _stats(rows, rest):
    columns, _, keys = rest.partition(" by ")
    made = re.findall(r"(\w+)\(([^)]*)\)(?: as (\w+))?(?:,\s*|$)", columns)
    assert made and len(made) == columns.count("("), columns
    keys = re.findall(r"bin\(\w+\)|\w+", keys)
    groups = {}
    for row in rows:
        # A bin of time holds all that a test logs.
        groups.setdefault(tuple("bin" if "(" in key else _value(row, key) for key in keys), []).append(row)
    if not keys and not groups:
        groups[()] = []
    return [
        dict(zip(keys, values)) | {name or f"{function}({field})": AGGREGATE[function](group, *field.split(", ")) for function, field, name in made}
        for values, group in groups.items()
    ]
