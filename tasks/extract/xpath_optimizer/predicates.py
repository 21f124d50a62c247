"""The tests of attributes in an XPath expression, as Python functions.

They are read from the text of the expression, so that they can be evaluated on the values that a page has.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from tasks.extract.xpath_optimizer.compat import parse
from tasks.extract.xpath_optimizer.required_substrings import required_substrings

_ATTRIBUTES = r"@[\w|@-]+"
#: `re:test(@class, 'pattern', 'i')`; `contains` or `starts-with`, the attribute in lower case by `translate` or not;
#: `@class='value'`.
_TEST = re.compile(
    rf"re:test\((?P<searched>{_ATTRIBUTES}),\s*'(?P<pattern>[^']*)'(?:,\s*'(?P<flags>\w*)')?\)"
    rf"|(?P<function>contains|starts-with)\("
    rf"(?:translate\((?P<translated>{_ATTRIBUTES}),\s*'(?P<these>\w+)',\s*'(?P<those>\w+)'\)|(?P<looked_at>{_ATTRIBUTES})),"
    r"\s*'(?P<part>[^']*)'\)"
    rf"|(?P<compared>{_ATTRIBUTES})\s*=\s*'(?P<value>[^']*)'"
)


@dataclass(frozen=True, slots=True, eq=False)
class AttributeTest:
    """One test of an attribute, or of the first that an element has of several."""

    #: Unique among all tests.
    name: str
    #: As in the expression: `@class`, `@id|@class`.
    subject: str
    #: Names of the attributes in it.
    attributes: tuple[str, ...]
    #: Whether an attribute with this value passes.
    passes: Callable[[str], bool]
    #: Lower-case substrings; every value that passes contains at least one. A newline in one stands for the start or the
    #: end of the value. None where any value may pass.
    substrings: tuple[str, ...] | None


def split_at_tests(path: str) -> tuple[tuple[str, ...], tuple[AttributeTest, ...]]:
    """Return the tests in the expression `path`, and the text before, between and after them."""
    matches = list(_TEST.finditer(path))
    starts = [0, *(match.end() for match in matches)]
    ends = [*(match.start() for match in matches), len(path)]
    pieces = tuple(path[start:end] for start, end in zip(starts, ends, strict=True))
    return pieces, tuple(map(_test, matches))


_numbers = count()


def _test(match: re.Match[str]) -> AttributeTest:
    passes, substrings = _condition(match)
    subject = match["searched"] or match["translated"] or match["looked_at"] or match["compared"]
    attributes = tuple(subject.replace("@", "").split("|"))
    return AttributeTest(f"test{next(_numbers)}", subject, attributes, passes, substrings)


def _condition(match: re.Match[str]) -> tuple[Callable[[str], bool], tuple[str, ...] | None]:
    """Return when a value passes the test, and the substrings that it then contains."""
    if pattern := match["pattern"]:
        search = re.compile(pattern, re.IGNORECASE if "i" in (match["flags"] or "") else 0).search
        return lambda value: search(value) is not None, required_substrings(parse(pattern))
    if match["compared"]:
        expected = match["value"]
        return lambda value: value == expected, (f"\n{expected.lower()}\n",)
    part, lowered = match["part"], str.maketrans(match["these"] or "", match["those"] or "")
    if match["function"] == "contains":
        return lambda value: part in value.translate(lowered), (part.lower(),)
    return lambda value: value.translate(lowered).startswith(part), ("\n" + part.lower(),)
