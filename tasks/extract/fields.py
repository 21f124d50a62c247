"""The fields that extraction fills, before they go into the article."""

import re

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

_SPACE = re.compile(r"\s+")


class ExtractedFields(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a page; the names are those of `tasks.article.Article`."""

    text: str
    title: str | None = None
    author: str | None = None
    date: str | None = None
    site: str | None = None
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
        """Return a copy with all fields but the text on one line each, of bounded length."""
        return msgspec.structs.replace(
            self,
            title=one_line(self.title, LONGEST_TITLE),
            author=one_line(self.author, LONGEST_NAME),
            site=one_line(self.site, LONGEST_NAME),
            description=one_line(self.description, LONGEST_DESCRIPTION),
            image=self.image if len(self.image or "") <= LONGEST_KEPT else None,
            categories=labels(self.categories),
            tags=labels(self.tags),
            page_type=one_line(self.page_type, LONGEST_NAME),
            license=one_line(self.license, LONGEST_NAME),
        )


def one_line(value: str | None, longest: int) -> str | None:
    """Return `value` on one line, at most `longest` characters of it; None where that is empty."""
    return _SPACE.sub(" ", printable(value or "")).strip()[:longest].rstrip() or None


def labels(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the distinct labels in `values`; one value may contain several, separated by commas."""
    lines = (one_line(label, LONGEST_TAG + 1) for value in values for label in value.split(","))
    return tuple(dict.fromkeys(line for line in lines if line and len(line) <= LONGEST_TAG))[:MAX_TAGS]
