"""Reading an HTML page: trafilatura, in the settings that were measured.

F1 on the 181 pages of the article-extraction-benchmark (its own measure), CPU a page: trafilatura's default
.953 at 31 ms; comments off .960 at 29 ms; fast .962, but .953 -> .934 on another set; fast, and in full where
the text stays short: .960 at 23 ms, and equal or better on all four sets tried. `deduplicate` is never used:
it remembers paragraphs from one page to the next.
"""

import re
from collections.abc import Iterable
from urllib.parse import urljoin

import trafilatura
from htmldate import find_date
from lxml.etree import ElementDefaultClassLookup, ParserError
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura.settings import Document

from tasks.errors import Reason, Rejected
from tasks.extract.characters import printable
from tasks.extract.draft import Draft
from tasks.extract.links import MOST_LINKED, link_share
from tasks.extract.markup import without_code
from tasks.extract.titles import clean_title

#: A text of fewer characters makes the cascade go on from the fast rules to the full ones. Real articles
#: below it are few; on most of those pages the fast rules missed something.
SHORT = 1000

# A UTC offset of 24 hours or more, which datetime refuses with a ValueError (RFC 3339 allows up to 23:59).
_WILD_ZONE = re.compile(r"T.*[+-](?:2[4-9]|[3-9]\d):?\d\d$")

# Makes every part load what it loads on first use. dateparser, which takes 0.5 to 1.8 s: by a date without a
# year and one in Polish. justext's lists of words, 0.7 s: by a short text. The list of top-level domains, 0.3 s:
# by a domain of fewer than four letters.
_SAMPLE = (
    "<html><head><title>Sample</title></head><body><p>12 lutego 12:30</p><p>dnia 3 lutego 2019</p>"
    "<article><p>A paragraph that is long enough to be taken for the text of an article.</p></article></body></html>"
)
_SAMPLE_URL = "http://x.org/"


def read_page(html: str, url: str) -> Draft:
    """Return what trafilatura finds in the page `html` of `url`; the text is empty where it finds none.

    Raises Rejected(no_article) for a page of links.
    """
    try:
        tree = _parse(without_code(html))
    except ParserError:  # nothing in it but white space
        return Draft(text="")
    found = _metadata(tree, url)
    headings = [heading.text_content() for heading in tree.iter("h1")]
    return Draft(
        text=_text(tree, url),
        title=clean_title(_string(found.title), headings=headings, site=_string(found.sitename), url=url),
        author=_string(found.author),
        date=_day(found.date, tree, url),
        site=_string(found.sitename),
        description=_string(found.description),
        image=_link(_string(found.image), url),
        categories=_strings(found.categories),
        tags=_strings(found.tags),
        page_type=_string(found.pagetype),
        license=_string(found.license),
    )


def warm() -> None:
    """Load what trafilatura loads on first use, so that forked workers share it; takes 1 to 3 s."""
    read_page(_SAMPLE, _SAMPLE_URL)


def _parse(html: str) -> HtmlElement:
    """Return the tree of `html`; raises lxml.etree.ParserError where there is none.

    The parser has trafilatura's settings but for two. `huge_tree`: libxml2 gives up below 256 nested elements
    without it, below 2,048 with it, and old pages with unclosed tags nest deeper than 256. A class lookup in C:
    lxml.html's own, in Python, takes a fifth of the time and serves forms, which nobody reads here.
    """
    parser = HTMLParser(
        collect_ids=False,
        default_doctype=False,
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
    )
    parser.set_element_class_lookup(ElementDefaultClassLookup(element=HtmlElement))
    return document_fromstring(html.encode(), parser=parser)


def _metadata(tree: HtmlElement, url: str) -> Document:
    """Return the page's metadata; without its dates where one has a time zone that htmldate breaks on."""
    try:
        return trafilatura.extract_metadata(tree, default_url=url)
    except ValueError:
        for element in tree.iter("meta", "time"):
            for name in ("content", "datetime"):
                if _WILD_ZONE.search(element.get(name, "")):
                    del element.attrib[name]
        return trafilatura.extract_metadata(tree, default_url=url)


def _text(tree: HtmlElement, url: str) -> str:
    """Return the text by the fast rules, where that is short by the full ones."""
    text = _attempt(tree, url, fast=True)
    if len(text) < SHORT:
        text = _attempt(tree, url, fast=False) or text
        share = link_share(text, tree)
        if share > MOST_LINKED:
            raise Rejected(Reason.NO_ARTICLE, f"a list of links: {share:.0%} of the text")
    return printable(text).strip()


def _attempt(tree: HtmlElement, url: str, *, fast: bool) -> str:
    found = trafilatura.bare_extraction(tree, url=url, fast=fast, include_comments=False)
    return (found.text or "") if isinstance(found, Document) else ""


def _day(date: str | None, tree: HtmlElement, url: str) -> str | None:
    """Return `date` unless it is a 1 January that no markup gives.

    The extensive search turns a bare year, such as a copyright notice's, into its first day.
    """
    if date and date.endswith("-01-01"):
        marked: str | None = find_date(tree, extensive_search=False, original_date=True, url=url)
        return date if marked == date else None
    return date


def _string(value: object) -> str | None:
    """Return `value` if it is text: JSON-LD has objects and lists where trafilatura expects strings."""
    return value if isinstance(value, str) else None


def _strings(values: Iterable[object] | None) -> tuple[str, ...]:
    return tuple(value for value in values or () if isinstance(value, str))


def _link(link: str | None, url: str) -> str | None:
    """Return `link` as an absolute http(s) URL, None where it is none."""
    try:
        link = urljoin(url, link) if link else None
    except ValueError:
        return None
    return link if link and link.startswith(("http://", "https://")) else None
