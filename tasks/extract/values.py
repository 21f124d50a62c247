"""Bounds on attribute values and on what is in the head of a page, before expressions see them."""

import re

from lxml.etree import XPath, strip_elements
from lxml.html import HtmlElement

#: Characters of an attribute value; at most 7,210 on a news page. Longer ones are pictures, or state of a script.
LONGEST_VALUE = 10_000
#: Kept at any length: it holds the texts of a forum (`trafilatura.baseline`).
_KEPT = "data-preloaded"
#: `<meta>` elements; at most 134 on a news page. Each author among them costs milliseconds.
MAX_METAS = 1_000
#: JSON-LD scripts; at most 6 on a news page.
MAX_SCRIPTS = 100

#: The name of elements that are removed together: `drop_tree` copies the text before each, 15,000 times 1 MB.
DROPPED = "newsmill-dropped"

_IN_SINGLE_QUOTES = re.compile(rf"'(?<=[=\s]')[^']{{{LONGEST_VALUE}}}")
_LONG = XPath(f"//*[@*[string-length() > {LONGEST_VALUE}]]")


def may_have_long_values(markup: str) -> bool:
    """Return whether an attribute value in `markup` may be longer than LONGEST_VALUE.

    Such a value has nothing that would end it in so many characters: its quote or, without one, a `>`. Apostrophes are rare in
    many languages, so that only those behind `=` or a space count. Looking for that takes some 0.1 ms a page; looking at each
    attribute of the tree of a long page, 2.6 ms.
    """
    return _has_gap(markup, '"') or _has_gap(markup, ">") or bool(_IN_SINGLE_QUOTES.search(markup))


def _has_gap(markup: str, end: str) -> bool:
    """Return whether `markup` has LONGEST_VALUE characters in a row without `end`."""
    at = 0
    while at + LONGEST_VALUE < len(markup):
        last = markup.rfind(end, at, at + LONGEST_VALUE)
        if last < 0:
            return True
        at = last + 1
    return False


def bound_values(tree: HtmlElement) -> None:
    """Cut the long contents of `<meta>` elements, and remove other long attributes."""
    for element in _LONG(tree):
        for name, value in element.attrib.items():
            if len(value) > LONGEST_VALUE and name != _KEPT:
                if element.tag == "meta":
                    element.set(name, value[:LONGEST_VALUE])
                else:
                    del element.attrib[name]


def bound_numbers(tree: HtmlElement) -> None:
    """Remove the `<meta>` elements and JSON-LD scripts that are too many."""
    for tag, most in (("meta", MAX_METAS), ("script", MAX_SCRIPTS)):
        for element in list(tree.iter(tag))[most:]:
            element.tag = DROPPED
    strip_dropped(tree)


def strip_dropped(tree: HtmlElement) -> None:
    """Remove the elements that are named DROPPED from `tree`, with all in them; the text after them stays."""
    if next(tree.iter(DROPPED), None) is not None:
        strip_elements(tree, DROPPED, with_tail=False)
