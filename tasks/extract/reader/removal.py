"""Removing elements that hold no article before trafilatura looks for one, unless the article is in them.

An element that is never closed holds the rest of the page, and some pages put all that they have into a `nav` or an `aside`. So
an element is only removed if most of the page's prose is outside of it.
"""

from lxml.etree import XPath
from lxml.html import HtmlElement

from tasks.extract.reader.prose import prose_length
from tasks.extract.values import DROPPED, strip_dropped

# Elements that trafilatura removes itself, one by one, after it has searched and copied them some twenty times: 46 % of
# the elements of a news page. If they are removed first, the texts of 181 pages are the same.
_EMPTY = frozenset({"input", "link", "meta"})
_NO_TEXT = ("aside", "button", "footer", "iframe", "nav", "select", *_EMPTY)

#: Characters below which no article is in an element: two sentences, the least text of an article.
_SMALL = 150
#: Share of the page's characters below which none is either: measuring the prose of each menu would take 4 % of a page's time.
_LITTLE = 0.05
#: Share of the page's prose from which an element is left where it is: all rules may find the article there.
_LEFT = 0.5
#: Share from which it is taken for an ordinary one. Less (`_LEFT`) where it has what only an article has.
_ALL = 0.8

_OF_AN_ARTICLE = XPath("boolean(.//h1 or .//article or .//main or .//*[@itemprop='articleBody'])")


def remove_without_text(tree: HtmlElement) -> None:
    """Remove from `tree` what holds no article; make a `div` of what holds the page's."""
    least = max(_SMALL, _LITTLE * len(tree.text_content()))
    whole: int | None = None
    for element in list(tree.iter(*_NO_TEXT)):
        if element.tag in _EMPTY:
            element.tag = DROPPED
        elif not _in_dropped(element):
            if _holds_prose(element, least):
                whole = prose_length(tree) if whole is None else whole
                _judge(element, whole)
            elif element.find(".//script") is None:  # JSON-LD may contain the whole text
                element.tag = DROPPED
    strip_dropped(tree)


def _holds_prose(element: HtmlElement, least: float) -> bool:
    return len(element.text_content()) >= least and prose_length(element) >= _SMALL


def _in_dropped(element: HtmlElement) -> bool:
    return any(one.tag == DROPPED for one in element.iterancestors())


def _judge(element: HtmlElement, whole: int) -> None:
    """Decide on an element with prose, of `whole` characters that the page has; what is decided of others changes none."""
    share = prose_length(element) / (whole or 1)
    if share > _ALL or (share > _LEFT and _OF_AN_ARTICLE(element)):
        element.attrib.clear()  # a class that says "menu" is as wrong as the tag
        element.tag = "div"
    elif share <= _LEFT and element.find(".//script") is None:
        element.tag = DROPPED
