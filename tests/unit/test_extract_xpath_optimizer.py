"""The optimised expressions select what trafilatura's own select."""

import re
from collections.abc import Iterable
from copy import deepcopy
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.etree import XPath
from lxml.html import HtmlElement, document_fromstring
from trafilatura import xpaths

from seeds.demo.pages import story_page
from seeds.demo.sites import load_sites
from seeds.demo.stories import load_stories
from tasks.extract.xpath_optimizer.attribute_values import AttributeValues
from tasks.extract.xpath_optimizer.compat import parse
from tasks.extract.xpath_optimizer.predicates import split_at_tests
from tasks.extract.xpath_optimizer.required_substrings import required_substrings
from tasks.extract.xpath_optimizer.rewriting import OptimizedXPath, PageQueries, optimized_xpaths

LISTS = [value for value in vars(xpaths).values() if isinstance(value, list)]
EXPRESSIONS = [
    *(one for value in LISTS for one in value),
    import_module("trafilatura.settings").BASIC_CLEAN_XPATH,
]
FIRST_ONLY = list(xpaths.BODY_XPATH)
NAMES = sorted({token for one in EXPRESSIONS for token in re.findall(r"[\w-]{3,}", one.path)})
ATTRIBUTES = sorted({name for one in EXPRESSIONS for name in re.findall(r"@([\w-]+)", one.path)})
TAGS = sorted({name for one in EXPRESSIONS for name in re.findall(r"(?:self::|//)(\w+)", one.path)})
_PATTERN = re.compile(r"re:test\(\s*[^,]+,\s*'([^']*)'")


@pytest.fixture(scope="module")
def trees() -> list[HtmlElement]:
    sites = load_sites()
    pages = [story_page(story, sites[story.site], 80) for story in load_stories()]
    marked = "".join(
        f"<{tag} {attribute}='{name}'><h1 itemprop='{name}'>x</h1></{tag}>"
        for name in NAMES
        for tag in ("div", "span")
        for attribute in ("class", "id", "style", "role")
    )
    return [document_fromstring(page) for page in (*pages, f"<html><body>{marked}</body></html>")]


def used(expression: XPath, found: Iterable[HtmlElement]) -> list[HtmlElement]:
    """Return what trafilatura uses: of the places where a text may be, the first."""
    return list(found)[: 1 if expression in FIRST_ONLY else None]


def test_each_expression_finds_the_same_elements_of_each_page(trees: list[HtmlElement]) -> None:
    assert len(EXPRESSIONS) > 30
    own = [list(one) for one in LISTS]
    asked = left_out = 0
    for tree in trees:
        with optimized_xpaths(tree):
            page = PageQueries(tree)
            for before, after in zip(own, [list(one) for one in LISTS], strict=True):
                for expression, one in zip(before, after, strict=True):
                    assert used(expression, one(tree)) == used(expression, expression(tree)), expression.path
                    if tree is not trees[-1]:  # which has all there is
                        asked += 1
                        left_out += page.query(one) is None
    assert left_out > asked / 2


element = st.builds(
    lambda tag, marks, inside: f"<{tag} {marks}>{inside}</{tag}>",
    st.sampled_from([*TAGS, "rel", "ul", "b"]),
    st.dictionaries(
        st.sampled_from(ATTRIBUTES), st.sampled_from([*NAMES, "me", "main", "x"]), max_size=3
    ).map(lambda marks: " ".join(f'{name}="{value}"' for name, value in marks.items())),
    st.sampled_from(["me", "<a href='/tag/x'>x</a>", "<rel>me</rel>", "<h1>x</h1>"]),
)


@given(st.lists(element, min_size=1, max_size=6))
def test_nothing_is_missed_on_any_page_nor_in_what_is_left_of_it(elements: list[str]) -> None:
    tree = document_fromstring(f"<html><body>{''.join(elements)}</body></html>")
    part = deepcopy(tree)
    for one in list(part.iter("ul", "h1")):
        one.drop_tree() if one.tag == "h1" else setattr(one, "tag", "list")
    own = [list(one) for one in LISTS]
    with optimized_xpaths(tree):
        for before, after in zip(own, [list(one) for one in LISTS], strict=True):
            for expression, one in zip(before, after, strict=True):
                for page in (tree, part):
                    assert used(expression, one(page)) == used(expression, expression(page)), expression.path


def test_an_expression_outside_of_a_page_is_evaluated_as_it_is(trees: list[HtmlElement]) -> None:
    for expression in EXPRESSIONS:
        one = OptimizedXPath(expression)
        assert used(expression, one(trees[-1])) == used(expression, expression(trees[-1]))


