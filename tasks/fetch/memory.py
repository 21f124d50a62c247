"""In-memory twins of what the fetch stage works with, for tests and for those who try things out."""

import time
from collections.abc import Mapping

from tasks.article import Article
from tasks.errors import Ending, Reason, Rejected
from tasks.fetch.content_type import HEAD_BYTES, sniff
from tasks.fetch.fetchers import Fetcher


class MemoryDocuments(dict[str, bytes]):
    """tasks.fetch.local_file.Documents by article id."""

    def load(self, article_id: str) -> bytes:
        """Return the document; KeyError where there is none."""
        return self[article_id]


class MemoryRows(dict[str, Article]):
    """tasks.fetch.conditional_get.Rows by article id."""

    def last(self, article_id: str) -> Article | None:
        """Return the article; None where there is none."""
        return self.get(article_id)


class MemoryFetcher:
    """A fetcher of one scheme, whose pages are in memory by URL; an Ending in place of a page is raised."""

    def __init__(self, pages: Mapping[str, bytes | Ending], scheme: str = "memory") -> None:
        self._pages = pages
        #: For FETCHERS. Its URLs are asked for as they are.
        self.fetcher = Fetcher(schemes=(scheme,), run=self.fetch, request_url=str)

    def fetch(self, article: Article) -> Article:
        """Return `article` with its page; Rejected(NOT_FOUND) where there is none."""
        page = self._pages.get(article.url)
        if page is None:
            raise Rejected(Reason.NOT_FOUND, f"There is no page {article.url}.")
        if isinstance(page, Ending):
            raise page
        return article.evolve(
            final_url=article.url,
            content_type=sniff(page[:HEAD_BYTES], None),
            fetched_at=time.time(),
            html=page,
        )
