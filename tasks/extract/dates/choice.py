"""When an article was published and last changed: by an order of trust over all places that tell it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from tasks.extract.dates.datelines import Shown, shown_dates
from tasks.extract.dates.locales import locale_of, with_shown_order
from tasks.extract.dates.moments import Dates, Moment
from tasks.extract.dates.parsing import Locale, of_source, parsed, stated_moment
from tasks.extract.dates.url_dates import day_in_path
from tasks.extract.statement import Node, Statement, types_of
from tasks.extract.statement.choice import ARTICLE_ENDINGS

#: Metas with the time of publication, in the order of trust, and with that of the last change: by the letters of their names,
#: which pages part by colons, dots, hyphens, underscores or nothing.
_PUBLISHED_METAS = (
    *(
        "articlepublishedtime",
        "articlepublished",
        "ogarticlepublishedtime",
        "ogpublishedtime",
        "datepublished",
    ),
    *("parselypubdate", "sailthrudate", "cxenseparserecspublishtime", "cxenseparsearticlepublishdate"),
    *(
        "publishdate",
        "publicationdate",
        "pubdate",
        "publisheddate",
        "published",
        "publishedtime",
        "publishtime",
    ),
    *("articledateoriginal", "originalpublicationdate", "ptime", "dctermsissued", "dcdateissued", "dcissued"),
    *("dctermsdate", "dcdate", "dcdatecreated", "dctermscreated", "citationpublicationdate", "citationdate"),
    *("rbpubdate", "weiboarticlecreateat", "datepublic", "displaydate", "date", "apubtime"),
)
_MODIFIED_METAS = (
    *("articlemodifiedtime", "articlemodified", "ogarticlemodifiedtime", "datemodified", "dctermsmodified"),
    *(
        "dcdatemodified",
        "dcmodified",
        "ogupdatedtime",
        "ogmodifiedtime",
        "lastmodified",
        "lastmod",
        "updatedtime",
    ),
    *("modified", "modifieddate", "articleupdated", "utime"),
)
_PARTS = str.maketrans("", "", ":._- ")
#: Items of the lists of a node that are looked at.
_MOST = 5
#: Marked elements that are read.
_MOST_MARKED = 200
#: A time so near the clock may be that of rendering, where another place tells an earlier day.
_JUST_NOW = timedelta(minutes=10)
_ONE_DAY = timedelta(days=1)


def dates_of(statement: Statement, now: datetime | None = None) -> Dates:
    """Return when the article of a page was published and last changed; None where the page does not tell.

    `now` is when it was fetched (with a zone; by default, now): nothing later by more than a zone's width is a date of it.
    """
    now = now or datetime.now(UTC)
    locale = locale_of(statement)
    stated = _until(now, _stated(statement, locale))
    changed = _until(now, _changed(statement, locale))
    in_path = next(iter(_until(now, filter(None, [day_in_path(statement.url)]))), None)
    first = next(iter(stated), None)
    shown = Shown()
    if first is not None and statement.article is None and first.value in {one.value for one in changed}:
        stated = [*_earlier_marked(_until(now, _of_marked(statement, locale)), first), *stated]
        first = stated[0]
    if first is None or not first.detail or _is_rendered(first, changed, now):
        locale = with_shown_order(locale, statement)
        stated += _until(now, _of_marked(statement, locale))
        shown = shown_dates(statement, locale, now)
    visible = _until(now, filter(None, [shown.published]))
    published = _published([*stated, *visible], of_source(in_path, "url"), changed, now)
    changed += _until(now, filter(None, [shown.modified]))
    return Dates(published, _modified(changed, published))


def _until(now: datetime, moments: Iterable[Moment]) -> list[Moment]:
    return [one for one in moments if not one.is_after(now)]


def _published(
    found: list[Moment], in_path: Moment | None, changed: list[Moment], now: datetime
) -> Moment | None:
    """Return the first of `found` that nothing speaks against, as exact as another one of its day tells it."""
    first = next(iter(found), in_path)
    if first is None:
        return None
    others = [*found[1:], *([in_path] if in_path else [])]
    earlier = [one for one in others if one.day < first.day]
    if earlier and _is_rendered(first, changed, now):
        first = earlier[0]
    return max((one for one in (first, *found) if one.day == first.day), key=lambda one: one.detail)


def _earlier_marked(marked: list[Moment], first: Moment) -> list[Moment]:
    """Return the marked publication where it is earlier than one that is stated to be the last change as well.

    Live blogs move their stated publication with each update.
    """
    return [one for one in marked if one.is_before(first)]


def _is_rendered(first: Moment, changed: list[Moment], now: datetime) -> bool:
    """Tell whether a stated time may be that of the page's rendering: of just now, or later than the last change."""
    if first.detail == 2 and abs(datetime.fromisoformat(first.value) - now) < _JUST_NOW:  # noqa: PLR2004
        return True
    return any(first.day - one.day > _ONE_DAY for one in changed)


