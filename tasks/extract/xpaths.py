"""trafilatura's own XPath expressions, asked in a cheaper way.

They ask most elements `re:test(@class, '...')`, a call from libxml2 into Python, though two in five elements of
a news page have no class, nine in ten no id, and the others share some 160 values. Here each such test stands
behind the question whether there is such an attribute, which libxml2 answers by itself, and remembers what it
was asked before: the answers are the same, and the expressions take a third less CPU.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from lxml.etree import XPath
from trafilatura import xpaths
from trafilatura.settings import BASIC_CLEAN_XPATH

# By name: `trafilatura.baseline`, the attribute, is a function of this module.
_baseline: Any = import_module("trafilatura.baseline")

_TEST = re.compile(r"re:test\((@[\w|@]+),")
#: Answers remembered: a page asks some 2,000 questions, pages of one site mostly the same ones. 6 MB at most.
_ANSWERS = 16_384


@cache
def guarded(expression: XPath) -> XPath:
    """Return an expression with the same answers as `expression`.

    True as long as no pattern in it matches an empty string, which is what a missing attribute is to `re:test`.
    """
    path = _TEST.sub(r"\1 and re:test(string(\1),", expression.path)
    extensions = {(xpaths.REGEXP_NS, "test"): lambda _, *question: _test(*question)}
    return XPath(path, namespaces={"re": xpaths.REGEXP_NS}, extensions=extensions, regexp=False)


@lru_cache(_ANSWERS)
def _test(string: str, pattern: str, flags: str = "") -> bool:
    """Do what EXSLT's regexp:test does: find `pattern` anywhere in `string`; the flag `i` ignores case."""
    return re.search(pattern, string, re.IGNORECASE if "i" in flags else 0) is not None


@contextmanager
def guarded_xpaths() -> Iterator[None]:
    """Have trafilatura work with the guarded expressions inside of the `with`, and with its own after it.

    Both find the same, so threads that do this at the same time do each other no harm.
    """
    for expressions, _, quick in _lists():
        expressions[:] = quick
    _baseline.BASIC_CLEAN_XPATH = guarded(BASIC_CLEAN_XPATH)
    try:
        yield
    finally:
        for expressions, own, _ in _lists():
            expressions[:] = own
        _baseline.BASIC_CLEAN_XPATH = BASIC_CLEAN_XPATH


@cache
def _lists() -> tuple[tuple[list[XPath], list[XPath], list[XPath]], ...]:
    """Return trafilatura's lists of expressions, each with what it holds and with the guarded ones."""
    lists = (value for value in vars(xpaths).values() if isinstance(value, list))
    return tuple((one, list(one), [guarded(expression) for expression in one]) for one in lists)
