"""Extraction from an HTML page with trafilatura: its metadata here, its text in tasks/extract/article_text.py."""

import re
from collections.abc import Iterable
from urllib.parse import urljoin

import trafilatura
from htmldate import find_date
from lxml.etree import ElementDefaultClassLookup, ErrorTypes, ParserError
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura.settings import Document

from tasks.extract.article_text import article_text
from tasks.extract.compat import shortcuts
from tasks.extract.fields import ExtractedFields
from tasks.extract.limits import check_size, check_tree
from tasks.extract.linear_compat import LARGE, linear
from tasks.extract.markup import remove_code
from tasks.extract.nesting import check_nesting, flatten, without_deep_wrappers
from tasks.extract.page_links import links_of
from tasks.extract.reader.lines import join_lines
from tasks.extract.saved_pages import address_in_page
from tasks.extract.statement import read_statement
from tasks.extract.titles import title_of
from tasks.extract.values import bound_numbers, bound_values, may_have_long_values
from tasks.extract.xpath_optimizer.rewriting import optimized_xpaths
from tasks.walls.marks import vendors
from tasks.walls.phrases import phrases

#: Tags up to which numbers are not checked, closing ones too; the largest of 181 news pages has fewer.
_USUAL_TAGS = 3_200

# A UTC offset of 24 hours or more: datetime raises ValueError, and htmldate does not catch it. RFC 3339 allows up to 23:59.
_INVALID_OFFSET = re.compile(r"T[^T]{0,40}[+-](?:2[4-9]|[3-9]\d):?\d\d$")

# Pages that make trafilatura's dependencies load what they load on first use. dateparser (0.5 to 1.8 s): a date without a
# year, and one in Polish. justext's stop words (0.7 s): a short text. The list of top-level domains (0.3 s): a domain of
# fewer than four letters.
_SAMPLE = (
    "<html><head><title>Sample</title></head><body><p>12 lutego 12:30</p><p>dnia 3 lutego 2019</p>"
    "<article><p>A paragraph that is long enough to be taken for the text of an article.</p></article></body></html>"
)
# The parser of plain dates, and the expressions that test classes and ids.
_SAMPLE_WITH_CLASSES = (
    '<html><head><title>Sample</title><meta name="date" content="12 February 2019 12:30"></head><body id="a" class="b">'
    '<div id="a" class="b"><h1 id="a" class="b">Sample</h1><a href="/tag/a" class="b">A</a><p>A paragraph.</p></div>'
    "</body></html>"
)
_SAMPLE_URL = "http://x.org/"


def read_page(html: str, url: str) -> ExtractedFields:
    """Return the fields of the page `html` at `url`; the text is empty where there is none.

    Raises Rejected: no_article for a list of links, too_large for a page that would take minutes.
    """
    markup = join_lines(remove_code(html))
    tags = check_size(markup)
    try:
        tree = parse(markup)
    except ParserError:  # nothing but white space
        return ExtractedFields(text="")
    check_tree(tree)
    if tags > _USUAL_TAGS:
        bound_numbers(tree)
        check_nesting(tree)
    if may_have_long_values(markup):
        bound_values(tree)
    links = links_of(tree, url)
    saved_from = address_in_page(html, tree) if url.startswith("file:") else None
    with optimized_xpaths(tree), shortcuts(), linear(markup):
        found = _metadata(tree, url)
        date = _day(found.date, tree, url)
        title = title_of(read_statement(tree, url))
        text = article_text(tree, url)
    return ExtractedFields(
        text=text,
        title=title,
        author=_string(found.author),
        date=date,
        site=_string(found.sitename),
        description=_string(found.description),
        image=_link(_string(found.image), url),
        categories=_strings(found.categories),
        tags=_strings(found.tags),
        page_type=_string(found.pagetype),
        license=_string(found.license),
        canonical_link=links.canonical_link,
        og_url=links.og_url,
        amphtml=links.amphtml,
        saved_from=saved_from,
    )


def warm() -> None:
    """Load what trafilatura and the recognition of walls load on first use, so that forked workers share it: 1 to 3 s."""
    phrases()
    vendors()
    for sample in (_SAMPLE, _SAMPLE_WITH_CLASSES):
        read_page(sample, _SAMPLE_URL)


def parse(html: str) -> HtmlElement:
    """Return the tree of `html`; raises lxml.etree.ParserError where there is none.

    Two settings differ from trafilatura's. All elements have one class: choosing among those of lxml.html costs 4 % of a
    page's enrichment, and only gives forms and inputs methods of their own. And `huge_tree` allows 2,048 nested elements
    instead of 256, which old pages with unclosed tags exceed: then they are flattened.
    """
    parser = _parser(huge_tree=False)
    tree = document_fromstring(html.encode(), parser=parser)
    last = parser.error_log.last_error
    deep = last is not None and last.type == ErrorTypes.ERR_RESOURCE_LIMIT
    if deep:  # libxml2 has dropped the rest of the page
        parser = _parser(huge_tree=True)
        tree = document_fromstring(html.encode(), parser=parser)
        last = parser.error_log.last_error
        if last is not None and last.type == ErrorTypes.ERR_RESOURCE_LIMIT:
            tree = document_fromstring(without_deep_wrappers(html).encode(), parser=_parser(huge_tree=True))
    if deep or len(html) > LARGE:
        flatten(tree, len(html))
    return tree


def _parser(*, huge_tree: bool) -> HTMLParser:
    parser = HTMLParser(
        collect_ids=False,
        default_doctype=False,
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        huge_tree=huge_tree,
    )
    parser.set_element_class_lookup(ElementDefaultClassLookup(element=HtmlElement))
    return parser


def _metadata(tree: HtmlElement, url: str) -> Document:
    """Return the page's metadata; dates that make htmldate raise ValueError are removed first."""
    try:
        return trafilatura.extract_metadata(tree, default_url=url)
    except ValueError:
        for element in tree.iter("meta", "time"):
            for name in ("content", "datetime"):
                if _INVALID_OFFSET.search(element.get(name, "")):
                    del element.attrib[name]
        return trafilatura.extract_metadata(tree, default_url=url)


def _day(date: str | None, tree: HtmlElement, url: str) -> str | None:
    """Return `date`, None for a 1 January that is not in the markup.

    htmldate's extensive search turns a year alone, as in a copyright notice, into its first day.
    """
    if date and date.endswith("-01-01"):
        marked: str | None = find_date(tree, extensive_search=False, original_date=True, url=url)
        return date if marked == date else None
    return date


def _string(value: object) -> str | None:
    """Return `value` if it is a string: JSON-LD may have objects and lists where trafilatura expects one."""
    return value if isinstance(value, str) else None


def _strings(values: Iterable[object] | None) -> tuple[str, ...]:
    return tuple(value for value in values or () if isinstance(value, str))


def _link(link: str | None, url: str) -> str | None:
    """Return `link` as an absolute URL, None if it is not http(s)."""
    try:
        link = urljoin(url, link) if link else None
    except ValueError:
        return None
    return link if link and link.startswith(("http://", "https://")) else None
