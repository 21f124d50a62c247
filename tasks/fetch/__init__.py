"""Stage 1, fetch: the page at a URL, had politely, safely, and within bounds.

addresses   which addresses may be connected to        connection, idle   sockets, metered and kept
budget      seconds and bytes                          client, answer     one GET
redirects   hop by hop                                 decoding           gzip and deflate, bounded
robots      robots.txt                                 status, sniff      what came back
"""

import re
import time
from typing import Protocol

from tasks.article import Article
from tasks.errors import Reason, Rejected, TryLater
from tasks.fetch.addresses import AddressGuard
from tasks.fetch.answer import Answer
from tasks.fetch.budget import FetchLimits
from tasks.fetch.client import Client
from tasks.fetch.redirects import blamed, follow
from tasks.fetch.robots import MemoryRobotsCache, Robots, RobotsCache
from tasks.fetch.sniff import HEAD_BYTES, HTML, TEXT, sniff
from tasks.fetch.status import ending_of

__all__ = [
    "AddressGuard",
    "Client",
    "Documents",
    "FetchLimits",
    "MemoryRobotsCache",
    "Robots",
    "RobotsCache",
    "fetch",
]

#: Longest ETag or Last-Modified kept, in characters: the record must stay small (real ones are under 100).
_LONGEST_VALIDATOR = 256
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)


class Documents(Protocol):
    """Where the submitter put the content of `file:` URLs."""

    def load(self, article_id: str) -> bytes:
        """Return the document submitted as `article_id`."""


def fetch(article: Article, *, client: Client, robots: Robots, documents: Documents) -> Article:
    """Return `article` with its page: `html` decompressed, and what the server said about it.

    A `file:` URL is taken from `documents`. Raises Rejected or TryLater with the reasons of tasks/errors.py.
    """
    if article.url.startswith("file:"):
        return _local(article, documents.load(article.id), client.limits)
    with follow(client, article.url, client.budget(), admit=robots.check) as answer:
        ending = ending_of(answer.status, answer.headers.get("retry-after"), time.time())
        if isinstance(ending, TryLater):
            raise blamed(ending, answer.url, article.url)
        if ending is not None:
            raise ending
        return _page(article, answer, client.limits)


def _page(article: Article, answer: Answer, limits: FetchLimits) -> Article:
    declared = answer.headers.get("content-type")
    head = answer.read(HEAD_BYTES)
    content_type = sniff(head, declared)  # before the rest, which a video had better not send
    body = head + answer.read(limits.decoded_bytes + 1 - len(head))
    _check_size(body, limits)
    return article.evolve(
        final_url=answer.url,
        status=answer.status,
        content_type=content_type,
        charset=charset_of(declared),
        etag=_validator(answer, "etag"),
        last_modified=_validator(answer, "last-modified"),
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


def _validator(answer: Answer, name: str) -> str | None:
    value = answer.headers.get(name)
    return value if value and len(value) <= _LONGEST_VALIDATOR else None
