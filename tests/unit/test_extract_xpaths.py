"""trafilatura's expressions, asked in a cheaper way, find what they find."""

import re
from importlib import import_module

import pytest
from lxml.html import HtmlElement, document_fromstring
from trafilatura import xpaths

from seeds.demo.pages import story_page
from seeds.demo.sites import load_sites
from seeds.demo.stories import load_stories
from tasks.extract.xpaths import guarded, guarded_xpaths

EXPRESSIONS = [
    *(one for value in vars(xpaths).values() if isinstance(value, list) for one in value),
    import_module("trafilatura.settings").BASIC_CLEAN_XPATH,
]
_PATTERN = re.compile(r"re:test\(\s*[^,]+,\s*'([^']*)'")


@pytest.fixture(scope="module")
def trees() -> list[HtmlElement]:
    sites = load_sites()
    pages = [story_page(story, sites[story.site], 80) for story in load_stories()]
    names = [token for one in EXPRESSIONS for token in re.findall(r"[\w-]{4,}", one.path)]
    marked = "".join(
        f"<{tag} {attribute}='{name}'><h1 itemprop='{name}'>x</h1></{tag}>"
        for name in names
        for tag in ("div", "span")
        for attribute in ("class", "id", "style", "role")
    )
    return [document_fromstring(page) for page in (*pages, f"<html><body>{marked}</body></html>")]


def test_each_expression_finds_the_same_elements(trees: list[HtmlElement]) -> None:
    assert len(EXPRESSIONS) > 30
    for expression in EXPRESSIONS:
        quick = guarded(expression)
        for tree in trees:
            assert quick(tree) == expression(tree), expression.path


def test_no_pattern_finds_an_attribute_that_is_not_there() -> None:
    patterns = [pattern for one in EXPRESSIONS for pattern in _PATTERN.findall(one.path)]
    assert patterns
    assert not [pattern for pattern in patterns if re.search(pattern, "")]


def test_trafilatura_has_its_own_expressions_again_afterwards() -> None:
    before = [list(value) for value in vars(xpaths).values() if isinstance(value, list)]
    with guarded_xpaths(), guarded_xpaths():
        assert [list(value) for value in vars(xpaths).values() if isinstance(value, list)] != before
    assert [list(value) for value in vars(xpaths).values() if isinstance(value, list)] == before
