"""Bylines that a reader sees: elements that are marked as one, or that begin like one, near the headline."""

# ruff: noqa: RUF001 - typographic brackets

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from tasks.extract.authors.names import Found, names_in
from tasks.extract.authors.stated import merged
from tasks.extract.authors.words import first_words
from tasks.extract.headline import headline_element
from tasks.extract.statement import Statement

#: Elements that are looked at; the largest of 181 news pages has 12,000. And bylines that are read.
_MOST_ELEMENTS, _MOST_BYLINES = 20_000, 40
#: Elements before and behind the headline in which its byline may be.
_BEFORE_HEADLINE, _BEHIND_HEADLINE = 60, 400
#: Elements behind the headline that are close to it.
_CLOSE_BEHIND = 60
#: Characters of the longest byline, and of one without a mark: longer ones are paragraphs.
_LONGEST_MARKED, _LONGEST_PLAIN = 300, 90
#: Elements in a byline without a mark.
_MOST_INNER = 6
#: Characters of a link's address that are looked at.
_LONGEST_LINK = 300
#: Characters before a link that its label is looked for in.
_LONGEST_LABEL = 40
#: Characters that a link to another story has beside its byline.
_SHORTEST_TEASER = 20
_SENTENCE_ENDS = (".", "。", "!", "?", "।")
#: Levels up to the one that two names of a byline have in common.
_LEVELS = 3
#: Ancestors and inner elements that are looked at.
_ANCESTORS, _INNER = 12, 60

#: Words of class, id, rel, itemprop that mark who wrote a text; "authority" and "authorize" are none.
_MARK = re.compile(
    r"(?<![a-z])(?:authors?|byline|autor(?:e[ns]?|in|i|zy)?|auteurs?|autora|writers?|writtenby|journalist|reporter|redacteur|"
    r"redaktor|signature|firma|forfatter|skribent|yazar|penulis|muhabir|dc-creator|vcard)(?![a-z])"
    r"|[a-z](?:Authors?|Byline|Autor|Writer)(?![a-z])|(?:article|post|news|story|entry|text)author",
)
#: The same of the element that has the name alone.
_NAME_MARK = re.compile(
    r"(?:author|byline|autor|writer|person|profile|contributor)\w{0,20}[-_]{0,2}name|(?<![a-z])fn(?![a-z])",
    re.IGNORECASE,
)
#: Of what is no byline of this article: other stories, comments, pictures, adverts, boxes about a person.
_ELSEWHERE = re.compile(
    r"comment|related|recommend|popular|trending|most-?read|more-?(?:from|stories|news)|carousel|(?<![a-z])card"
    r"|caption|credit|figure|image|photo|picture|gallery|video|media|newsletter|footer|river"
    r"|latest|preview|disqus|reply|advert|subscri|(?<![a-z])nav(?![a-z])|breadcrumb|(?<![a-z])menu|bio(?![a-z])|reviewed",
    re.IGNORECASE,
)
#: The same, if it is not close to the headline: there it is a bar with the author and buttons to share.
_BESIDE = re.compile(r"teaser|sidebar|widget|promo|social|share", re.IGNORECASE)
#: Where links to the page of an author lead.
_AUTHOR_PATH = re.compile(
    r"/(?:authors?|autor(?:e[ns]?|i|zy)?|auteurs?|by|profiles?|journalists?|reporters?|contributors?|columnists?|writers?|bylines?"
    r"|staff|redaktion|redaktor|redakteur|skribent|forfatter|yazar(?:lar)?|penulis)/[^/?#]",
    re.IGNORECASE,
)
_FIRST_WORD = re.compile(r"[(\[（【〔]?([^\s|:：=／]{1,30})")
_NO_BYLINE_IN = frozenset(
    ("aside", "footer", "nav", "figure", "figcaption", "script", "style", "button", "form", "blockquote")
)
#: Classes of what is around a whole page say much: "has-sidebar", "single-image".
_WHOLE = frozenset(("html", "body", "main", "article"))
_PLAIN_TAGS = frozenset(
    ("p", "div", "span", "address", "small", "em", "strong", "i", "b", "h2", "h3", "h4", "h5", "li")
)


def byline_of(statement: Statement, language: str | None, sites: Collection[str]) -> Found:
    """Return whom the byline near the headline names.

    `language` is the page's, `sites` are the folded names of its site. The first behind it counts, else the last before it,
    else one without a mark.
    """
    elements = list(islice(statement.tree.iter("*"), _MOST_ELEMENTS))
    headline = headline_element(statement)
    around = set(headline.iterancestors()) if headline is not None else set()
    at = elements.index(headline) if headline is not None and headline in elements else 0
    near = elements[max(at - _BEFORE_HEADLINE, 0) : at + _BEHIND_HEADLINE]
    behind = elements[at : at + _BEHIND_HEADLINE] if at else near
    close = set(elements[max(at - _BEFORE_HEADLINE, 0) : at + _CLOSE_BEHIND]) if at else set()
    marked = [
        one
        for one in islice((one for one in near if _is_marked(one)), _MOST_BYLINES)
        if not _is_elsewhere(one, around, close=one in close)
    ]
    later = set(behind)
    ordered = [one for one in marked if one in later] + [one for one in reversed(marked) if one not in later]
    named = Found()
    for element in ordered:
        found = _read(element, language, sites)
        if found.persons and (found.introduced or _are_full(found.persons)):
            return merged(_read(one, language, sites) for one in _beside(element, marked))
        named = named or (Found() if found.persons else found)
    plain = _unmarked(behind, around, language, sites)
    return plain if plain.persons else named


