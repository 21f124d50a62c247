"""What a page may weigh at most: beyond it, libxml2 and trafilatura take minutes, and the worker with them.

The limits are ten times and more what the largest of 181 news pages has; a page at a limit takes up to 5 s
and 160 MB. What is larger is no article.
"""

import re

from lxml.html import HtmlElement

from tasks.errors import Reason, Rejected
from tasks.extract.markup import MOST_DATA

#: Characters of a page without its code; 225,000 on the largest news page.
MOST_CHARACTERS = 3_000_000
#: Start tags of a page; 1,570 on the largest news page. 100,000 in nested divs take trafilatura 23 s.
MOST_ELEMENTS = 30_000
#: Attributes of an element; 64 at most on a news page. libxml2 compares each with all before it: 20,000 take
#: half a second, 200,000 a minute.
MOST_ATTRIBUTES = 1_000
#: Attributes of all elements; 3,650 at most on a news page. As trees are copied, each takes 1.6 KB.
MOST_ATTRIBUTES_IN_ALL = 100_000
#: Elements in one paragraph; bold words, say. trafilatura unwraps them, and lxml then counts each piece of text
#: from the first one: 5,000 take 1.2 s, 10,000 take 8.
MOST_IN_PARAGRAPH = 3_000

#: Characters of a page that cannot hold enough attributes to hurt: 15,000 of the shortest on one element take 1.7 s.
_HARMLESS = 100_000
# A start tag as in HTML, 13.2.5. Nothing in it is tried twice (`*+`, `?+`), so it takes linear time, quotes that
# are never closed included.
_ATTRIBUTE = r"""[\s/]*+(?=[^\s/>])=?+[^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>]*+))?+"""
_NAME = r"<[a-zA-Z][^\s/>]*+"
_TAG = re.compile(f"{_NAME}(?:{_ATTRIBUTE})*+")
_ATTRIBUTES = re.compile(f"{_NAME}|{_ATTRIBUTE}")


def check_markup(html: str) -> None:
    """Raise Rejected(too_large) where parsing `html`, a page without code, would take too long."""
    if len(html) > MOST_CHARACTERS:
        raise _too_large(len(html), "characters without its code", MOST_CHARACTERS)
    tags = html.count("<")
    if tags > MOST_ELEMENTS and (elements := tags - html.count("</")) > MOST_ELEMENTS:
        raise _too_large(elements, "elements", MOST_ELEMENTS)
    if len(html) > _HARMLESS:
        _check_attributes([tag[0] for tag in _TAG.finditer(html)])


def _check_attributes(tags: list[str]) -> None:
    """Count only where there may be too many: an attribute takes two characters."""
    long = [tag for tag in tags if len(tag) > 2 * MOST_ATTRIBUTES]
    if (most := max(map(_attributes, long), default=0)) > MOST_ATTRIBUTES:
        raise _too_large(most, "attributes on one element", MOST_ATTRIBUTES)
    if (
        sum(map(len, tags)) > 2 * MOST_ATTRIBUTES_IN_ALL
        and (all_ := sum(map(_attributes, tags))) > MOST_ATTRIBUTES_IN_ALL
    ):
        raise _too_large(all_, "attributes", MOST_ATTRIBUTES_IN_ALL)


def _attributes(tag: str) -> int:
    return sum(1 for _ in _ATTRIBUTES.finditer(tag)) - 1


def check_tree(tree: HtmlElement) -> None:
    """Raise Rejected(too_large) where extracting from `tree` would take too long; JSON-LD that does so goes."""
    for script in list(tree.iter("script")):  # one that is never closed was left to the parser
        if len(script.text or "") > MOST_DATA:
            script.drop_tree()
    for paragraph in tree.iter("p"):
        if len(paragraph) and (most := sum(1 for _ in paragraph.iterdescendants())) > MOST_IN_PARAGRAPH:
            raise _too_large(most, "elements in one paragraph", MOST_IN_PARAGRAPH)


def _too_large(number: int, what: str, most: int) -> Rejected:
    return Rejected(Reason.TOO_LARGE, f"{number:,} {what}, at most {most:,} are read")
