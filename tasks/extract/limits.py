"""Limits on the size of a page: beyond them libxml2 and trafilatura take minutes.

Each is at least ten times what the largest of 181 news pages has. A page at a limit takes up to 5 s and 160 MB.
"""

import re

from lxml.html import HtmlElement

from tasks.errors import Reason, Rejected
from tasks.extract.markup import MAX_DATA

#: Characters of a page without scripts and styles; 225,000 on the largest news page.
MAX_CHARACTERS = 3_000_000
#: Start tags of a page; 1,570 on the largest news page. Each costs up to .2 ms, and trafilatura needs quadratic time where
#: all are in one element.
MAX_ELEMENTS = 16_000
#: Tags and comments in all: libxml2 makes an element of a `</p>` that closes nothing, too.
MAX_TAGS = 3 * MAX_ELEMENTS
#: Attributes of one element; at most 64 on a news page. libxml2 compares each with all before it: 20,000 take 0.5 s,
#: 200,000 a minute.
MAX_ATTRIBUTES = 1_000
#: Attributes of all elements; at most 3,650 on a news page. Each takes 1.6 KB, since trees are copied.
MAX_ATTRIBUTES_IN_ALL = 100_000
#: Elements in one paragraph, such as bold words. trafilatura unwraps them, which takes quadratic time in lxml: 1.2 s for
#: 5,000, 8 s for 10,000.
MAX_IN_PARAGRAPH = 3_000

#: Attributes are not counted on shorter pages: 15,000 of the shortest on one element take 1.7 s.
_COUNTED_FROM = 100_000
# A start tag as in HTML, 13.2.5. Possessive quantifiers (`*+`, `?+`) keep it linear, also where a quote is never closed.
_ATTRIBUTE = r"""[\s/]*+(?=[^\s/>])=?+[^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>]*+))?+"""
_NAME = r"<[a-zA-Z][^\s/>]*+"
_TAG = re.compile(f"{_NAME}(?:{_ATTRIBUTE})*+")
_START = re.compile(_NAME)
_ONE = re.compile(_ATTRIBUTE)


def check_size(html: str) -> int:
    """Return the number of tags of `html`, a page without scripts and styles, closing ones too.

    Raises Rejected(too_large) where parsing it would take too long.
    """
    if len(html) > MAX_CHARACTERS:
        raise _too_large(len(html), "characters without scripts and styles", MAX_CHARACTERS)
    tags = html.count("<")
    if tags > MAX_TAGS:
        raise _too_large(tags, "tags", MAX_TAGS)
    if tags > MAX_ELEMENTS and (elements := tags - html.count("</")) > MAX_ELEMENTS:
        raise _too_large(elements, "elements", MAX_ELEMENTS)
    if len(html) > _COUNTED_FROM:
        _check_attributes([tag[0] for tag in _TAG.finditer(html)])
    return tags


def _check_attributes(tags: list[str]) -> None:
    """Raise Rejected for too many attributes; a tag is only parsed if it is long enough, at two characters each."""
    long = [tag for tag in tags if len(tag) > 2 * MAX_ATTRIBUTES]
    if (most := max(map(_attributes, long), default=0)) > MAX_ATTRIBUTES:
        raise _too_large(most, "attributes on one element", MAX_ATTRIBUTES)
    if (
        sum(map(len, tags)) > 2 * MAX_ATTRIBUTES_IN_ALL
        and (all_ := sum(map(_attributes, tags))) > MAX_ATTRIBUTES_IN_ALL
    ):
        raise _too_large(all_, "attributes", MAX_ATTRIBUTES_IN_ALL)


def _attributes(tag: str) -> int:
    """Return the number of attributes: they follow each other without a gap."""
    number, found = -1, _START.match(tag)
    while found:
        number, found = number + 1, _ONE.match(tag, found.end())
    return number


def check_tree(tree: HtmlElement) -> None:
    """Raise Rejected(too_large) where extraction from `tree` would take too long. Removes scripts over MAX_DATA."""
    for script in list(tree.iter("script")):  # `remove_code` leaves a script that is never closed
        if len(script.text or "") > MAX_DATA:
            script.drop_tree()
    for paragraph in tree.iter("p"):
        if len(paragraph) and (most := sum(1 for _ in paragraph.iterdescendants())) > MAX_IN_PARAGRAPH:
            raise _too_large(most, "elements in one paragraph", MAX_IN_PARAGRAPH)


def _too_large(number: int, what: str, most: int) -> Rejected:
    return Rejected(Reason.TOO_LARGE, f"{number:,} {what}, the maximum is {most:,}")
