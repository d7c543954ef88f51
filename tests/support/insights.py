"""As much of CloudWatch Logs Insights as one query in docs/operate.md needs: filter and stats, over JSON lines.

There is no engine of it to test on. `latest(field)` is the field's value in the line with the latest timestamp.
"""

import json
import re

COMPARE = {
    "=": lambda left, right: left == right,
    ">=": lambda left, right: left >= right,
}
AGGREGATE = {
    "latest": lambda lines, field: max(lines, key=lambda line: line["@timestamp"]).get(field),
    "max": lambda lines, field: max(line[field] for line in lines if field in line),
    "min": lambda lines, field: min(line[field] for line in lines if field in line),
}


def run(query, lines):
    """The rows that a query makes of log lines (JSON texts)."""
    rows = [(line := json.loads(text)) | {"@timestamp": line["timestamp"]} for text in lines]
    for stage in re.split(r"\s*\|\s*", query.strip()):
        command, rest = stage.split(maxsplit=1)
        rows = {"filter": _filter, "stats": _stats, "sort": lambda rows, _: rows}[command](rows, rest)
    return rows


def _filter(rows, condition):
    return [row for row in rows if all(_holds(row, clause) for clause in condition.split(" and "))]


def _holds(row, clause):
    if present := re.fullmatch(r"ispresent\((\w+)\)", clause):
        return present[1] in row
    field, operator, value = re.fullmatch(r'(\w+) (=|>=) (".*"|\d+)', clause).groups()
    return field in row and COMPARE[operator](row[field], json.loads(value))


def _stats(rows, rest):
    columns, keys = rest.split(" by ")
    columns = [re.fullmatch(r"(\w+)\((@?\w+)\) as (\w+)", column).groups() for column in columns.split(", ")]
    keys = keys.split(", ")
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row.get(key) for key in keys), []).append(row)
    return [
        dict(zip(keys, values)) | {name: AGGREGATE[function](group, field) for function, field, name in columns}
        for values, group in groups.items()
    ]
