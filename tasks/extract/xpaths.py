"""trafilatura's own XPath expressions, asked in cheaper ways that give the same answers.

They ask most elements `re:test(@class, '...')`, a call from libxml2 into Python, though two in five elements of
a news page have no class, nine in ten no id, and the others share some 160 values; and they ask every element for
its name by predicates, which libxml2 does slowly. Here

- each such test stands behind the question whether there is such an attribute, which libxml2 answers by itself,
  and remembers what it was asked before;
- `.//*[self::div or self::p][...]` is `(.//div[...]|.//p[...])`: a walk that knows the name costs a fifth;
- an expression that no class, id or other mark on the page can satisfy is not asked: of ten that are, seven find nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, cached_property, lru_cache
from importlib import import_module
from typing import Any

from lxml.etree import Element, SubElement, XPath
from lxml.html import HtmlElement
from trafilatura import xpaths
from trafilatura.settings import BASIC_CLEAN_XPATH

# By name: `trafilatura.baseline`, the attribute, is a function of this module.
_baseline: Any = import_module("trafilatura.baseline")

_TEST = re.compile(r"re:test\((@[\w|@]+),")
#: Answers remembered: a page asks some 2,000 questions, pages of one site mostly the same ones. 6 MB at most.
_ANSWERS = 16_384

_QUOTED = r"'[^']*'|\"[^\"]*\""
#: What stands in brackets, up to two deep.
_PREDICATE = rf"\[(?:{_QUOTED}|\[(?:{_QUOTED}|[^\[\]'\"])*\]|[^\[\]'\"])*\]"
#: A step to elements of certain names, and what else is asked of them.
_STEP = re.compile(rf"(\.?//)\*\[(self::\w+(?:\s+or\s+self::\w+)*)\]((?:\s*{_PREDICATE})+)")
#: The first of the siblings that match: of all that match, the first stays the same without it.
_FIRST_SIBLING = re.compile(r"(?<=\])\s*\[1\]\s*$")

#: The first of all that match.
_FIRST = re.compile(r"\)\s*\[1\]")

_PREDICATES = re.compile(_PREDICATE)
_LITERAL = re.compile(_QUOTED)
#: The step from what was found to the links inside, which narrows it.
_LINKS = re.compile(r"//a\[@href\]\s*$")
#: An element that is found by its name alone, and one that another must hold (`rel='me'`: an `@` is missing there).
_BARE = re.compile(r"(?:^|[|(])\s*\.?//(\w+)\s*(?=$|[|)])|(?<![@\w:-])(\w+)\s*=")

#: Attributes that tell what an element is. First those of most elements, then, asked for only where those do not
#: decide, those of a few.
_USUAL = ("class", "id")
_SELDOM = ("itemprop", "rel", "role", "data-testid", "data-component", "data-lp-replacement-content")
_VALUES = {name: XPath(f"//@{name}", smart_strings=False) for name in _USUAL}
_MARKED = XPath(f"//*[{' or '.join('@' + name for name in _SELDOM)}]")
#: Values remembered with what they satisfy: pages have some 160, those of one site the same. 10 MB at most.
_REMEMBERED = 65_536


class Asked:
    """An expression of trafilatura's, to be called like it."""

    def __init__(self, expression: XPath, bit: int = 0) -> None:
        """Take `expression`; `bit` is its own among what a `Page` can satisfy, 0 to ask it of every page."""
        self._find = guarded(expression)
        self._bit = bit
        self._usual = attributes(expression.path) <= {*_USUAL}
        self._elements = elements(expression.path)

    def __call__(self, tree: HtmlElement) -> list[HtmlElement]:
        """Return what the expression finds in `tree`."""
        if not self.may_find():
            return []
        found: list[HtmlElement] = self._find(tree)
        return found

    def may_find(self) -> bool:
        """Whether the page that is being read, if one is, can have what the expression finds."""
        page = _page.get()
        if page is None or not self._bit or page.usual & self._bit:
            return True
        return (not self._usual and bool(page.seldom & self._bit)) or page.has(self._elements)


class Page:
    """What the attributes of a page can satisfy, a bit for each expression.

    It holds for whatever is left of the page when elements are taken out of it or get other names.
    """

    def __init__(self, tree: HtmlElement) -> None:
        """Read the classes and ids of `tree`."""
        self._tree = tree
        self.usual = 0
        for name, values in _VALUES.items():
            self.usual |= _satisfied_by(name, set(values(tree)))

    def has(self, names: tuple[str, ...]) -> bool:
        """Whether there is an element of one of these names."""
        return bool(names) and next(self._tree.iter(*names), None) is not None

    @cached_property
    def seldom(self) -> int:
        """What other attributes satisfy."""
        found = 0
        marked = _MARKED(self._tree)
        for name in _SELDOM:
            found |= _satisfied_by(name, {element.get(name) for element in marked} - {None})
        return found