def test_a_test_becomes_a_comparison_with_the_values_that_pass_it() -> None:
    expression = XPath(
        ".//*[self::p or self::div][@id='x' or re:test(@class, '^by|author', 'i')]",
        namespaces={"re": xpaths.REGEXP_NS},
    )
    few = document_fromstring("<p class=Author>1</p><p class=by-line>2</p><p class='a by'>3</p><p id=y>4</p>")
    query: Any = PageQueries(few).query(OptimizedXPath(expression))
    assert query.func.path == (
        "(descendant::p[(@class=$v0 or @class=$v1)]|descendant::div[(@class=$v0 or @class=$v1)])"
    )
    assert {*query.keywords.values()} == {"Author", "by-line"}
    assert [one.text for one in query(few)] == ["1", "2"]


def test_white_space_in_a_test_is_what_is_looked_for() -> None:
    expression = XPath(
        ".//p[\n re:test(@class, '[ x]by  line')  or\n @id='a  b' ]", namespaces={"re": xpaths.REGEXP_NS}
    )
    tree = document_fromstring(
        "<p class='a by  line'>1</p><p class='a by line'>2</p><p id='a  b'>3</p><p id='a b'>4</p>"
    )
    query = PageQueries(tree).query(OptimizedXPath(expression))
    assert query
    assert [one.text for one in query(tree)] == [one.text for one in expression(tree)] == ["1", "3"]


@pytest.mark.parametrize("number", [1, 3, 100])
@pytest.mark.parametrize("between", [" ", "\n", "\ue000"])
def test_it_finds_the_same_however_many_values_there_are(number: int, between: str) -> None:
    expression = XPath(".//p[re:test(@class, '^by.?$')]", namespaces={"re": xpaths.REGEXP_NS})
    marks = [f"by{chr(0x100 + 2 * at)}" for at in range(number)] + ["by", f"by{between}by", "x", ""]
    tree = document_fromstring("".join(f'<p class="{mark}">{mark}</p>' for mark in marks))
    query = PageQueries(tree).query(OptimizedXPath(expression))
    assert query
    assert query(tree) == expression(tree)


@pytest.mark.parametrize(
    ("test", "holds", "needed"),
    [
        ("@class='Row'", "Row", {"\nrow\n"}),
        ("contains(@id, 'Side')", "aSide", {"side"}),
        ("starts-with(@class, 'x')", "xy", {"\nx"}),
        ("contains(translate(@id, 'T', 't'), 'teaser')", "a Teaser", {"teaser"}),
        ("re:test(@id|@class, '^(?:nav|bar)-box|a?', 'i')", "", None),
        ("re:test(@class, '^shar|(?:ab|bc)d?|e-?f[gh]ij')", "ef", {"\nshar", "ab", "bc", "ij"}),
    ],
)
def test_a_test_of_attributes_is_read(test: str, holds: str, needed: set[str] | None) -> None:
    pieces, (found,) = split_at_tests(f".//div[{test}]//a")
    assert pieces == (".//div[", "]//a")
    assert (found.substrings and {*found.substrings}) == needed
    expression = XPath(f"//div[{test}]", namespaces={"re": xpaths.REGEXP_NS})
    for value in (holds, "Row", "row", "aSide", "xy", "x", "a Teaser", "shar", "eFgij", "zz"):
        tree = document_fromstring(f'<div id="{value}" class="{value}">x</div>')
        assert found.passes(value) == bool(expression(tree)), value


def test_values_are_found_by_substrings() -> None:
    values = AttributeValues(["Main", "main", "x main", "main\nrow", "İmain", "", "other"])
    assert {*values.containing(("main",))} == {"Main", "main", "x main", "main\nrow", "İmain"}
    assert {*values.containing(("\nmain",))} == {"Main", "main", "main\nrow"}
    assert {*values.containing(("\nmain\n", "oth"))} == {"Main", "main", "other"}
    assert {*values.containing(None)} == {"Main", "main", "x main", "main\nrow", "İmain", "", "other"}
    assert not {*AttributeValues([]).containing(None)}


@pytest.mark.parametrize("pattern", ["a?", "[ab]", "a|", "(?:ab)?", "^"])
def test_what_matches_without_any_literal_requires_no_substring(pattern: str) -> None:
    assert required_substrings(parse(pattern)) is None


def test_no_pattern_finds_an_attribute_that_is_not_there() -> None:
    patterns = [pattern for one in EXPRESSIONS for pattern in _PATTERN.findall(one.path)]
    assert patterns
    assert not [pattern for pattern in patterns if re.search(pattern, "")]


def test_trafilatura_has_its_own_expressions_again_afterwards(trees: list[HtmlElement]) -> None:
    before = [list(one) for one in LISTS]
    with optimized_xpaths(trees[0]), optimized_xpaths(trees[1]):
        assert [list(one) for one in LISTS] != before
    assert [list(one) for one in LISTS] == before
