"""The statement of a page: what fields are read from (`dates`, `authors`, `titles`, `fields`)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml.etree import XPath
from lxml.html import HtmlElement

from tasks.extract.page_links import PageLinks, links_of
from tasks.extract.statement.choice import article_of, headlines_of
from tasks.extract.statement.json_ld import values_in
from tasks.extract.statement.metas import metas_in
from tasks.extract.statement.microdata import items_in, may_have_items
from tasks.extract.statement.nodes import Node, nodes_in, texts_of, types_of

#: BCP 47, or with an underscore as in og:locale.
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,3}")
#: `<h1>` elements that are looked at, pieces of text in one, and characters of one.
_MAX_HEADINGS, _PIECES, _LONGEST = 20, 100, 500
#: The title of the page; pictures have titles, too.
_TITLE = XPath("//title[parent::head or parent::html or parent::body]")
#: Metas that name the site.
_SITE_METAS = (
    "og:site_name",
    "application-name",
    "apple-mobile-web-app-title",
    "twitter:site",
    "dc.publisher",
    "publisher",
)
_SITE_TYPES = frozenset(("website", "organization", "newsmediaorganization", "corporation"))
_TITLE_METAS = ("og:title", "twitter:title")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a page states of itself, read once."""

    #: Where the page was fetched from, after redirects.
    url: str
    #: The whole tree, before elements are dropped.
    tree: HtmlElement
    #: What JSON-LD, then microdata and RDFa say of things, flat and in document order. A reference by `@id` is resolved
    #: once; what else a node has beneath it is as the page has it: of any type.
    nodes: tuple[Node, ...]
    #: The node that is this article; None where no node surely is.
    article: Node | None
    #: Contents of `<meta>` elements by their names in lower case, each on one line, in order.
    metas: Mapping[str, tuple[str, ...]]
    #: URLs that the page gives for itself.
    links: PageLinks
    #: The language as declared, e.g. `de-AT`: by `<html lang>`, else the article's node, og:locale, content-language.
    language: str | None
    #: Names of the site, as given: of metas and nodes first, then those that its host consists of.
    site_names: tuple[str, ...]
    #: The h1 elements, and the `<title>` if there is one: each on one line.
    headings: tuple[str, ...]
    title: str | None
    #: What the page calls the article, on one line each: h1 elements, the node's headlines, og:title, twitter:title, `<title>`.
    headlines: tuple[str, ...]

    def meta(self, *names: str) -> str | None:
        """Return the first content of the first of these metas that the page has."""
        return next((self.metas[name][0] for name in names if name in self.metas), None)


def read_statement(tree: HtmlElement, url: str, markup: str | None = None) -> Statement:
    """Return what the page `tree` at `url` states of itself. The tree stays as it is.

    `markup` is what the tree was made of: it tells sooner than the tree that there is no microdata.
    """
    metas = metas_in(tree)
    items = items_in(tree) if markup is None or may_have_items(markup) else []
    nodes = (*nodes_in(values_in(tree)), *nodes_in(items))
    links = links_of(tree, url)
    headings = tuple(line for one in islice(tree.iter("h1"), _MAX_HEADINGS) if (line := line_of(one)))
    title = next((line for one in islice(_TITLE(tree), 1) if (line := line_of(one))), None)
    titles = [content for name in _TITLE_METAS for content in metas.get(name, ())]
    titles += [title] if title else []
    urls = filter(None, (url, links.canonical_link, links.og_url))
    article = article_of(nodes, urls, (*headings, *titles))
    own = headlines_of(article) if article is not None else ()
    return Statement(
        url=url,
        tree=tree,
        nodes=nodes,
        article=article,
        metas=metas,
        links=links,
        language=_language(tree, metas, article),
        site_names=tuple(dict.fromkeys(_site_names(url, metas, nodes, article))),
        headings=headings,
        title=title,
        headlines=tuple(dict.fromkeys((*headings, *own, *titles))),
    )


def line_of(element: HtmlElement) -> str:
    """Return the text of an element on one line; markup in it may stand between two words."""
    return " ".join("".join(islice(element.itertext(), _PIECES)).split())[:_LONGEST]


def _language(tree: HtmlElement, metas: Mapping[str, tuple[str, ...]], article: Node | None) -> str | None:
    declared = (
        *(tree.get("lang"), tree.get("xml:lang"), tree.get("{http://www.w3.org/XML/1998/namespace}lang")),
        *(texts_of(article.get("inLanguage")) if article is not None else ()),
        *(
            content
            for name in ("og:locale", "content-language", "dc.language")
            for content in metas.get(name, ())
        ),
    )
    tags = (one.strip().split(",")[0] for one in declared if one)
    return next(
        (tag.replace("_", "-") for tag in tags if _LANGUAGE.fullmatch(tag) and tag[:3].lower() != "utf"), None
    )


def _site_names(
    url: str, metas: Mapping[str, tuple[str, ...]], nodes: tuple[Node, ...], article: Node | None
) -> Iterator[str]:
    for name in _SITE_METAS:
        yield from metas.get(name, ())
    if article is not None:
        yield from texts_of(article.get("publisher"))
    for node in nodes:
        if types_of(node) & _SITE_TYPES:
            yield from texts_of(node.get("name"))
            yield from texts_of(node.get("alternateName"))
        elif node is not article and isinstance(node.get("publisher"), dict):
            yield from texts_of(node["publisher"])
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return
    if host:
        yield host
        yield from (label for label in host.split(".")[:-1] if label)
