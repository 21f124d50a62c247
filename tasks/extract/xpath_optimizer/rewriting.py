"""Rewriting trafilatura's XPath expressions for the page that they are evaluated on."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache, partial
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement

from tasks.extract.xpath_optimizer.attribute_values import AttributeValues
from tasks.extract.xpath_optimizer.compat import REGEXP_NS, expression_lists
from tasks.extract.xpath_optimizer.predicates import AttributeTest, split_at_tests

#: Up to so many values libxml2 compares the attribute with each; up to `_MAX_LISTED` it searches for it in a list of them;
#: beyond that it calls the test for each element. On 181 news pages one test in eight has a value that passes, half of
#: these have one, a quarter more than two, none more than 59.
_MAX_COMPARED, _MAX_LISTED = 2, 60
#: Separates the values in such a list: a private-use character (Unicode, 23.5), which no value has.
_SEPARATOR = "\ue000"
#: Beyond so many substrings finding the values costs more than testing each element; one expression has 64.
_MAX_SUBSTRINGS = 20
#: Results kept of a test that is called for each element: elements share their values.
_RESULTS = 512
#: Compiled expressions kept; they differ by how many values pass their tests.
_COMPILED = 1_024

_QUOTED = r"'[^']*'|\"[^\"]*\""
#: A predicate in brackets, which may hold another one.
_PREDICATE = rf"\[(?:{_QUOTED}|\[(?:{_QUOTED}|[^\[\]'\"])*\]|[^\[\]'\"])*\]"
#: A step to elements of certain names, and its further predicates.
_STEP = re.compile(rf"(\.?)//\*\[(self::\w+(?: or self::\w+)*)\]((?: ?{_PREDICATE})+)")
#: The first matching element among its siblings. trafilatura uses the first result alone, which is the same without it.
_FIRST_SIBLING = re.compile(r"(?<=\])\s*\[1\]\s*$")
_SPACE = re.compile(r"\s+")
#: White space at the ends of a predicate.
_MARGIN = re.compile(r"(?<=\[) | (?=\])")
#: The operands of a union (`a|b`).
_OPERANDS = re.compile(rf"(?:\((?:{_PREDICATE}|[^()\[\]])*\)|{_PREDICATE}|[^|(\[])+")
#: An operand that asks for a name alone, and a test of a child element's text (`rel='me'`: the `@` is missing there).
_BY_NAME = re.compile(r"\(?\.?//(\w+)\)?(?:\[1\])?")
_CHILD = re.compile(r"(?<![@\w:-])(\w+)\s*=\s*'[^']*'")

_FALSE = "false()"
_OR_FALSE = re.compile(r" or false\(\)(?= or |[\])])")
_FALSE_OR = re.compile(r"(?<=[\[(])false\(\) or ")

_Query = Callable[[HtmlElement], list[HtmlElement]]


class OptimizedXPath:
    """An expression of trafilatura's; it is called like the original."""

    def __init__(self, expression: XPath) -> None:
        """Take the original `expression`.

        It is evaluated as it is on every page, unless it says what attributes an element must have.
        """
        self.original: _Query = expression
        path = _FIRST_SIBLING.sub("", expression.path.strip())
        operands = [operand.strip() for operand in _OPERANDS.findall(path)]
        names = [found[1] for operand in operands if (found := _BY_NAME.fullmatch(operand))]
        others = "|".join(operand for operand in operands if not _BY_NAME.fullmatch(operand))
        pieces, self.tests = split_at_tests(others)
        #: A page with one of these elements may have a result whatever its attributes.
        self.elements = (*names, *(name for piece in pieces for name in _CHILD.findall(piece)))
        # White space is reduced here only: within a test it is part of the pattern.
        self.pieces = [_MARGIN.sub("", _SPACE.sub(" ", _CHILD.sub(_FALSE, piece))) for piece in pieces]
        _tests.update({test.name: test for test in self.tests})

    def __call__(self, tree: HtmlElement) -> list[HtmlElement]:
        """Return the elements that the expression selects in `tree`."""
        page = _page.get()
        query = page.query(self) if page else self.original
        return query(tree) if query else []


