"""Asking whether a page has changed since it was fetched last (RFC 9110, 13)."""

import time
from collections.abc import Mapping
from typing import Protocol

from tasks.article import Article
from tasks.errors import Reason
from tasks.fetch.answer import Answer

#: Longest ETag or Last-Modified kept, in characters: the record must stay small (real ones are under 100).
_LONGEST = 256

#: 304.
NOT_MODIFIED = 304


class Rows(Protocol):
    """What became of articles."""

    def last(self, article_id: str) -> Article | None:
        """Return the article as its row has it, text and outcome included; None where it has none."""


class NoRows:
    """For one who keeps nothing, or wants every page made anew."""

    def last(self, article_id: str) -> None:
        """Return None."""


def validator(answer: Answer, name: str) -> str | None:
    """Return the header `name` of `answer`, if it is one that can be sent back."""
    value = answer.headers.get(name)
    return value if value and len(value) <= _LONGEST and value.isascii() and value.isprintable() else None


def conditions(last: Article | None, url: str) -> Mapping[str, str]:
    """Return the headers to ask for `url` with, so that a page is sent only if it is not that of `last` any more.

    Validators belong to the URL that they came from: a redirect that leads elsewhere by now asks without them.
    """
    if last is None or last.final_url != url:
        return {}
    asked = {"If-None-Match": last.etag, "If-Modified-Since": last.last_modified}
    return {name: value for name, value in asked.items() if value}


def unchanged(article: Article, last: Article) -> Article:
    """Return `last` as this visit's: what was made of the page then is what would be made of it now."""
    return last.evolve(
        source=article.source or last.source,
        submitted_at=article.submitted_at,
        token=article.token,
        again=article.again,
        checked_at=time.time(),
        reason=Reason.UNCHANGED,
    )
