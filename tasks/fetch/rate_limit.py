"""The rate limit of each host, shared by all workers; whoever runs the stages keeps it."""

from typing import Protocol

from tasks.article import Article


class RateLimit(Protocol):
    """Keeps the rate limit of each host; shared by all threads of a worker."""

    def acquire(self, article: Article, server: str, crawl_delay: float | None) -> None:
        """Wait until the host of `server` may be sent a request on behalf of `article`, and count that request.

        `server` (tasks/urls.py, `server_of`) is the article's own or one that a redirect leads to; `crawl_delay` is the Crawl-delay of its robots.txt,
        in seconds. Raises TryLater(HOST_BUSY) if the wait would be too long.
        """


class NoRateLimit:
    """No rate limit: for a single page, or for tests."""

    def acquire(self, article: Article, server: str, crawl_delay: float | None) -> None:
        """Return at once."""
