"""Fields that are read from a page's statement: each by an order of trust, the surest place first."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from tasks.extract.statement.choice import ARTICLE_ENDINGS
from tasks.extract.statement.nodes import Node, texts_of, types_of
from tasks.extract.statement.statement import Statement

#: Where metas have a thing, in the order of trust.
_PUBLISHERS = (
    "dc.publisher",
    "dcterms.publisher",
    "citation_publisher",
    "publisher",
    "rbpubname",
    "sailthru.publisher",
)
_SITES = (
    "og:site_name",
    "application-name",
    "apple-mobile-web-app-title",
    "twitter:app:name:iphone",
    "citation_journal_title",
)
_SECTIONS = ("article:section", "parsely-section", "sailthru.section", "section", "dc.subject")
_KEYWORDS = (
    "news_keywords",
    "article:tag",
    "parsely-tags",
    "keywords",
    "sailthru.tags",
    "citation_keywords",
    "tags",
)
_DESCRIPTIONS = (
    "og:description",
    "description",
    "twitter:description",
    "dc.description",
    "sailthru.description",
)
_IMAGES = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "image")

#: Types that are who publishes a page.
_PUBLISHER_TYPES = frozenset(
    ("newsmediaorganization", "organization", "corporation", "periodical", "newspaper")
)
#: Characters of a section, and of what a list of keywords has in one string: longer ones are sentences.
_LONGEST_SECTION, _LONGEST_KEYWORD = 100, 100
#: Separators of keywords in one string; of a comma and a semicolon the one that there is.
_LISTS = (",", ";", "、", "،", "|")


def site_of(statement: Statement) -> str | None:
    """Return the name of the site; its host where the page does not name it."""
    named = (*_metas(statement, _SITES), *_names_of(statement.nodes, {"website"}))
    named = (
        *named,
        *_publishers(statement),
        *(name.lstrip("@") for name in _metas(statement, ("twitter:site",))),
    )
    return next((name for name in named if not _is_address(name)), None) or _host(statement.url)


def publisher_of(statement: Statement) -> str | None:
    """Return who publishes the page."""
    named = (*_publishers(statement), *_metas(statement, _PUBLISHERS))
    return next((name for name in named if not _is_address(name)), None)


def section_of(statement: Statement) -> str | None:
    """Return the section of the site that the article is in: the node's, that of metas, of the breadcrumb."""
    named = (*_values(statement, "articleSection"), *_metas(statement, _SECTIONS), *_breadcrumb(statement))
    names = (name.split(",")[0].strip() for name in named if not _is_address(name))
    return next((name for name in names if name and len(name) <= _LONGEST_SECTION), None)


def sections_of(statement: Statement) -> tuple[str, ...]:
    """Return all sections that the node of the article, or else the metas, name."""
    subjects = (name for name in statement.metas if "subject" in name)
    return _values(statement, "articleSection") or _metas(statement, ("article:section", *subjects), most=20)


def keywords_of(statement: Statement) -> tuple[str, ...]:
    """Return the keywords of the node and of metas, each once."""
    given = (*_values(statement, "keywords"), *_metas(statement, _KEYWORDS, most=50))
    words = (word.strip(" \"'#") for value in given for word in _split(value))
    return tuple({word.casefold(): word for word in words if 0 < len(word) <= _LONGEST_KEYWORD}.values())


def description_of(statement: Statement) -> str | None:
    """Return what the page says that it is about."""
    return next(iter((*_metas(statement, _DESCRIPTIONS), *_values(statement, "description"))), None)


def image_of(statement: Statement) -> str | None:
    """Return the URL of the main picture, absolute."""
    node = statement.article or {}
    links = (*_metas(statement, _IMAGES), *_links(node.get("image")), *_links(node.get("thumbnailUrl")))
    return next(filter(None, (_absolute(link, statement.url) for link in links)), None)


def page_type_of(statement: Statement) -> str | None:
    """Return what the page says that it is: og:type, else the type of the node that is the article, or of the page."""
    named = statement.meta("og:type")
    if named:
        return named
    of_node = types_of(statement.article) if statement.article is not None else frozenset()
    of_page = (
        one for node in statement.nodes for one in sorted(types_of(node)) if one.endswith(("page", "website"))
    )
    article = sorted(one for one in of_node if one.endswith(ARTICLE_ENDINGS))
    return next(iter((*article, *sorted(of_node), *of_page)), None)


def _metas(statement: Statement, names: Iterable[str], most: int = 1) -> tuple[str, ...]:
    return tuple(content for name in names for content in statement.metas.get(name, ())[:most])


def _values(statement: Statement, name: str) -> tuple[str, ...]:
    return texts_of(statement.article.get(name)) if statement.article is not None else ()


def _names_of(nodes: Iterable[Node], types: Iterable[str]) -> Iterator[str]:
    for node in nodes:
        if types_of(node).intersection(types):
            yield from texts_of(node.get("name"))[:1]


def _publishers(statement: Statement) -> Iterator[str]:
    yield from _values(statement, "publisher")[:1]
    others = (node.get("publisher") for node in statement.nodes)
    yield from (
        name for publisher in others if isinstance(publisher, dict) for name in texts_of(publisher)[:1]
    )
    yield from _names_of(statement.nodes, _PUBLISHER_TYPES)


def _breadcrumb(statement: Statement) -> Iterator[str]:
    """Yield the names on the way from the front page to the article, without these two."""
    for node in statement.nodes:
        items = node.get("itemListElement")
        if "breadcrumblist" in types_of(node) and isinstance(items, list):
            own = {*statement.headlines, *statement.site_names}
            names = [
                (texts_of(item) or texts_of(item.get("item")))[:1]
                for item in items[:10]
                if isinstance(item, dict)
            ]
            yield from (name for names_ in names[1:-1] or names[1:] for name in names_ if name not in own)


def _split(value: str) -> list[str]:
    separator = next((one for one in _LISTS if one in value), None)
    return value.split(separator) if separator else [value]


def _links(value: Any) -> Iterator[str]:
    values = value[:5] if isinstance(value, list) else [value]
    for one in values:
        given = (one.get("url") or one.get("contentUrl") or one.get("@id")) if isinstance(one, dict) else one
        if isinstance(given, str):
            yield given
        elif isinstance(given, list):
            yield from (link for link in given[:5] if isinstance(link, str))


def _absolute(link: str, base: str) -> str | None:
    """Return `link` as an absolute URL, None if it is not http(s)."""
    try:
        link = urljoin(base, link)
    except ValueError:
        return None
    return link if link.startswith(("http://", "https://")) else None


def _is_address(name: str) -> bool:
    return name.startswith(("http://", "https://", "//", "/"))


def _host(url: str) -> str | None:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.") or None
    except ValueError:
        return None
