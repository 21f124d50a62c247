"""What a reader finds in a page, before it goes into the article's record."""

import re

import msgspec

from tasks.extract.characters import printable

#: Longest values in characters. The record travels in every message, which is to stay a few KB.
LONGEST_TITLE = 500
LONGEST_DESCRIPTION = 1000
LONGEST_NAME = 200
LONGEST_URL = 2048
#: Most tags and categories kept, and the longest of them in characters: what is longer is a sentence.
MOST_TAGS = 20
LONGEST_TAG = 100

_SPACE = re.compile(r"\s+")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that extraction fills; they bear the names that they have in `tasks.article.Article`."""

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

    def bounded(self) -> "Draft":
        """Return a copy whose fields, but for the text, are single lines of bounded length."""
        return msgspec.structs.replace(
            self,
            title=one_line(self.title, LONGEST_TITLE),
            author=one_line(self.author, LONGEST_NAME),
            site=one_line(self.site, LONGEST_NAME),
            description=one_line(self.description, LONGEST_DESCRIPTION),
            image=self.image if len(self.image or "") <= LONGEST_URL else None,
            categories=labels(self.categories),
            tags=labels(self.tags),
            page_type=one_line(self.page_type, LONGEST_NAME),
            license=one_line(self.license, LONGEST_NAME),
        )


def one_line(value: str | None, longest: int) -> str | None:
    """Return `value` on one line, cut after `longest` characters; None where nothing is left of it."""
    return _SPACE.sub(" ", printable(value or "")).strip()[:longest].rstrip() or None


def labels(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the distinct labels in `values`, where one value may list several between commas."""
    lines = (one_line(label, LONGEST_TAG + 1) for value in values for label in value.split(","))
    return tuple(dict.fromkeys(line for line in lines if line and len(line) <= LONGEST_TAG))[:MOST_TAGS]
