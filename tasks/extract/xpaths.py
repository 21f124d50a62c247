"""trafilatura's own XPath expressions, asked in cheaper ways that give the same answers.

They ask most elements `re:test(@class, '...')`, a call from libxml2 into Python, though two in five elements of
a news page have no class, nine in ten no id, and the others share some 160 values; and they ask every element for
its name by predicates, which libxml2 does slowly. Here

- each such test stands behind the question whether there is such an attribute, which libxml2 answers by itself,
  and remembers what it was asked before, a function for each, so that no pattern is handed over;
- `.//*[self::div or self::p][...]` is `(.//div[...]|.//p[...])`: walks that know the names cost half;
- an expression is not asked where the classes, ids and other marks of the page do not even have the letters that it
  looks for: of ten that are asked, seven find nothing.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, cached_property, lru_cache
from importlib import import_module
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement
from trafilatura import xpaths
from trafilatura.settings import BASIC_CLEAN_XPATH

from tasks.extract.marks import PREDICATE, SELDOM, TEST, USUAL, attributes, elements, letters

# By name: `trafilatura.baseline`, the attribute, is a function of this module.
_baseline: Any = import_module("trafilatura.baseline")

#: Answers remembered for each of 40 tests: a page has some 160 classes, pages of one site the same. 8 MB at most.
_ANSWERS = 2_048

#: A step to elements of certain names, and what else is asked of them.
_STEP = re.compile(rf"(\.?//)\*\[(self::\w+(?:\s+or\s+self::\w+)*)\]((?:\s*{PREDICATE})+)")
#: The first of the siblings that match: of all that match, the first stays the same without it.
_FIRST_SIBLING = re.compile(r"(?<=\])\s*\[1\]\s*$")

_VALUES = [XPath(f"//@{name}", smart_strings=False) for name in USUAL]
_MARKED = XPath(f"//*[{' or '.join('@' + name for name in SELDOM)}]")


class Asked:
    """An expression of trafilatura's, to be called like it."""

    def __init__(self, expression: XPath) -> None:
        """Take `expression`; it is asked of every page unless its path says what a page must have."""
        self._find = guarded(expression)
        self.letters = letters(expression.path)
        self.elements = elements(expression.path)
        self.usual_only = attributes(expression.path) <= {*USUAL}

    def __call__(self, tree: HtmlElement) -> list[HtmlElement]:
        """Return what the expression finds in `tree`."""
        if not self.may_find():
            return []
        found: list[HtmlElement] = self._find(tree)
        return found

    def may_find(self) -> bool:
        """Whether the page that is being read, if one is, can have what the expression finds."""
        page = _page.get()
        return page is None or page.may_have(self)


class Page:
    """The classes, ids and other marks of a page.

    What they rule out stays ruled out when elements are taken out of the page or get other names.
    """

    def __init__(self, tree: HtmlElement) -> None:
        """Read the classes and ids of `tree`."""
        self._tree = tree
        self._usual = _lines({value for values in _VALUES for value in values(tree)})
        self._answers: dict[Asked, bool] = {}

    def may_have(self, asked: Asked) -> bool:
        """Whether something on the page may be what `asked` finds; True where it does not say what that is."""
        answer = self._answers.get(asked)
        if answer is None:
            answer = self._answers[asked] = asked.letters is None or self._has(asked, asked.letters)
        return answer

    def _has(self, asked: Asked, letters: tuple[str, ...]) -> bool:
        for one in letters:  # not any(): a generator would cost as much again
            if one in self._usual:
                return True
        if not asked.usual_only and any(one in self._seldom for one in letters):
            return True
        return bool(asked.elements) and next(self._tree.iter(*asked.elements), None) is not None

    @cached_property
    def _seldom(self) -> str:
        marks = {mark for element in _MARKED(self._tree) for mark in element.items() if mark[0] in SELDOM}
        return _lines({value for _, value in marks} | {"@" + name for name, _ in marks})


def _lines(values: set[str]) -> str:
    return "\n".join(("", *values, "")).lower()


_page: ContextVar[Page | None] = ContextVar("page", default=None)


@cache
def guarded(expression: XPath) -> XPath:
    """Return an expression with the same answers as `expression`.

    True as long as no pattern in it matches an empty string, which is what a missing attribute is to `re:test`, and
    only the first answer is used of one that ends in `[1]`.
    """
    tests: dict[tuple[str, str], Any] = {}

    def named(test: re.Match[str]) -> str:
        """Call a function of the test's own, which need not be handed the pattern."""
        attribute, pattern, flags = test.groups()
        name = f"test{len(tests)}"
        tests[xpaths.REGEXP_NS, name] = _test(pattern, flags or "")
        return f"{attribute} and re:{name}(string({attribute}))"

    path = _STEP.sub(_by_name, TEST.sub(named, _FIRST_SIBLING.sub("", expression.path.strip())))
    return XPath(path, namespaces={"re": xpaths.REGEXP_NS}, extensions=tests, regexp=False)


def _test(pattern: str, flags: str) -> Callable[[Any, str], bool]:
    """Return what EXSLT's regexp:test does: find `pattern` anywhere in a string; the flag `i` ignores case."""
    search = re.compile(pattern, re.IGNORECASE if "i" in flags else 0).search
    found = lru_cache(_ANSWERS)(lambda string: search(string) is not None)
    return lambda _, string: found(string)


def _by_name(step: re.Match[str]) -> str:
    """Ask for the names first, one after the other."""
    axis, names, predicates = step.groups()
    return "(" + "|".join(f"{axis}{name}{predicates}" for name in re.findall(r"self::(\w+)", names)) + ")"


@contextmanager
def asking(tree: HtmlElement) -> Iterator[None]:
    """Have trafilatura ask the page `tree` in these ways inside of the `with`, and in its own after it.

    Both find the same, so threads that do this at the same time do each other no harm.
    """
    token = _page.set(Page(tree))
    for expressions, _, quick in _lists():
        expressions[:] = quick
    _baseline.BASIC_CLEAN_XPATH = guarded(BASIC_CLEAN_XPATH)
    try:
        yield
    finally:
        _page.reset(token)
        for expressions, own, _ in _lists():
            expressions[:] = own
        _baseline.BASIC_CLEAN_XPATH = BASIC_CLEAN_XPATH


@cache
def _lists() -> tuple[tuple[list[Any], list[XPath], list[Asked]], ...]:
    """Return trafilatura's lists of expressions, each with what it holds and with what takes its place."""
    lists = [value for value in vars(xpaths).values() if isinstance(value, list)]
    return tuple((one, list(one), [Asked(own) for own in one]) for one in lists)
