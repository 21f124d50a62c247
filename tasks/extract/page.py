"""Extraction from an HTML page: parsed once for its metadata (tasks/extract/metadata.py) and its text (article_text.py)."""

from datetime import datetime

import msgspec
from lxml.etree import ElementDefaultClassLookup, ErrorTypes, ParserError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from tasks.extract.article_text import article_text
from tasks.extract.compat import shortcuts
from tasks.extract.fields import ExtractedFields
from tasks.extract.limits import check_size, check_tree
from tasks.extract.linear_compat import LARGE, linear
from tasks.extract.markup import remove_code
from tasks.extract.metadata import metadata_of
from tasks.extract.nesting import check_nesting, flatten, without_deep_wrappers
from tasks.extract.reader.lines import join_lines
from tasks.extract.saved_pages import address_in_page
from tasks.extract.statement import read_statement
from tasks.extract.values import bound_numbers, bound_values, may_have_long_values
from tasks.extract.xpath_optimizer.rewriting import optimized_xpaths
from tasks.walls.marks import vendors
from tasks.walls.phrases import phrases

#: Tags up to which numbers are not checked, closing ones too; the largest of 181 news pages has fewer.
_USUAL_TAGS = 3_200

# Pages that load what is loaded on first use. justext's stop words (0.7 s): a short text. The list of top-level domains
# (0.3 s): a domain of fewer than four letters. The names of months: a date with one.
_SAMPLE = (
    "<html><head><title>Sample</title></head><body><p>12 lutego 12:30</p><p>dnia 3 lutego 2019</p>"
    "<article><p>A paragraph that is long enough to be taken for the text of an article.</p></article></body></html>"
)
# The expressions that test classes and ids.
_SAMPLE_WITH_CLASSES = (
    '<html><head><title>Sample</title><meta name="date" content="12 February 2019 12:30"></head><body id="a" class="b">'
    '<div id="a" class="b"><h1 id="a" class="b">Sample</h1><a href="/tag/a" class="b">A</a><p>A paragraph.</p></div>'
    "</body></html>"
)
_SAMPLE_URL = "http://x.org/"


def read_page(html: str, url: str, fetched: datetime | None = None) -> ExtractedFields:
    """Return the fields of the page `html` at `url`; the text is empty where there is none.

    `fetched` is when it was, with a zone (by default, now): no date of the page is later.

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
    saved_from = address_in_page(html, tree) if url.startswith("file:") else None
    with optimized_xpaths(tree), shortcuts(), linear(markup):
        statement = read_statement(tree, url, markup)
        fields = metadata_of(statement, fetched)
        text = article_text(tree, url)
    return msgspec.structs.replace(
        fields,
        text=text,
        canonical_link=statement.links.canonical_link,
        og_url=statement.links.og_url,
        amphtml=statement.links.amphtml,
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
