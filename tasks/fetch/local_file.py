"""The fetcher of `file:` URLs: documents that a user has submitted from a disk."""

import time
from typing import Protocol

from tasks.article import Article
from tasks.fetch.client import Client
from tasks.fetch.clock import Clock
from tasks.fetch.content_type import HEAD_BYTES, HTML, TEXT, sniff


class Documents(Protocol):
    """Keeps submitted documents until their articles are done."""

    def load(self, article_id: str) -> bytes:
        """Return the document submitted as `article_id`."""


def fetch_document(
    article: Article, *, documents: Documents, client: Client, clock: Clock = time.time
) -> Article:
    """Return `article` with its document, whose type its suffix tells.

    Raises Rejected(NOT_HTML) for one that is of another type by its first bytes, Rejected(NO_ARTICLE) for an empty one,
    Rejected(TOO_LARGE) for one over the limit of `client`, and what `documents` raises.
    """
    body = documents.load(article.id)
    content_type = TEXT if article.url.lower().endswith(".txt") else HTML
    sniff(body[:HEAD_BYTES], content_type)
    client.limits.check_size(body)
    return article.evolve(final_url=article.url, content_type=content_type, fetched_at=clock(), html=body)
