"""The project's pages, as text."""

import re

from program import ROOT

PAGES = [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def page(name):
    return (ROOT / name).read_text()


def fences(text, language=""):
    """The blocks of code in a page, without their indentation."""
    blocks = re.findall(r"^( *)```(\w*)\n(.*?)^ *```$", text, re.M | re.S)
    return [re.sub(rf"^{indent}", "", block, flags=re.M) for indent, tag, block in blocks if tag == language]


def never_settled():
    """The query in docs/operate.md for what has to be verified again."""
    (query,) = [block for block in fences(page("docs/operate.md")) if "latest(http_status)" in block]
    return query
