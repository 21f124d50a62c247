"""The stage itself: from a URL to the page there, and what its server said about it."""

import re
import time
from collections.abc import Collection
from typing import Protocol

from tasks.article import Article
from tasks.errors import Reason, Rejected, TryLater
from tasks.fetch import opt_outs
from tasks.fetch.budget import FetchLimits
from tasks.fetch.client import Client
from tasks.fetch.conditional_get import NOT_MODIFIED, Rows, conditions, unchanged, validator
from tasks.fetch.content_type import HEAD_BYTES, HTML, TEXT, sniff
from tasks.fetch.rate_limit import RateLimit
from tasks.fetch.redirects import follow, with_host
from tasks.fetch.response import Response
from tasks.fetch.robots import Robots
from tasks.fetch.status import ending_of
from tasks.urls import host_of

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)


class Documents(Protocol):
    """Where the submitter put the content of `file:` URLs."""

    def load(self, article_id: str) -> bytes:
        """Return the document submitted as `article_id`."""


def fetch(
    article: Article,
    *,
    client: Client,
    robots: Robots,
    documents: Documents,
    rate_limit: RateLimit,
    rows: Rows,
    refused: Collection[str] = (),
) -> Article:
    """Return `article` with its page: `html` decompressed, and what the server said about it.

    A `file:` URL is taken from `documents`. One that is visited `again` and has not changed comes back as its row in
    `rows` has it, its outcome set. `refused` are opt-outs that end a page as Rejected(OPTED_OUT). Raises Rejected or
    TryLater with the reasons of tasks/errors.py.
    """
    if article.url.startswith("file:"):
        return _local(article, documents.load(article.id), client.limits)
    last = rows.last(article.id) if article.again else None

    def admit(url: str) -> None:
        rate_limit.acquire(article, host_of(url), robots.check(url))

    with follow(
        client, article.url, client.budget(), admit=admit, headers=lambda url: conditions(last, url)
    ) as answer:
        if last and answer.status == NOT_MODIFIED and conditions(last, answer.url):
            return unchanged(article, last)
        ending = ending_of(answer.status, answer.headers.get("retry-after"), time.time())
        if isinstance(ending, TryLater):
            raise with_host(ending, answer.url, article.url)
        if ending is not None:
            raise ending
        return _page(article, answer, client.limits, robots.product_token, refused)


def _page(
    article: Article, answer: Response, limits: FetchLimits, product_token: str, refused: Collection[str]
) -> Article:
    declared = answer.headers.get("content-type")
    asked = opt_outs.of_headers(
        answer.headers.get_all("x-robots-tag", ()), answer.headers.get("tdm-reservation"), product_token
    )
    _check_opt_outs(asked, refused)
    # The beginning before the rest, which a video had better not send.
    content_type = sniff(answer.peek(HEAD_BYTES)[:HEAD_BYTES], declared)
    body = answer.read(limits.decoded_bytes + 1)
    _check_size(body, limits)
    if content_type == HTML:
        asked |= opt_outs.of_page(body, product_token)
        _check_opt_outs(asked, refused)
    return article.evolve(
        final_url=answer.url,
        status=answer.status,
        content_type=content_type,
        charset=charset_of(declared),
        etag=validator(answer, "etag"),
        last_modified=validator(answer, "last-modified"),
        opt_outs=tuple(sorted(asked)),
        fetched_at=time.time(),
        html=body,
    )


def _local(article: Article, body: bytes, limits: FetchLimits) -> Article:
    """Return `article` with the document `body`; its suffix says what it is, its bytes what it cannot be."""
    content_type = TEXT if article.url.lower().endswith(".txt") else HTML
    sniff(body[:HEAD_BYTES], content_type)
    _check_size(body, limits)
    return article.evolve(final_url=article.url, content_type=content_type, fetched_at=time.time(), html=body)


def charset_of(content_type: str | None) -> str | None:
    """Return the charset that a Content-Type header names, in lower case; None if it names none."""
    found = _CHARSET.search(content_type or "")
    return found[1].lower() if found else None


def _check_size(body: bytes, limits: FetchLimits) -> None:
    if len(body) > limits.decoded_bytes:
        raise Rejected(Reason.TOO_LARGE, f"The page is larger than {limits.decoded_bytes} bytes.")


def _check_opt_outs(asked: frozenset[str], refused: Collection[str]) -> None:
    if not asked.isdisjoint(refused):
        raise Rejected(Reason.OPTED_OUT, f"The page says {', '.join(sorted(asked.intersection(refused)))}.")
