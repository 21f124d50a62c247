"""Conditional requests: a page is sent again only if it has changed since it was fetched last (RFC 9110, 13)."""

from collections.abc import Mapping
from typing import Protocol

from tasks.article import Article
from tasks.errors import Reason
from tasks.fetch.response import Response

#: Longest ETag or Last-Modified kept, in characters, for the record must stay small. Real ones are under 100.
_LONGEST = 256

#: 304.
NOT_MODIFIED = 304


class Rows(Protocol):
    """The rows of articles that are done."""

    def last(self, article_id: str) -> Article | None:
        """Return the article as its row has it, text and outcome included; None where there is no row."""


class NoRows:
    """No rows: nothing is stored, or every page is to be fetched in full."""

    def last(self, article_id: str) -> None:
        """Return None."""


def validator(response: Response, name: str) -> str | None:
    """Return the header `name` of `response`, ETag or Last-Modified; None if it cannot be sent back."""
    value = response.headers.get(name)
    return value if value and len(value) <= _LONGEST and value.isascii() and value.isprintable() else None


def conditions(last: Article | None, url: str) -> Mapping[str, str]:
    """Return the headers with which `url` is sent only if it has changed since `last`.

    Validators belong to the URL that they came from: where a redirect now leads to another URL, there are none.
    """
    if last is None or last.final_url != url:
        return {}
    headers = {"If-None-Match": last.etag, "If-Modified-Since": last.last_modified}
    return {name: value for name, value in headers.items() if value}


def unchanged(article: Article, last: Article, checked_at: float) -> Article:
    """Return `last` as the result of this fetch: the page is the same, and so is what the other stages made of it.

    `checked_at` is when the site said so, in seconds since the epoch.
    """
    return last.evolve(
        extras=article.extras or last.extras,
        submitted_at=article.submitted_at,
        token=article.token,
        again=article.again,
        checked_at=checked_at,
        reason=Reason.UNCHANGED,
    )
