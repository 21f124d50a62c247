"""Dates that a reader sees near the headline of an article."""

# ruff: noqa: RUF001 - words of several scripts

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from tasks.extract.dates.moments import Moment
from tasks.extract.dates.parsing import LONGEST, Locale, of_source, parsed
from tasks.extract.statement import Statement

#: Elements before the headline and after it that are looked at. A dateline may be in a bar above; below, a standfirst,
#: a picture and buttons to share may come first.
_BEFORE, _AFTER = 40, 120
#: Elements of a page without a headline.
_ALL = 1_500
#: Characters of a dateline; longer texts are sentences, whose dates are of events. A paragraph has fewer.
_LONGEST_LINE, _LONGEST_PARAGRAPH = 160, 90
#: Words that a date stands beside, which is that of the last change.
_CHANGED = re.compile(
    r"updat|modif|edited|corrected|aktualis|aktualiz|actualiz|atualiz|mise? à jour|mis à jour|aggiorn|bijgewerkt|"
    r"uppdater|oppdater|opdater|päivitetty|frissít|обновл|измен|оновлен|güncelle|diperbarui|cập nhật|更新|修改|수정|업데이트|"
    r"تحديث|به‌?روزرسانی|अपडेट|עודכן|ενημέρωσ|zuletzt|geändert|zmodyfik|atjaunināt|atnaujint|muudetud|uuendatud"
)
_PUBLISHED = re.compile(
    r"publi|post(?:ed|é|ado)|veröffentlicht|erstellt|gepubliceerd|geplaatst|veröff|julkaistu|опублик|опубл|yayın|giriş|"
    r"发布|發布|发表|發表|公開|掲載|입력|등록|نشر|انتشار|प्रकाशित|פורסם|δημοσι|megjelent|objavljen|zveřejn|wydan|paskelbt|avaldatud"
)
#: Classes and ids of elements that have the date.
_DATED = re.compile(
    r"date|time|publi|posted|fecha|datum|data|byline|dateline|stamp|meta|info|signature|datum|zeit"
)
#: Elements beneath which nothing is the article's own dateline, and their classes.
_ASIDE = frozenset(
    ("nav", "aside", "footer", "script", "style", "noscript", "select", "template", "table", "form")
)
_OTHERS = re.compile(
    r"related|sidebar|comment|recommend|teaser|popular|trending|most-?read|breaking|ticker|copyright|weather"
)
_SKIPPED = frozenset(("a", "button", "option", "figcaption", "li", "blockquote"))


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows: the times that it gives as published, as changed, and without a word."""

    published: Moment | None = None
    modified: Moment | None = None


def shown_dates(statement: Statement, locale: Locale) -> Shown:
    """Return the dates near the headline: the first one after it, else the last one before it."""
    before, after = _lines(statement)
    published, modified = _first(after, locale)
    if published is None:
        other, changed = _first(before[::-1], locale)
        published, modified = other, modified or changed
    return Shown(published, modified)


def _first(elements: list[HtmlElement], locale: Locale) -> tuple[Moment | None, Moment | None]:
    published = modified = plain = None
    for element in elements:
        for text, marked in _texts(element):
            if len(text) > _LONGEST_LINE or (element.tag == "p" and len(text) > _LONGEST_PARAGRAPH):
                continue
            context = f"{_names(element)} {text}".lower()
            for piece in _pieces(text):
                found = of_source(parsed(piece, locale), "dateline")
                if found is None:
                    continue
                lower = piece.lower()
                if _CHANGED.search(lower if _PUBLISHED.search(context) else context):
                    modified = modified or found
                elif _PUBLISHED.search(context):
                    published = published or found
                elif marked or _is_dateline(element, text):
                    plain = plain or found
        if published:
            break
    return published or plain, modified


def _pieces(text: str) -> list[str]:
    """Return the parts of a line, one of which may be the time of publication, and one that of the last change."""
    start = [found.start() for found in _CHANGED.finditer(text.lower())][:1]
    return [one for one in (text[: start[0]], text[start[0] :]) if one] if start else [text]


def _is_dateline(element: HtmlElement, text: str) -> bool:
    """Tell whether a text without a word of publishing is a dateline: by its element, or as it has little but a date."""
    return element.tag == "time" or bool(_DATED.search(_names(element))) or len(text) <= 60  # noqa: PLR2004


def _texts(element: HtmlElement) -> Iterator[tuple[str, bool]]:
    """Yield the texts of an element that may have a date, and whether markup says that they are one."""
    for name in ("datetime", "title", "content"):
        value = element.get(name)
        if value and element.tag in {"time", "abbr", "span"} and any(map(str.isdigit, value[:LONGEST])):
            yield value[:LONGEST], True
    own = "".join((element.text or "", *(one.tail or "" for one in islice(element, 20))))
    text = " ".join(own.split())
    if len(element) and len(text) < 12:  # noqa: PLR2004 (a date in parts: <span>15</span> <span>June</span> 2021)
        whole = " ".join(" ".join(islice(element.itertext(), 12)).split())
        text = whole if len(whole) <= _LONGEST_LINE else text
    if any(map(str.isdigit, text)):
        yield text, element.tag == "time"


def _names(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''}".lower()


def _lines(statement: Statement) -> tuple[list[HtmlElement], list[HtmlElement]]:
    """Return the elements before the headline and after it, in document order."""
    before: list[HtmlElement] = []
    after: list[HtmlElement] = []
    heading: HtmlElement | None = None
    seen = 0
    for element in _own_elements(statement.tree):
        if element.tag == "h1" and heading is None and " ".join(element.itertext()).split():
            heading = element
        (before if heading is None else after).append(element)
        seen += heading is not None
        if seen > _AFTER or len(before) > _ALL:
            break
    if heading is None:
        return [], before
    return before[-_BEFORE:], after


def _own_elements(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the elements of the body that are not in menus, lists of other stories, and the like."""
    body = tree.find("body")
    stack = [iter(body)] if body is not None else []
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
            continue
        tag = element.tag
        if not isinstance(tag, str) or tag in _ASIDE or _OTHERS.search(_names(element)):
            continue
        yield element
        if tag not in _SKIPPED or len(element):
            stack.append(iter(element))
