"""trafilatura's expressions, asked in cheaper ways, find what they find."""

import re
from collections.abc import Iterable
from copy import deepcopy
from importlib import import_module
from re._parser import parse  # type: ignore[import-not-found]

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.etree import XPath
from lxml.html import HtmlElement, document_fromstring
from trafilatura import xpaths

from seeds.demo.pages import story_page
from seeds.demo.sites import load_sites
from seeds.demo.stories import load_stories
from tasks.extract.marks import letters, required
from tasks.extract.xpaths import Asked, asking, guarded

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


def test_each_expression_finds_the_same_elements(trees: list[HtmlElement]) -> None:
    assert len(EXPRESSIONS) > 30
    for expression in EXPRESSIONS:
        quick = guarded(expression)
        for tree in trees:
            assert used(expression, quick(tree)) == used(expression, expression(tree)), expression.path


def test_what_a_page_cannot_satisfy_is_not_asked_and_nothing_is_missed(trees: list[HtmlElement]) -> None:
    own = [list(one) for one in LISTS]
    asked = left_out = 0
    for tree in trees:
        with asking(tree):
            quick = [list(one) for one in LISTS]
            for before, after in zip(own, quick, strict=True):
                for expression, one in zip(before, after, strict=True):
                    assert used(expression, one(tree)) == used(expression, expression(tree)), expression.path
                    if tree is not trees[-1]:  # which has all there is
                        asked += 1
                        left_out += not one.may_find()
    assert left_out > asked / 3


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
    with asking(tree):
        for before, after in zip(own, [list(one) for one in LISTS], strict=True):
            for expression, one in zip(before, after, strict=True):
                for page in (tree, part):
                    assert used(expression, one(page)) == used(expression, expression(page)), expression.path


def test_an_expression_outside_of_a_page_is_always_asked(trees: list[HtmlElement]) -> None:
    for expression in EXPRESSIONS[:-1]:
        one = Asked(expression)
        assert one.may_find()
        assert used(expression, one(trees[-1])) == used(expression, expression(trees[-1]))


def test_most_expressions_say_what_a_page_must_have() -> None:
    assert len([one for one in EXPRESSIONS if letters(one.path) is None]) < 10


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        (".//div[@class='Row' or contains(@id, 'side')]", {"\nrow\n", "side"}),
        (".//p[starts-with(@class, 'x')]//a[@href]", {"\nx"}),
        (".//p[contains(translate(@id, 'T', 't'), 'teaser') or @role]", {"teaser", "@role"}),
        (".//p[re:test(@id|@class, '^(?:nav|bar)-box|a?', 'i')]", None),
        (".//p[re:test(@class, '^shar|(?:ab|bc)d?|e-?f[gh]ij')]", {"\nshar", "ab", "bc", "ij"}),
        (".//p[@style='x']", None),
        (".//p", None),
    ],
)
def test_what_a_page_must_have(path: str, needed: set[str] | None) -> None:
    found = letters(path)
    assert (found and set(found)) == needed


@pytest.mark.parametrize("pattern", ["a?", "[ab]", "a|", "(?:ab)?", "^"])
def test_what_matches_without_any_letters_requires_none(pattern: str) -> None:
    assert required(parse(pattern)) is None


def test_no_pattern_finds_an_attribute_that_is_not_there() -> None:
    patterns = [pattern for one in EXPRESSIONS for pattern in _PATTERN.findall(one.path)]
    assert patterns
    assert not [pattern for pattern in patterns if re.search(pattern, "")]


def test_trafilatura_has_its_own_expressions_again_afterwards(trees: list[HtmlElement]) -> None:
    before = [list(one) for one in LISTS]
    with asking(trees[0]), asking(trees[1]):
        assert [list(one) for one in LISTS] != before
    assert [list(one) for one in LISTS] == before
