"""What an XPath expression asks of a page's marks: its classes, ids and the like.

Read out of the expression's text, so that a page without any of it need not be searched (xpaths.py).
"""

import re
from collections.abc import Iterable
from re._constants import AT, AT_BEGINNING, BRANCH, LITERAL, SUBPATTERN  # type: ignore[import-not-found]
from re._parser import parse  # type: ignore[import-not-found]
from typing import Any

_QUOTED = r"'[^']*'|\"[^\"]*\""
#: What stands in brackets, up to two deep.
PREDICATE = rf"\[(?:{_QUOTED}|\[(?:{_QUOTED}|[^\[\]'\"])*\]|[^\[\]'\"])*\]"
#: A test of an attribute: which, the pattern that is looked for in it, and flags.
TEST = re.compile(r"re:test\((@[\w|@-]+),\s*'([^']*)'(?:,\s*'(\w*)')?\)")
#: Attributes that tell what an element is. First those of most elements, then, looked at only where those do not
#: decide, those of a few.
USUAL = ("class", "id")
SELDOM = ("itemprop", "rel", "role", "data-testid", "data-component", "data-lp-replacement-content")

#: The ways in which an attribute is compared, each with how what it is compared with stands among the lines of a page.
_ATTRIBUTE = r"(?:translate\()?@[\w|@-]+(?:,\s*'\w+'\s*,\s*'\w+'\s*\))?"
_COMPARED = (
    (re.compile(rf"{_ATTRIBUTE}\s*=\s*'([^']*)'"), "\n{}\n"),
    (re.compile(rf"starts-with\({_ATTRIBUTE},\s*'([^']*)'\)"), "\n{}"),
    (re.compile(rf"contains\({_ATTRIBUTE},\s*'([^']*)'\)"), "{}"),
)

_PREDICATES = re.compile(PREDICATE)
_LITERAL = re.compile(_QUOTED)
#: The step from what was found to the links inside, which narrows it.
_LINKS = re.compile(r"//a\[@href\]\s*$")
#: An element that is found by its name alone, and one that another must hold (`rel='me'`: an `@` is missing there).
_BARE = re.compile(r"(?:^|[|(])\s*\.?//(\w+)\s*(?=$|[|)])|(?<![@\w:-])(\w+)\s*=")


def letters(path: str) -> tuple[str, ...] | None:
    """Return what stands, some of it, among the marks of each page on which the expression finds something.

    That is lower-case letters, with a line's end where an attribute begins or ends there; an `@` and its name for an
    attribute of any value. None where an element may be found without, or by attributes that are not looked at here.
    """
    asked = _LINKS.sub("", path)
    names = attributes(asked)
    if not names or not names <= {*USUAL, *SELDOM}:
        return None
    found: set[str] = set()
    for _, pattern, _ in TEST.findall(asked):
        if (some := required(parse(pattern))) is None:
            return None
        found |= some
    asked = TEST.sub("", asked)
    for compared, line in _COMPARED:
        found |= {line.format(value) for value in compared.findall(asked)}
        asked = compared.sub("", asked)
    found |= {"@" + name for name in attributes(asked)}
    return tuple(sorted({one.lower() for one in found}, key=len))


def required(pattern: Iterable[tuple[Any, Any]]) -> set[str] | None:
    """Return strings of which each match of the parsed `pattern` has at least one in it, None where there are none.

    Of those that a sequence allows, the set whose shortest string is longest.
    """
    runs, sets = [""], []
    for kind, value in pattern:
        if kind is LITERAL:
            runs[-1] += chr(value)
            continue
        runs.append("\n" if kind is AT and value is AT_BEGINNING else "")
        if kind is BRANCH:
            branches = [required(branch) for branch in value[1]]
            sets.append(None if None in branches else set[str]().union(*filter(None, branches)))
        elif kind is SUBPATTERN:
            sets.append(required(value[-1]))
        # What may be left out, any of several characters, and what stands around requires nothing.
    choices = [{run} for run in runs if run.strip()] + [one for one in sets if one]
    return max(choices, key=lambda one: min(map(len, one)), default=None)


def elements(path: str) -> tuple[str, ...]:
    """Return the names of elements that the expression finds by their name, or by the name of an element inside."""
    asked = _LITERAL.sub("''", _LINKS.sub("", path))
    children = (child for _, child in _BARE.findall(asked) if child)
    return (*children, *(name for name, _ in _BARE.findall(_PREDICATES.sub("[]", asked)) if name))


def attributes(path: str) -> set[str]:
    """Return the attributes that the expression asks for, links' addresses aside."""
    return set(re.findall(r"@([\w-]+)", _LITERAL.sub("''", _LINKS.sub("", path))))