def _is_marked(element: HtmlElement) -> bool:
    attributes = element.attrib
    if not attributes or element.tag in {
        "meta",
        "link",
        "script",
        "style",
        "body",
        "html",
        "article",
        "input",
    }:
        return False
    if attributes.get("rel") == "author" or "author" in attributes.get("itemprop", ""):
        return True
    if element.tag == "a" and _AUTHOR_PATH.search(attributes.get("href", "")[:_LONGEST_LINK]):
        return True
    marks = f"{attributes.get('class', '')} {attributes.get('id', '')} {attributes.get('data-testid', '')}"[
        :400
    ]
    return len(marks) > 2 and _marks_an_author(marks)  # noqa: PLR2004 (two spaces)


@lru_cache(maxsize=1_024)
def _marks_an_author(marks: str) -> bool:
    return _MARK.search(marks) is not None


def _is_elsewhere(element: HtmlElement, around: Collection[HtmlElement], *, close: bool = False) -> bool:
    """Return whether an element is in something else than the article.

    What is `around` the headline, too, says nothing: a form that the whole page is in, or a class that names the category of
    the article ("category-media", "has-image").
    """
    for one in islice((element, *element.iterancestors()), _ANCESTORS):
        if one in around or one.tag in _WHOLE:
            return False
        if one.tag in _NO_BYLINE_IN or (one.tag == "a" and _is_teaser(one, element)):
            return True
        if one is not element or not one.get("rel"):
            marks = f"{one.get('class') or ''} {one.get('id') or ''}"[:400]
            if len(marks) > 1 and (_ELSEWHERE.search(marks) or (not close and _BESIDE.search(marks))):
                return True
    return False


def _is_teaser(link: HtmlElement, element: HtmlElement) -> bool:
    """Return whether a link has more than a byline that is in it: a headline, of another story."""
    return link is not element and len(_line(link)) > len(_line(element)) + _SHORTEST_TEASER


def _read(element: HtmlElement, language: str | None, sites: Collection[str]) -> Found:
    """Return whom a marked element names: its inner elements that have only a name, else its text."""
    inner = list(islice(element.iterdescendants(), _INNER))
    named = [
        one
        for one in inner
        if one.get("rel") == "author" or one.get("itemprop") == "name" or _has_name_mark(one)
    ]
    found = merged(names_in(_line(one), language, sites) for one in named)
    if found.persons:
        return found
    text = f"{_label_of(element)} {_line(element)}"
    return names_in(text, language, sites) if len(text) <= _LONGEST_MARKED else Found()


def _label_of(element: HtmlElement) -> str:
    """Return the words right before a link that ends a label: "Medically reviewed by"."""
    before, parent = element.getprevious(), element.getparent()
    text = before.tail if before is not None else parent.text if parent is not None else None
    given = (text or "")[-_LONGEST_LABEL:].split()
    return " ".join(given) if element.tag == "a" and len(given) > 1 and given[-1] == "by" else ""


def _beside(element: HtmlElement, marked: list[HtmlElement]) -> list[HtmlElement]:
    """Return `element` and the marked elements beside it that are made as it is, in order: each name has its own."""
    around = set(islice(element.iterancestors(), _LEVELS))
    return [
        other
        for other in marked
        if other is element
        or (
            other.tag == element.tag
            and other.get("class") == element.get("class")
            and not around.isdisjoint(islice(other.iterancestors(), _LEVELS))
            and not _is_above(element, other)
        )
    ]


def _is_above(element: HtmlElement, other: HtmlElement) -> bool:
    return any(one is element for one in other.iterancestors())


def _has_name_mark(element: HtmlElement) -> bool:
    marks = element.get("class") or ""
    return bool(marks) and _NAME_MARK.search(marks[:400]) is not None


def _unmarked(
    elements: list[HtmlElement], around: Collection[HtmlElement], language: str | None, sites: Collection[str]
) -> Found:
    """Return whom the first short text that begins as a byline names ("By Carla Nunn", "记者 王小明")."""
    for element in elements:
        if (
            element.tag not in _PLAIN_TAGS
            or len(element) > _MOST_INNER
            or len(element.text or "") > _LONGEST_PLAIN
        ):
            continue
        if not _may_begin(next(_texts(element), "")):
            continue
        text = _line(element)
        if len(text) <= _LONGEST_PLAIN and not text.endswith(_SENTENCE_ENDS):
            found = names_in(text, language, sites)
            if found.introduced and _are_full(found.persons) and not _is_elsewhere(element, around):
                return found
    return Found()


def _are_full(names: Collection[str]) -> bool:
    """Return whether one of the names has two words, or is of a script without spaces: one word may be anything."""
    return any(" " in name or name > "\u3000" for name in names)


def _may_begin(text: str) -> bool:
    """Return whether a text begins with a word that may be before an author's name; most do not."""
    word = _FIRST_WORD.match(text)
    if word is None:
        return False
    return word[1] > "\u3000" or not first_words().isdisjoint(
        (word[1].casefold(), word[1].casefold().rpartition("/")[2])
    )


def _line(element: HtmlElement) -> str:
    """Return the texts of an element with a bar between those of different elements, which part names from roles."""
    return "|".join(_texts(element))[: _LONGEST_MARKED + 1]


def _texts(element: HtmlElement) -> Iterator[str]:
    for text in islice(element.itertext(), _INNER):
        line = " ".join(text.split())
        if line:
            yield line
