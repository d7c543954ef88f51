"""The pages in Korean say what the English ones say: as many headings, the same tables, the same code."""

import re

import pytest
from pages import ROOT, fences

KOREAN = sorted([ROOT / "README.ko.md", *(ROOT / "docs").glob("*.ko.md")])


def english(path):
    return path.with_name(path.name.replace(".ko.md", ".md"))


def outline(path):
    """The shape of a page: its headings' levels, its tables' rows and columns, each in its place."""
    text = re.sub(r"^ *```.*?^ *```$", "```", path.read_text(), flags=re.M | re.S)
    # A bar in code is no cell's end.
    text = re.sub(r"`[^`\n]*`", "code", text)
    shape = []
    for line in text.splitlines():
        if heading := re.match(r"#+ ", line):
            shape.append(len(heading[0]) - 1)
        elif line.lstrip().startswith("|"):
            shape.append(f"{line.count('|') - 1} cells")
        elif line == "```":
            shape.append("code")
    return shape


def languages(path):
    return sorted(set(re.findall(r"^ *```(\w+)$", path.read_text(), re.M))) + [""]


def test_what_a_shop_and_an_operator_read_is_there_in_korean():
    assert {path.name for path in KOREAN} == {"README.ko.md", "deploy.ko.md", "operate.ko.md"}


@pytest.mark.parametrize("path", KOREAN, ids=lambda path: path.name)
def test_it_has_the_same_headings_and_tables(path):
    assert outline(path) == outline(english(path))


@pytest.mark.parametrize("path", KOREAN, ids=lambda path: path.name)
def test_it_has_the_same_code(path):
    for language in languages(english(path)):
        assert fences(path.read_text(), language) == fences(english(path).read_text(), language), language


@pytest.mark.parametrize("path", KOREAN, ids=lambda path: path.name)
def test_the_functions_words_settings_and_answers_are_the_same(path):
    def words(page):
        text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.M | re.S)
        return set(re.findall(r"`([A-Za-z_]\w+)`", text))

    assert words(path) == words(english(path))


@pytest.mark.parametrize("path", KOREAN, ids=lambda path: path.name)
def test_each_leads_to_the_other(path):
    assert f"[English]({english(path).name})" in path.read_text()
    assert f"[한국어]({path.name})" in english(path).read_text()