def _modified(changed: list[Moment], published: Moment | None) -> Moment | None:
    """Return the first time of a change that is not before publication."""
    return next((one for one in changed if published is None or not one.is_before(published)), None)


def _stated(statement: Statement, locale: Locale) -> Iterator[Moment]:
    """Yield what data of the page says of publication, the surest first."""
    if statement.article is not None:
        yield from _of_node(statement.article, "datePublished", locale)
    yield from _of_metas(statement, _PUBLISHED_METAS, locale)
    if statement.article is not None:
        yield from _of_node(statement.article, "uploadDate", locale)
    else:
        articles = [
            node
            for node in statement.nodes
            if any(one.endswith((*ARTICLE_ENDINGS, "webpage")) for one in types_of(node))
        ]
        if len(articles) == 1:
            yield from _of_node(articles[0], "datePublished", locale)
    if statement.article is not None:
        yield from _of_node(statement.article, "dateCreated", locale)
        for page in _pages_of(statement.article):
            yield from _of_node(page, "datePublished", locale)


def _changed(statement: Statement, locale: Locale) -> list[Moment]:
    article = statement.article or {}
    of_node = _of_node(article, "dateModified", locale)
    of_pages = [found for page in _pages_of(article) for found in _of_node(page, "dateModified", locale)]
    return [*of_node, *_of_metas(statement, _MODIFIED_METAS, locale), *of_pages]


def _pages_of(article: Node) -> Iterator[Node]:
    """Yield the node of the page that an article's node names as its own."""
    for name in ("isPartOf", "mainEntityOfPage"):
        page = article.get(name)
        if isinstance(page, dict) and "webpage" in types_of(page):
            yield page


def _of_node(node: Node, name: str, locale: Locale) -> Iterator[Moment]:
    value: Any = node.get(name)
    for one in value[:_MOST] if isinstance(value, list) else [value]:
        given = one.get("@value") if isinstance(one, dict) else one
        if found := of_source(stated_moment(given, locale), f"json-ld {name}"):
            yield found


def _of_metas(statement: Statement, names: tuple[str, ...], locale: Locale) -> Iterator[Moment]:
    given: dict[str, str] = {}
    for name in statement.metas:
        given.setdefault(name.translate(_PARTS), name)
    for letters in names:
        name = given.get(letters, "")
        if name and (found := stated_moment(statement.metas[name][0], locale)):
            yield replace(found, source=f"meta {name}")


def _of_marked(statement: Statement, locale: Locale) -> Iterator[Moment]:
    """Yield the `<time>` that is marked as the publication; none where several are, of different days: they are a list's."""
    days: dict[str, Moment] = {}
    marked = (
        one
        for one in statement.tree.iter("time", "span", "meta", "div", "abbr")
        if one.get("pubdate") is not None or "datePublished" in (one.get("itemprop") or "")
    )
    for element in islice(marked, _MOST_MARKED):
        value = (
            element.get("datetime") or element.get("content") or element.get("title") or element.text or ""
        )
        if found := of_source(parsed(value, locale), "marked datePublished"):
            days.setdefault(found.value[:10], found)
    if len(days) == 1:
        yield from days.values()
