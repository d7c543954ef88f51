"""A CloudWatch metric alarm over data points, as far as the template uses them: its state, period by period."""

import re

STATISTIC = {"Sum": sum, "Minimum": min, "Maximum": max}
COMPARE = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}


def changes(alarm, points, until):
    """When the alarm goes on, in seconds; `points` are (seconds, namespace, metric, dimensions, value)."""
    period, states = _period(alarm), []
    for end in range(period, until + 1, period):
        values = [_value(alarm, points, start, period) for start in range(end - period * alarm["EvaluationPeriods"], end, period)]
        states.append((end, _is_on(alarm, values, states[-1][1] if states else False)))
    return [end for (end, now), (_, before) in zip(states, [(0, False)] + states) if now and not before]


def _is_on(alarm, values, before):
    breaches = [COMPARE[alarm["ComparisonOperator"]](value, alarm["Threshold"]) for value in values if value is not None]
    missing = alarm["TreatMissingData"]
    if missing == "ignore" and len(breaches) < len(values):
        return before
    return all(breaches) and (missing == "breaching" or len(breaches) == len(values))


def _period(alarm):
    (period,) = {alarm["Period"]} if "Period" in alarm else {each["MetricStat"]["Period"] for each in alarm["Metrics"] if "MetricStat" in each}
    return period


def _value(alarm, points, start, period):
    def statistic(metric, name):
        wanted = {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}
        found = [
            value for at, namespace, made, dimensions, value in points
            if start <= at < start + period and (namespace, made, dimensions) == (metric["Namespace"], metric["MetricName"], wanted)
        ]  # fmt: skip
        return STATISTIC[name](found) if found else None

    if "Metrics" not in alarm:
        return statistic(alarm, alarm["Statistic"])
    values = {each["Id"]: statistic(each["MetricStat"]["Metric"], each["MetricStat"]["Stat"]) for each in alarm["Metrics"] if "MetricStat" in each}
    (expression,) = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
    return calculate(expression, values)


def calculate(expression, values):
    """A metric math expression; a missing value makes all of it missing, but for what FILL fills."""
    text = re.sub(r"FILL\((\w+), (\d+)\)", lambda found: str(found[2] if values[found[1]] is None else values[found[1]]), expression)
    if any(values[name] is None for name in re.findall(r"[a-z_]+", text)):
        return None
    assert not set(re.findall(r"[A-Za-z_]+", text)) - set(values) - {"IF"}, text
    return eval(text, {"__builtins__": {}, "IF": lambda condition, yes, no: yes if condition else no}, values)
