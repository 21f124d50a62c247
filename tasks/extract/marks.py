"""What an XPath expression asks of a page's marks: its classes, ids and other attributes.

Read out of the expression's text, so that it can be answered from the values that a page has (xpaths.py).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from re._constants import AT, AT_BEGINNING, BRANCH, LITERAL, SUBPATTERN  # type: ignore[import-not-found]
from re._parser import parse  # type: ignore[import-not-found]
from typing import Any

_ATTRIBUTES = r"@[\w|@-]+"
#: A test of attributes: whether a pattern is found in it, whether it has or begins with some letters, whether it is equal
#: to some. `translate` makes letters small.
_TEST = re.compile(
    rf"re:test\((?P<searched>{_ATTRIBUTES}),\s*'(?P<pattern>[^']*)'(?:,\s*'(?P<flags>\w*)')?\)"
    rf"|(?P<function>contains|starts-with)\("
    rf"(?:translate\((?P<translated>{_ATTRIBUTES}),\s*'(?P<these>\w+)',\s*'(?P<those>\w+)'\)|(?P<looked_at>{_ATTRIBUTES})),"
    r"\s*'(?P<part>[^']*)'\)"
    rf"|(?P<compared>{_ATTRIBUTES})\s*=\s*'(?P<value>[^']*)'"
)


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """One test of an attribute, or of the first that an element has of several."""

    #: Its own, among all tests.
    name: str
    #: As the expression has it: `@class`, `@id|@class`.
    subject: str
    #: Names of the attributes in it.
    attributes: tuple[str, ...]
    #: Whether it holds of an attribute with this value.
    holds: Callable[[str], bool]
    #: Small letters of which some stand in each value that it holds of, with a line's end where the value begins or
    #: ends there. None where nothing is known of them.
    letters: tuple[str, ...] | None


def taken_apart(path: str) -> tuple[tuple[str, ...], tuple[Test, ...]]:
    """Return the tests in the expression `path`, and what stands before, between and after them."""
    matches = list(_TEST.finditer(path))
    starts = [0, *(match.end() for match in matches)]
    ends = [*(match.start() for match in matches), len(path)]
    pieces = tuple(path[start:end] for start, end in zip(starts, ends, strict=True))
    return pieces, tuple(map(_test, matches))


_numbers = count()


def _test(match: re.Match[str]) -> Test:
    holds, letters = _condition(match)
    subject = match["searched"] or match["translated"] or match["looked_at"] or match["compared"]
    attributes = tuple(subject.replace("@", "").split("|"))
    return Test(f"test{next(_numbers)}", subject, attributes, holds, letters)


def _condition(match: re.Match[str]) -> tuple[Callable[[str], bool], tuple[str, ...] | None]:
    """Return when the test holds, and the letters that it takes."""
    if pattern := match["pattern"]:
        search = re.compile(pattern, re.IGNORECASE if "i" in (match["flags"] or "") else 0).search
        return lambda value: search(value) is not None, required(parse(pattern))
    if match["compared"]:
        expected = match["value"]
        return lambda value: value == expected, (f"\n{expected.lower()}\n",)
    part, small = match["part"], str.maketrans(match["these"] or "", match["those"] or "")
    if match["function"] == "contains":
        return lambda value: part in value.translate(small), (part.lower(),)
    return lambda value: value.translate(small).startswith(part), ("\n" + part.lower(),)


def required(pattern: Iterable[tuple[Any, Any]]) -> tuple[str, ...] | None:
    """Return small letters of which each match of the parsed `pattern` has at least some in it, None where none are known.

    Of those that a sequence allows, the set whose shortest string is longest.
    """
    found = _required(pattern)
    return None if found is None else tuple(sorted({one.lower() for one in found}, key=len))


def _required(pattern: Iterable[tuple[Any, Any]]) -> set[str] | None:
    runs, sets = [""], []
    for kind, value in pattern:
        if kind is LITERAL:
            runs[-1] += chr(value)
            continue
        runs.append("\n" if kind is AT and value is AT_BEGINNING else "")
        if kind is BRANCH:
            branches = [_required(branch) for branch in value[1]]
            sets.append(None if None in branches else set[str]().union(*filter(None, branches)))
        elif kind is SUBPATTERN:
            sets.append(_required(value[-1]))
        # What may be left out, any of several characters, and what stands around requires nothing.
    choices = [{run} for run in runs if run.strip()] + [one for one in sets if one]
    return max(choices, key=lambda one: min(map(len, one)), default=None)
