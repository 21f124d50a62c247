"""Dates that a reader sees near the headline of an article."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from lxml.html import HtmlElement

from tasks.extract.dates.labels import Label, label_of, pieces
from tasks.extract.dates.moments import Moment
from tasks.extract.dates.parsing import Locale, of_source, parsed, stated_moment
from tasks.extract.dates.plain_digits import LONGEST, may_have_date
from tasks.extract.headline import headline_element
from tasks.extract.statement import Statement

#: Elements before the headline and after it that are looked at. A dateline may be in a bar above; below, a standfirst,
#: a picture and buttons to share may come first.
_BEFORE, _AFTER = 40, 120
#: Elements of a page without a headline.
_ALL = 1_500
#: Characters of a dateline; longer texts are sentences, whose dates are of events. A paragraph has fewer.
_LONGEST_LINE, _LONGEST_PARAGRAPH = 160, 90
#: Classes and ids of elements that have the date.
_DATED = re.compile(
    r"date|time|publi|posted|fecha|datum|data|byline|dateline|stamp|meta|info|signature|datum|zeit"
)
#: Elements beneath which nothing is the article's own dateline, and their classes.
_ASIDE = frozenset(
    (
        *("nav", "aside", "footer", "script", "style", "noscript", "select", "template", "table", "form"),
        *("figure", "figcaption"),
    )
)
_OTHERS = re.compile(
    r"related|sidebar|comment|recommend|teaser|popular|trending|most-?read|breaking|ticker|copyright|weather"
)
#: Classes of the bar of a site, which may have the day of today.
_BARS = frozenset(
    (
        *("masthead", "topbar", "top-bar", "site-header", "header-date", "current-date", "currentdate"),
        *("today", "date-today", "todays-date", "clock"),
    )
)
_SKIPPED = frozenset(("a", "button", "option", "li", "blockquote"))
#: Elements whose attributes have a date, also those of components that show how long ago it was.
_TIMES = frozenset(("time", "abbr", "span", "relative-time", "time-ago", "timeago", "local-time"))
#: Attributes of scripts that show a date, by the letters behind "data-".
_TIME_DATA = re.compile(r"data-(?:date|time|published?|utc|iso|epoch|timestamp)")
#: Elements behind the publication in which a change may be told.
_BEHIND_PUBLISHED = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows: the times that it gives as published, as changed, and without a word."""

    published: Moment | None = None
    modified: Moment | None = None


def shown_dates(statement: Statement, locale: Locale, now: datetime) -> Shown:
    """Return the dates near the headline: the first one after it, else the last one before it; one with a word is surer."""
    before, after = _lines(statement)
    firsts = _firsts(after, locale)
    if "published" not in firsts:
        others = _firsts(before[::-1], locale, today=now)
        if "published" in others or None not in firsts:
            firsts = {**others, **{label: found for label, found in firsts.items() if label == "changed"}}
    return Shown(firsts.get("published", firsts.get(None)), firsts.get("changed"))


def _firsts(
    elements: list[HtmlElement], locale: Locale, today: datetime | None = None
) -> dict[Label | None, Moment]:
    """Return the first date of each label; without a word, not the day of `today` outside of the article."""
    firsts: dict[Label | None, Moment] = {}
    left = _BEHIND_PUBLISHED
    for element in elements:
        for label, found, dateline in _labelled(element, locale):
            if label or (dateline and not (today and _is_clock(element, found, today))):
                firsts.setdefault(label, found)
        left -= "published" in firsts
        if not left or ("published" in firsts and "changed" in firsts):
            break
    return firsts


def _labelled(element: HtmlElement, locale: Locale) -> Iterator[tuple[Label | None, Moment, bool]]:
    """Yield the dates of an element, what a word says of each, and whether it is a dateline without one."""
    names: str | None = None
    for text, marked in _texts(element):
        if len(text) > _LONGEST_LINE or (element.tag == "p" and len(text) > _LONGEST_PARAGRAPH):
            continue
        names = _names(element) if names is None else names
        dateline = marked or element.tag == "time" or _is_dateline(names, text)
        for label, piece in pieces(text, label_of(names)):
            if label != "other" and (found := of_source(_moment(piece, locale, marked=marked), "dateline")):
                yield label, found, dateline


def _moment(text: str, locale: Locale, *, marked: bool) -> Moment | None:
    """Return the moment in a text; a marked one may be seconds since 1970."""
    return stated_moment(text, locale) if marked else parsed(text, locale)


def _is_clock(element: HtmlElement, found: Moment, now: datetime) -> bool:
    """Tell whether a date is the day of today in a bar of the site: a day alone, in no article."""
    if found.detail or abs(found.day - now.astimezone(UTC).date()) > timedelta(days=1):
        return False
    return element.tag != "time" and not any(
        one.tag in {"article", "main"} for one in element.iterancestors()
    )


def _is_dateline(names: str, text: str) -> bool:
    """Tell whether a text without a word of publishing is a dateline: by its element's names, or as it has little but a date."""
    return len(text) <= 60 or bool(_DATED.search(names))  # noqa: PLR2004


def _texts(element: HtmlElement) -> Iterator[tuple[str, bool]]:
    """Yield the texts of an element that may have a date, and whether markup says that they are one."""
    if element.tag in _TIMES:
        names = [name for name in element.attrib if _TIME_DATA.match(name)]
        for name in ("datetime", "title", "content", *names):
            value = element.get(name)
            if value and may_have_date(value[:LONGEST]):
                yield value[:LONGEST], True
    own = "".join((element.text or "", *(one.tail or "" for one in islice(element, 20))))
    text = " ".join(own.split())
    if len(element) and len(text) < 12:  # noqa: PLR2004 (a date in parts: <span>15</span> <span>June</span> 2021)
        whole = " ".join(" ".join(islice(element.itertext(), 12)).split())
        text = whole if len(whole) <= _LONGEST_LINE else text
    if may_have_date(text):
        yield text, element.tag == "time"


def _names(element: HtmlElement) -> str:
    if not element.attrib:
        return ""
    return f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''}".lower()


def _lines(statement: Statement) -> tuple[list[HtmlElement], list[HtmlElement]]:
    """Return the elements before the headline and after it, in document order."""
    before: list[HtmlElement] = []
    after: list[HtmlElement] = []
    heading = headline_element(statement)
    around = set(heading.iterancestors()) if heading is not None else set()
    behind = False
    for element in _own_elements(statement.tree, around):
        behind |= element is heading
        (after if behind else before).append(element)
        if len(after) > _AFTER or len(before) > _ALL:
            break
    if not behind:
        return [], before
    return before[-_BEFORE:], after


def _own_elements(tree: HtmlElement, around: Collection[HtmlElement]) -> Iterator[HtmlElement]:
    """Yield the elements of the body that are not in menus, lists of other stories, and the like, but those `around` the headline."""
    body = tree.find("body")
    stack = [iter(body)] if body is not None else []
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
            continue
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if element not in around and (tag in _ASIDE or _is_other(_names(element))):
            continue
        yield element
        if tag not in _SKIPPED or len(element):
            stack.append(iter(element))


def _is_other(names: str) -> bool:
    return len(names) > 2 and (_OTHERS.search(names) is not None or not _BARS.isdisjoint(names.split()))  # noqa: PLR2004