_page: ContextVar[Page | None] = ContextVar("page", default=None)


@cache
def guarded(expression: XPath, *, every: bool = False) -> XPath:
    """Return an expression with the same answers as `expression`; all of them if `every`, where it asks for the first.

    True as long as no pattern in it matches an empty string, which is what a missing attribute is to `re:test`, and
    only the first answer is used of one that ends in `[1]`.
    """
    path = _TEST.sub(r"\1 and re:test(string(\1),", _FIRST_SIBLING.sub("", expression.path.strip()))
    path = _STEP.sub(_by_name, _FIRST.sub(")", path) if every else path)
    extensions = {(xpaths.REGEXP_NS, "test"): lambda _, *question: _test(*question)}
    return XPath(path, namespaces={"re": xpaths.REGEXP_NS}, extensions=extensions, regexp=False)


def _by_name(step: re.Match[str]) -> str:
    """Ask for the names first, one after the other."""
    axis, names, predicates = step.groups()
    return "(" + "|".join(f"{axis}{name}{predicates}" for name in re.findall(r"self::(\w+)", names)) + ")"


@lru_cache(_ANSWERS)
def _test(string: str, pattern: str, flags: str = "") -> bool:
    """Do what EXSLT's regexp:test does: find `pattern` anywhere in `string`; the flag `i` ignores case."""
    return re.search(pattern, string, re.IGNORECASE if "i" in flags else 0) is not None


def _satisfied_by(attribute: str, values: set[str]) -> int:
    """Return a bit for each expression that an element satisfies which has one of `values`."""
    known, unknown, found = _known[attribute], [], 0
    for value in values:
        if (bits := known.get(value)) is None:
            unknown.append(value)
        else:
            found |= bits
    return found | _learn(attribute, unknown) if unknown else found


_known: dict[str, dict[str, int]] = {name: {} for name in (*_USUAL, *_SELDOM)}


def _learn(attribute: str, values: list[str]) -> int:
    """Remember which expressions are satisfied by elements that have one of `values` and nothing else."""
    known = _known[attribute]
    if len(known) + len(values) > _REMEMBERED:
        known.clear()
    root = Element("html")
    for value in values:
        SubElement(SubElement(root, "x", {attribute: value}), "a", {"href": ""})
    probes = list(root)
    bits = dict.fromkeys(probes, 0)
    for name, expressions in _decided_by_name(attribute).items():
        for probe in probes:
            probe.tag = name
        for find, bit in expressions:
            for element in find(root):
                bits[element if element in bits else element.getparent()] |= bit
    satisfied = 0
    for value, found in zip(values, bits.values(), strict=True):
        known[value] = found
        satisfied |= found
    return satisfied


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
    bits = _bits()
    return tuple((one, list(one), [Asked(own, bits.get(own, 0)) for own in one]) for one in lists)


@cache
def _bits() -> dict[XPath, int]:
    """Return the expressions that the attributes of one element decide, each with a bit of its own."""
    every = [one for value in vars(xpaths).values() if isinstance(value, list) for one in value]
    decided = [one for one in every if is_decided(one.path)]
    return {one: 1 << place for place, one in enumerate(decided)}


@cache
def _decided_by_name(attribute: str) -> dict[str, list[tuple[XPath, int]]]:
    """Return the expressions that ask for `attribute`, with their bits, by the name of an element they look for."""
    found = defaultdict(list)
    for expression, bit in _bits().items():
        if attribute in attributes(expression.path):
            name = re.search(r"self::(\w+)|//(\w+)", expression.path)
            found[name[1] or name[2] if name else "div"].append((guarded(expression, every=True), bit))
    return found


def is_decided(path: str) -> bool:
    """Whether what the expression finds has one attribute that is enough by itself, or one of its `elements`."""
    return 0 < len(attributes(path)) <= len(attributes(path) & {*_USUAL, *_SELDOM})


def elements(path: str) -> tuple[str, ...]:
    """Return the names of elements that the expression finds by their name, or by the name of an element inside."""
    asked = _LITERAL.sub("''", _LINKS.sub("", path))
    children = (child for _, child in _BARE.findall(asked) if child)
    return (*children, *(name for name, _ in _BARE.findall(_PREDICATES.sub("[]", asked)) if name))


def attributes(path: str) -> set[str]:
    """Return the attributes that the expression asks for, links' addresses aside."""
    return set(re.findall(r"@([\w-]+)", _LITERAL.sub("''", _LINKS.sub("", path))))
