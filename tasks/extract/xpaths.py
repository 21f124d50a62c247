"""trafilatura's own XPath expressions, asked in cheaper ways that give the same answers.

They ask most elements `re:test(@class, '...')`, a call from libxml2 into Python that takes 1.5 us, where a page of 700
elements has 160 different classes and ids; and they ask every element for its name by predicates, which libxml2 does
slowly. Here

- a test of an attribute is put to the values that the page has of it, once, and libxml2 is left to find the elements:
  `re:test(@class, 'author|byline')` becomes `@class=$v0` on a page where that holds of one class;
- a test that holds of none is left out, and with it what nothing is left of: on a news page two of three expressions;
- `.//*[self::div or self::p][...]` is `(descendant::div[...]|descendant::p[...])`: walks that know the names cost half.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache, partial
from importlib import import_module
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement
from trafilatura import xpaths
from trafilatura.settings import BASIC_CLEAN_XPATH

from tasks.extract.marks import Test, taken_apart

# By name: `trafilatura.baseline`, the attribute, is a function of this module.
_baseline: Any = import_module("trafilatura.baseline")

#: Values that a test holds of, of which libxml2 compares each with an element's; of more it looks for the element's in a
#: list of them; and of more than that each element's is put to the test. On 181 news pages one test in eight holds of any
#: value, half of these of one, a quarter of more than two, none of more than 59.
_FEW, _MANY = 2, 60
#: Stands between the values of such a list: a character of nobody's (Unicode, 23.5), which no value has.
_BETWEEN = "\ue000"
#: Letters beyond which it costs more to find the values than to have each element tested; one expression has 64.
_MOST_LETTERS = 20
#: Answers remembered of a test that is put to each element: they share their values.
_ANSWERS = 512
#: Expressions kept; they differ by how many values their tests hold of.
_EXPRESSIONS = 1_024

_QUOTED = r"'[^']*'|\"[^\"]*\""
#: What stands in brackets, up to two deep.
_PREDICATE = rf"\[(?:{_QUOTED}|\[(?:{_QUOTED}|[^\[\]'\"])*\]|[^\[\]'\"])*\]"
#: A step to elements of certain names, and what else is asked of them.
_STEP = re.compile(rf"(\.?)//\*\[(self::\w+(?: or self::\w+)*)\]((?: ?{_PREDICATE})+)")
#: The first of the siblings that match: of all that match, the first stays the same without it.
_FIRST_SIBLING = re.compile(r"(?<=\])\s*\[1\]\s*$")
_SPACE = re.compile(r"\s+")
#: White space at the ends of a predicate.
_MARGIN = re.compile(r"(?<=\[) | (?=\])")
#: Ways to find an element, any of them.
_WAYS = re.compile(rf"(?:\((?:{_PREDICATE}|[^()\[\]])*\)|{_PREDICATE}|[^|(\[])+")
#: One by the name alone, and one by the name of an element inside (`rel='me'`: an `@` is missing there).
_BY_NAME = re.compile(r"\(?\.?//(\w+)\)?(?:\[1\])?")
_CHILD = re.compile(r"(?<![@\w:-])(\w+)\s*=\s*'[^']*'")

_NEVER = "false()"
_OR_NEVER = re.compile(r" or false\(\)(?= or |[\])])")
_NEVER_OR = re.compile(r"(?<=[\[(])false\(\) or ")

_Question = Callable[[HtmlElement], list[HtmlElement]]


class Asked:
    """An expression of trafilatura's, to be called like it."""

    def __init__(self, expression: XPath) -> None:
        """Take `expression`; it is asked of every page unless it says what attributes a page must have.

        True where only the first answer is used of one that ends in `[1]`.
        """
        self.own: _Question = expression
        ways = [way.strip() for way in _WAYS.findall(_FIRST_SIBLING.sub("", expression.path.strip()))]
        names = [found[1] for way in ways if (found := _BY_NAME.fullmatch(way))]
        pieces, self.tests = taken_apart("|".join(way for way in ways if not _BY_NAME.fullmatch(way)))
        #: Elements that make a page worth asking, whatever their attributes.
        self.elements = (*names, *(name for piece in pieces for name in _CHILD.findall(piece)))
        # White space only here: within a test it is what is looked for.
        self.pieces = [_MARGIN.sub("", _SPACE.sub(" ", _CHILD.sub(_NEVER, piece))) for piece in pieces]
        _named.update({test.name: test for test in self.tests})

    def __call__(self, tree: HtmlElement) -> list[HtmlElement]:
        """Return what the expression finds in `tree`."""
        page = _page.get()
        question = page.question(self) if page else self.own
        return question(tree) if question else []


