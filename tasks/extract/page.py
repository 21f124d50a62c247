"""Reading an HTML page: trafilatura, in the settings that were measured.

F1 on the 181 pages of the article-extraction-benchmark (its own measure): trafilatura's default .953; comments
off .960; fast .962, but .953 -> .934 on another set; fast, and in full where the text stays short: .960, and
equal or better on all four sets tried. `deduplicate` is never used: it remembers paragraphs from one page to
the next. What each step saves: docs/extraction.md.
"""

import re
from collections.abc import Iterable
from copy import copy
from functools import cache
from urllib.parse import urljoin

import trafilatura
from htmldate import find_date
from lxml.etree import ElementDefaultClassLookup, ParserError
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura.settings import Document
from trafilatura.settings import Extractor as Options

from tasks.errors import Reason, Rejected
from tasks.extract.characters import printable
from tasks.extract.compat import shortcuts
from tasks.extract.draft import Draft
from tasks.extract.limits import check_markup, check_tree
from tasks.extract.links import MOST_LINKED, link_share
from tasks.extract.markup import without_code
from tasks.extract.titles import clean_title
from tasks.extract.xpath_optimizer.rewriting import optimized_xpaths

#: A text of fewer characters makes the cascade go on from the fast rules to the full ones. Real articles
#: below it are few; on most of those pages the fast rules missed something.
SHORT = 1000

# Elements that trafilatura takes out itself, one by one and after it has searched and copied them some twenty
# times; 46 % of a news page's. Gone beforehand, the text of 181 pages is the same.
_NO_TEXT = ("aside", "button", "footer", "iframe", "input", "link", "meta", "nav", "select")
# Shares of a page's words, and of links in them, that make a text no article found but the page as it is, menus
# and all: where the fast rules find nothing, they give that. Of 181 news pages 18 have .9 of the words in their
# text; one of them .53 of links, the others .04 at most.
_WHOLE_PAGE, _MENUS = 0.9, 0.25

# A UTC offset of 24 hours or more, which datetime refuses with a ValueError (RFC 3339 allows up to 23:59).
_WILD_ZONE = re.compile(r"T.*[+-](?:2[4-9]|[3-9]\d):?\d\d$")

# Makes every part load what it loads on first use. dateparser, which takes 0.5 to 1.8 s: by a date without a
# year and one in Polish. justext's lists of words, 0.7 s: by a short text. The list of top-level domains, 0.3 s:
# by a domain of fewer than four letters.
_SAMPLE = (
    "<html><head><title>Sample</title></head><body><p>12 lutego 12:30</p><p>dnia 3 lutego 2019</p>"
    "<article><p>A paragraph that is long enough to be taken for the text of an article.</p></article></body></html>"
)
# The parser of plain dates, and the expressions that ask for classes and ids.
_MARKED_SAMPLE = (
    '<html><head><title>Sample</title><meta name="date" content="12 February 2019 12:30"></head><body id="a" class="b">'
    '<div id="a" class="b"><h1 id="a" class="b">Sample</h1><a href="/tag/a" class="b">A</a><p>A paragraph.</p></div>'
    "</body></html>"
)
_SAMPLE_URL = "http://x.org/"


def read_page(html: str, url: str) -> Draft:
    """Return what trafilatura finds in the page `html` of `url`; the text is empty where it finds none.

    Raises Rejected: no_article for a page of links, too_large for one that would take minutes.
    """
    markup = without_code(html)
    check_markup(markup)
    try:
        tree = _parse(markup)
    except ParserError:  # nothing in it but white space
        return Draft(text="")
    check_tree(tree)
    with optimized_xpaths(tree), shortcuts():
        found = _metadata(tree, url)
        date = _day(found.date, tree, url)
        headings = [heading.text_content() for heading in tree.iter("h1")]
        text = _text(tree, url)
    return Draft(
        text=text,
        title=clean_title(_string(found.title), headings=headings, site=_string(found.sitename), url=url),
        author=_string(found.author),
        date=date,
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
    for sample in (_SAMPLE, _MARKED_SAMPLE):
        read_page(sample, _SAMPLE_URL)


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
    """Return the text by the fast rules, where that is short or all of the page by the full ones.

    Takes from `tree` what has no text.
    """
    for element in list(tree.iter(*_NO_TEXT)):
        if element.find(".//script") is None:  # JSON-LD, where the whole text may stand
            element.drop_tree()
    text = _attempt(tree, url, fast=True)
    if len(text) < SHORT or _is_whole_page(text, tree):
        text = _attempt(tree, url, fast=False) or text
        share = link_share(text, tree)
        if share > MOST_LINKED:
            raise Rejected(Reason.NO_ARTICLE, f"a list of links: {share:.0%} of the text")
    return printable(text).strip()


def _is_whole_page(text: str, tree: HtmlElement) -> bool:
    words = len(text.split())
    return words > len(tree.text_content().split()) * _WHOLE_PAGE and link_share(text, tree) > _MENUS


def _attempt(tree: HtmlElement, url: str, *, fast: bool) -> str:
    options = copy(_options(fast=fast))
    options.url = options.source = url
    try:
        found = trafilatura.bare_extraction(tree, url=url, options=options)
    except RecursionError:  # it walks lists, and what else is nested, by calling itself
        return str(trafilatura.baseline(tree)[1])
    return (found.text or "") if isinstance(found, Document) else ""


@cache
def _options(*, fast: bool) -> Options:
    """Return the options of an attempt, which trafilatura otherwise reads from its configuration each time."""
    return Options(fast=fast, comments=False, output_format="python")


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
