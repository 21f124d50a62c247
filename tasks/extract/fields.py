"""The fields that extraction fills, before they go into the article."""

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate

import msgspec

from tasks.extract.characters import printable
from tasks.urls import LONGEST_KEPT

#: Maximum lengths in characters. The fields are in every message, which should stay a few KB.
LONGEST_TITLE = 500
LONGEST_DESCRIPTION = 1000
LONGEST_NAME = 200
#: Maximum number of tags, and of categories; and length of one in characters: longer ones are sentences.
MAX_TAGS = 20
LONGEST_TAG = 100
#: Maximum number of authors, and length of the text with all their names: a collaboration of a thousand has more.
MAX_AUTHORS = 20
LONGEST_AUTHOR = 500
#: Characters of all keywords together: most of them are tags, too.
LONGEST_KEYWORDS = 400
#: Characters of a time, `2025-04-16T08:30:00.123456+02:00`.
_LONGEST_TIME = 32

#: Characters of a day in ISO 8601.
_DAY = 10

_SPACE = re.compile(r"\s+")


class ExtractedFields(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a page; the names are those of `tasks.article.Article`."""

    text: str
    title: str | None = None
    author: str | None = None
    authors: tuple[str, ...] = ()
    agency: str | None = None
    date: str | None = None
    published: float | None = None
    published_stated: str | None = None
    modified: float | None = None
    modified_stated: str | None = None
    site: str | None = None
    publisher: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    declared_language: str | None = None
    description: str | None = None
    image: str | None = None
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    page_type: str | None = None
    license: str | None = None
    canonical_link: str | None = None
    og_url: str | None = None
    amphtml: str | None = None
    saved_from: str | None = None

    def bounded(self) -> "ExtractedFields":
        """Return a copy with all fields but the text on one line each, of bounded length, and what follows from them.

        `author` is the names of `authors` where it is not given; `date` the day of `published_stated`, and `published` the
        time of it.
        """
        authors = _names(self.authors)
        credited = _names((self.author or "").split("; ")) or authors
        published = one_line(self.published_stated or self.date, _LONGEST_TIME)
        modified = one_line(self.modified_stated, _LONGEST_TIME)
        return msgspec.structs.replace(
            self,
            title=one_line(self.title, LONGEST_TITLE),
            author="; ".join(credited) or None,
            authors=authors,
            agency=one_line(self.agency, LONGEST_NAME),
            date=one_line(self.date or (published or "")[:_DAY], _LONGEST_TIME),
            published=seconds_of(published),
            published_stated=published,
            modified=seconds_of(modified),
            modified_stated=modified,
            site=one_line(self.site, LONGEST_NAME),
            publisher=one_line(self.publisher, LONGEST_NAME),
            section=one_line(self.section, LONGEST_TAG),
            keywords=_fitting(labels(self.keywords), LONGEST_KEYWORDS),
            declared_language=one_line(self.declared_language, LONGEST_TAG),
            description=one_line(self.description, LONGEST_DESCRIPTION),
            image=self.image if len(self.image or "") <= LONGEST_KEPT else None,
            categories=labels(self.categories),
            tags=labels(self.tags),
            page_type=one_line(self.page_type, LONGEST_NAME),
            license=one_line(self.license, LONGEST_NAME),
        )


def seconds_of(stated: str | None) -> float | None:
    """Return a time in ISO 8601 as seconds since the epoch; None where it has no time or no zone."""
    try:
        time = datetime.fromisoformat(stated or "")
    except ValueError:
        return None
    return time.timestamp() if time.tzinfo is not None else None


def one_line(value: str | None, longest: int) -> str | None:
    """Return `value` on one line, at most `longest` characters of it; None where that is empty."""
    return _SPACE.sub(" ", printable(value or "")).strip()[:longest].rstrip() or None


def labels(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the distinct labels in `values`; one value may contain several, separated by commas."""
    lines = (one_line(label, LONGEST_TAG + 1) for value in values for label in value.split(","))
    return tuple(dict.fromkeys(line for line in lines if line and len(line) <= LONGEST_TAG))[:MAX_TAGS]


def _names(values: Iterable[str]) -> tuple[str, ...]:
    lines = dict.fromkeys(filter(None, (one_line(value, LONGEST_TAG) for value in values)))
    return _fitting(tuple(lines)[:MAX_AUTHORS], LONGEST_AUTHOR)


def _fitting(values: tuple[str, ...], longest: int) -> tuple[str, ...]:
    """Return the first values that have at most `longest` characters together, two between each."""
    ends = accumulate(len(value) + 2 for value in values)
    return tuple(value for value, end in zip(values, ends, strict=True) if end <= longest + 2)
