"""The article of a page that is in its data: put where a page has it, and read as any other page."""

from datetime import datetime

import msgspec
from lxml.etree import ParserError, tostring
from lxml.html import HtmlElement

from tasks.errors import Rejected
from tasks.extract.authors import authors_in
from tasks.extract.fields import ExtractedFields
from tasks.extract.markup import remove_code
from tasks.extract.page import parse, read_page
from tasks.extract.page_data.choice import PageNames, article_in
from tasks.extract.page_data.scripts import data_of
from tasks.extract.page_links import links_of

#: What of a shell describes the article: its other elements have no text, or that of a notice.
_DESCRIBES = ("title", "meta", "link", "base")
_TITLES = frozenset(("og:title", "twitter:title", "title", "dc.title"))
_SITES = frozenset(("og:site_name", "application-name", "apple-mobile-web-app-title"))


def read_page_data(html: str, url: str, fetched: datetime | None = None) -> ExtractedFields | None:
    """Return the fields of the article in the data of the page `html` at `url`, fetched at `fetched`; None where there is none.

    For a page in which no article was found as it is. Title, authors and day are those of the data, where it has them; the
    rest is what the head of the page says.
    """
    data = data_of(html)
    if not data.values:
        return None
    try:
        tree = parse(remove_code(html))
    except ParserError:
        return None
    found = article_in(data, _names(tree, url))
    if found is None:
        return None
    head = b"".join(
        tostring(one, encoding="utf-8", with_tail=False, method="html") for one in tree.iter(*_DESCRIBES)
    ).decode()
    if found.date:  # the first of this name counts
        head = f'<meta property="article:published_time" content="{found.date}">{head}'
    article = _without_surrogates(f"<article>{found.html}</article>")
    try:
        fields = read_page(
            f"<!DOCTYPE html><html><head>{head}</head><body>{article}</body></html>", url, fetched
        )
    except Rejected:
        return None
    sites = filter(None, (fields.site, fields.publisher))
    authors = authors_in(_without_surrogates(found.author or ""), fields.declared_language, sites)
    if authors.credited:
        author, agency = "; ".join(authors.credited), "; ".join(authors.agencies)
        fields = msgspec.structs.replace(fields, author=author, authors=authors.names, agency=agency)
    return msgspec.structs.replace(fields, title=_without_surrogates(found.title) or fields.title)


def _names(tree: HtmlElement, url: str) -> PageNames:
    named: dict[str, list[str]] = {"title": [], "site": []}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or "").lower()
        kind = "title" if name in _TITLES else "site" if name in _SITES else ""
        if kind and (content := meta.get("content")):
            named[kind].append(content)
    titles = [one.text_content() for one in tree.iter("title", "h1")]
    links = links_of(tree, url)
    urls = filter(None, (url, links.canonical_link, links.og_url))
    return PageNames(tuple(filter(str.strip, (*named["title"], *titles))), tuple(urls), tuple(named["site"]))


def _without_surrogates(text: str) -> str:
    """Return `text` with the halves of characters joined, and those alone replaced: JSON may have any."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