class Page:
    """The attributes of a page, and what is asked of it in place of each expression.

    What it cannot have while all of it is there, it cannot have when elements are taken out or get other names.
    """

    def __init__(self, tree: HtmlElement) -> None:
        """Take the page `tree`; it is looked at when something is asked."""
        self._tree = tree
        self._questions: dict[Asked, _Question | None] = {}
        self._values: dict[str, Values] = {}

    def question(self, asked: Asked) -> _Question | None:
        """Return what finds the elements that `asked` finds, None where there can be none."""
        try:
            return self._questions[asked]
        except KeyError:
            question = self._questions[asked] = self._put(asked)
            return question

    def _put(self, asked: Asked) -> _Question | None:
        if not asked.tests or (asked.elements and next(self._tree.iter(*asked.elements), None) is not None):
            return asked.own
        parts, variables = [asked.pieces[0]], dict[str, str]()
        for test, piece in zip(asked.tests, asked.pieces[1:], strict=True):
            parts += [self._in_place_of(test, variables), piece]
        find = _compiled("".join(parts))
        return partial(find, **variables) if find else None

    def _in_place_of(self, test: Test, variables: dict[str, str]) -> str:
        """Return what is asked of an element, and put the values that it is asked for into `variables`."""
        values = self._matching(test)
        if values is None:
            return f"{test.subject} and re:{test.name}(string({test.subject}))"

        def kept(value: str) -> str:
            name = f"v{len(variables)}"
            variables[name] = value
            return f"${name}"

        first = f"string({test.subject})" if len(test.attributes) > 1 else test.subject
        if len(values) > _FEW:
            listed = kept(_BETWEEN.join(("", *values, "")))
            return f"{test.subject} and contains({listed}, concat('{_BETWEEN}', {first}, '{_BETWEEN}'))"
        terms = [f"{first}={kept(value)}" for value in values]
        return f"({' or '.join(terms)})" if len(terms) > 1 else "".join(terms) or _NEVER

    def _matching(self, test: Test) -> list[str] | None:
        """Return the values on the page that `test` holds of, None where it is better put to each element."""
        if len(test.letters or ()) > _MOST_LETTERS:
            return None
        values = [self._of(name) for name in test.attributes]
        some = {value for one in values for value in one.with_some(test.letters)}
        matching = [value for value in some if test.holds(value)]
        return matching if len(matching) <= _MANY and _BETWEEN not in "".join(matching) else None

    def _of(self, attribute: str) -> "Values":
        if attribute not in self._values:
            self._values[attribute] = Values(_attribute(attribute)(self._tree))
        return self._values[attribute]


class Values:
    """The values of an attribute on a page."""

    def __init__(self, values: Iterable[str]) -> None:
        """Take `values`, as often as they occur."""
        self._by_line = defaultdict[str, list[str]](list)
        for value in set(values):
            self._by_line[value.lower().replace("\n", " ")].append(value)
        self._lines = "\n".join(("", *self._by_line, ""))

    def with_some(self, letters: tuple[str, ...] | None) -> Iterator[str]:
        """Yield the values that have some of the `letters` (marks.Test), some of them twice; all for None."""
        if letters is None:
            for values in self._by_line.values():
                yield from values
            return
        for one in letters:
            at = self._lines.find(one)
            while at >= 0:
                start = self._lines.rfind("\n", 0, at + 1) + 1
                end = self._lines.find("\n", start)
                yield from self._by_line[self._lines[start:end]]
                at = self._lines.find(one, end)


_page: ContextVar[Page | None] = ContextVar("page", default=None)
_named: dict[str, Test] = {}


@cache
def _attribute(name: str) -> XPath:
    return XPath(f"//@{name}", smart_strings=False)


@lru_cache(_EXPRESSIONS)
def _compiled(path: str) -> XPath | None:
    """Return the expression `path` without the ways to an element that never lead to one, None where none is left."""
    ways = _WAYS.findall(_NEVER_OR.sub("", _OR_NEVER.sub("", path)))
    path = "|".join(way for way in ways if f"[{_NEVER}]" not in way)
    if not path:
        return None
    functions = {(xpaths.REGEXP_NS, name): _function(name) for name in re.findall(r"\bre:(\w+)", path)}
    names = {"re": xpaths.REGEXP_NS}
    return XPath(_STEP.sub(_names_first, path), namespaces=names, extensions=functions, regexp=False)


@cache
def _function(name: str) -> Callable[[Any, str], bool]:
    holds = lru_cache(_ANSWERS)(_named[name].holds)
    return lambda _, value: holds(value)


def _names_first(step: re.Match[str]) -> str:
    """Ask for the names first, one after the other."""
    inside, names, predicates = step.groups()
    axis = "descendant::" if inside else "/descendant::"
    return "(" + "|".join(f"{axis}{name}{predicates}" for name in re.findall(r"self::(\w+)", names)) + ")"


@contextmanager
def asking(tree: HtmlElement) -> Iterator[None]:
    """Have trafilatura ask the page `tree` in these ways inside of the `with`, and in its own after it.

    Both find the same, so threads that do this at the same time do each other no harm.
    """
    token = _page.set(Page(tree))
    for expressions, _, quick in _lists():
        expressions[:] = quick
    _baseline.BASIC_CLEAN_XPATH = _basic_clean()
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


@cache
def _basic_clean() -> Asked:
    return Asked(BASIC_CLEAN_XPATH)