class PageQueries:
    """The attribute values of one page, and what is evaluated on it in place of each expression.

    What the whole page cannot have, it cannot have after elements were removed or renamed.
    """

    def __init__(self, tree: HtmlElement) -> None:
        """Take the page `tree`; its attributes are read when the first expression needs them."""
        self._tree = tree
        self._queries: dict[OptimizedXPath, _Query | None] = {}
        self._values: dict[str, AttributeValues] = {}

    def query(self, xpath: OptimizedXPath) -> _Query | None:
        """Return what selects the same elements as `xpath`, None where there can be none."""
        try:
            return self._queries[xpath]
        except KeyError:
            query = self._queries[xpath] = self._rewrite(xpath)
            return query

    def _rewrite(self, xpath: OptimizedXPath) -> _Query | None:
        if not xpath.tests or (xpath.elements and next(self._tree.iter(*xpath.elements), None) is not None):
            return xpath.original
        parts, variables = [xpath.pieces[0]], dict[str, str]()
        for test, piece in zip(xpath.tests, xpath.pieces[1:], strict=True):
            parts += [self._replacement(test, variables), piece]
        compiled = _compile("".join(parts))
        return partial(compiled, **variables) if compiled else None

    def _replacement(self, test: AttributeTest, variables: dict[str, str]) -> str:
        """Return the XPath that replaces `test`, and put the values that it compares with into `variables`."""
        values = self._passing(test)
        if values is None:
            return f"{test.subject} and re:{test.name}(string({test.subject}))"

        def variable(value: str) -> str:
            name = f"v{len(variables)}"
            variables[name] = value
            return f"${name}"

        first = f"string({test.subject})" if len(test.attributes) > 1 else test.subject
        if len(values) > _MAX_COMPARED:
            listed = variable(_SEPARATOR.join(("", *values, "")))
            return f"{test.subject} and contains({listed}, concat('{_SEPARATOR}', {first}, '{_SEPARATOR}'))"
        terms = [f"{first}={variable(value)}" for value in values]
        return f"({' or '.join(terms)})" if len(terms) > 1 else "".join(terms) or _FALSE

    def _passing(self, test: AttributeTest) -> list[str] | None:
        """Return the page's values that pass `test`, None where calling it for each element is cheaper."""
        if len(test.substrings or ()) > _MAX_SUBSTRINGS:
            return None
        candidates = {
            value for name in test.attributes for value in self._values_of(name).containing(test.substrings)
        }
        passing = [value for value in candidates if test.passes(value)]
        return passing if len(passing) <= _MAX_LISTED and _SEPARATOR not in "".join(passing) else None

    def _values_of(self, attribute: str) -> AttributeValues:
        if attribute not in self._values:
            self._values[attribute] = AttributeValues(_attribute_xpath(attribute)(self._tree))
        return self._values[attribute]


_page: ContextVar[PageQueries | None] = ContextVar("page", default=None)
#: All tests by name.
_tests: dict[str, AttributeTest] = {}


@cache
def _attribute_xpath(name: str) -> XPath:
    return XPath(f"//@{name}", smart_strings=False)


@lru_cache(_COMPILED)
def _compile(path: str) -> XPath | None:
    """Return `path` compiled, without the operands that are always false; None where none is left."""
    operands = _OPERANDS.findall(_FALSE_OR.sub("", _OR_FALSE.sub("", path)))
    path = "|".join(operand for operand in operands if f"[{_FALSE}]" not in operand)
    if not path:
        return None
    functions = {(REGEXP_NS, name): _xpath_function(name) for name in re.findall(r"\bre:(\w+)", path)}
    names = {"re": REGEXP_NS}
    return XPath(_STEP.sub(_names_first, path), namespaces=names, extensions=functions, regexp=False)


@cache
def _xpath_function(name: str) -> Callable[[Any, str], bool]:
    passes = lru_cache(_RESULTS)(_tests[name].passes)
    return lambda _, value: passes(value)


def _names_first(step: re.Match[str]) -> str:
    """Turn `.//*[self::a or self::b][...]` into `(descendant::a[...]|descendant::b[...])`, which costs half."""
    relative, names, predicates = step.groups()
    axis = "descendant::" if relative else "/descendant::"
    return "(" + "|".join(f"{axis}{name}{predicates}" for name in re.findall(r"self::(\w+)", names)) + ")"


@contextmanager
def optimized_xpaths(tree: HtmlElement) -> Iterator[None]:
    """Have trafilatura evaluate the optimised expressions on the page `tree` inside of the `with`.

    Its own are back after it. Both select the same elements, so threads that do this at the same time do each other
    no harm.
    """
    token = _page.set(PageQueries(tree))
    for expressions, _, optimized in optimized_lists():
        expressions[:] = optimized
    try:
        yield
    finally:
        _page.reset(token)
        for expressions, originals, _ in optimized_lists():
            expressions[:] = originals


@cache
def optimized_lists() -> tuple[tuple[list[Any], list[XPath], list[OptimizedXPath]], ...]:
    """Return trafilatura's lists, each with its own expressions and with the optimised ones."""
    lists = expression_lists().values()
    return tuple((one, list(one), list(map(OptimizedXPath, one))) for one in lists)
