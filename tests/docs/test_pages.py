"""What the pages say of the rest of the project: error messages, files, columns."""

import json
import os
import re
from pathlib import Path

import pytest
from insights import run
from pages import PAGES, fences, never_settled, page
from program import ROOT

# ------------------------------------------------------------------------------------------------- error messages


def said():
    """What the function can say: its source without comments and tests, as one line."""
    text = ""
    for file in sorted((ROOT / "src").rglob("*.rs")):
        product = file.read_text().split("#[cfg(test)]")[0]
        text += re.sub(r"^\s*//.*$", "", product, flags=re.M)
    return " ".join(re.sub(r"\\\n\s*", "", text).split())


def quoted(text):
    """The words in italics, which are the function's own; `…` stands for what differs from case to case."""
    text = re.sub(r"```.*?```|`[^`\n]*`|\*\*", "", text, flags=re.S)
    return [" ".join(words.split()) for words in re.findall(r"\*(\S[^*]*?\S)\*", text)]


def unsaid(phrases):
    source = said()
    return [phrase for phrase in phrases if not all(part in source for part in re.split(r"\s*…\s*", phrase))]


def test_error_messages_are_quoted_as_the_function_says_them():
    phrases = quoted(page("docs/operate.md"))
    assert len(phrases) > 15
    assert unsaid(phrases) == []


def test_a_message_that_is_not_the_functions_is_found():
    made_up = "*the gateway\nfell asleep*, *the gateway answered …*, *the gateway …: fell asleep*"
    assert unsaid(quoted(made_up)) == ["the gateway fell asleep", "the gateway …: fell asleep"]


# --------------------------------------------------------------------------------------------------------- queries


def line(second, http_status, imp_uid="imp_1", **fields):
    fields |= {"route": "webhook", "imp_uid": imp_uid, "merchant_uid": f"order of {imp_uid}", "http_status": http_status}
    return json.dumps({"timestamp": f"2026-11-24T09:00:{second:02}.000000Z", "level": "INFO"} | fields)


@pytest.mark.parametrize(
    ("statuses", "found"),
    [
        ([200], False),
        ([503], True),
        ([503, 200], False),
        # A deposit fails, days after its account was issued.
        ([200, 503], True),
        ([200, 503, 503, 200], False),
        ([503, 404], False),
    ],
)
def test_the_last_delivery_decides_what_was_never_settled(statuses, found):
    lines = [line(second, status, error="trouble") for second, status in enumerate(statuses)]
    # In any order, beside another payment and lines that name none.
    lines = [*lines[::-1], line(59, 200, "imp_2"), json.dumps({"timestamp": "2026-11-24T09:00:00Z", "outcome": "notFound"})]
    rows = run(never_settled(), lines)
    assert [row["imp_uid"] for row in rows] == ["imp_1"] * found
    assert all(row["last_error"] == "trouble" and row["merchant_uid"] == "order of imp_1" for row in rows)


# The lines that the queries below look for; Lambda's own reports and the access log are not the function's.
ELSEWHERE = ("platform.report", "http_status >= 429")


def queries():
    """Every query in docs/operate.md, but for those of other logs."""
    found = [block for block in fences(page("docs/operate.md")) if "merchant_uid = \"…\"" not in block]
    return [query for query in found if not any(words in query for words in ELSEWHERE)]


@pytest.mark.parametrize("query", queries(), ids=lambda query: " ".join(query.split())[:70])
def test_every_query_finds_something_in_what_the_function_really_logged(query):
    path = os.environ.get("LOG_LINES")
    if not (path and Path(path).is_file()):
        why = f"no log of a real run: LOG_LINES is {path or 'not set'}; run the end-to-end tests first"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    lines = Path(path).read_text().splitlines()
    rows = run(query, lines)
    assert rows
    # A figure that a query names is in the lines it counts.
    assert all(None not in row.values() for row in rows if "stats" in query and " by " not in query)


def test_what_a_query_engine_does_not_know_it_refuses():
    for query in ("filter a ~ 1", "filter a = 1 b", "parse @message", "stats median(a)", "filter like(a)"):
        with pytest.raises((AssertionError, KeyError, ValueError, IndexError)):
            run(query, [json.dumps({"timestamp": "2026", "a": 1})])


# ----------------------------------------------------------------------------------------------------------- pages


def test_lines_fit_into_100_columns():
    long = []
    for path in PAGES:
        # Tables, code, links and what the benchmark writes may be longer.
        text = re.sub(r"<!-- measured.*?<!-- end -->|^ *```.*?^ *```$|^ *(\||!?\[).*?$", "", path.read_text(), flags=re.M | re.S)
        long += [f"{path.name}: {line}" for line in text.splitlines() if len(line) > 100]
    assert long == []


def test_the_checkout_to_copy_is_the_one_that_runs():
    checkout = (ROOT / "local/src/bin/local/page/checkout.js").read_text()
    assert f"```js\n{checkout}```\n" in (ROOT / "docs/deploy.md").read_text()


def anchors(path):
    headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", path.read_text(), flags=re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if not re.match(r"[a-z]+:", link):
            file, _, anchor = link.partition("#")
            target = (path.parent / file).resolve() if file else path
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def test_the_policy_protects_every_column_of_the_functions():
    (policy,) = [json.loads(block) for block in fences(page("README.md"), "json") if "OnlyTheVerifierWritesPayments" in block]
    (protected,) = [each["Condition"]["ForAnyValue:StringEquals"]["dynamodb:Attributes"] for each in policy if "Condition" in each]
    columns = re.search(r"COLUMNS: \[&str; \d+\] = \[(.*?)\];", said())[1]
    assert sorted(protected) == sorted(re.findall(r'"(\w+)"', columns))
