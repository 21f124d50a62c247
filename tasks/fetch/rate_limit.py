"""When a host may be asked: one budget a host over all workers, kept by whoever runs the stages."""

from typing import Protocol

from tasks.article import Article


class RateLimit(Protocol):
    """Keeps the budgets of hosts; shared by all threads of a worker."""

    def acquire(self, article: Article, host: str, crawl_delay: float | None) -> None:
        """Return once `host` may be asked for a page on behalf of `article`; the turn is then taken.

        `host` is the article's own or one that a redirect leads to; `crawl_delay` are the seconds that its robots.txt
        asks for between two requests. Raises TryLater(HOST_BUSY) where its turn is too far away to wait for.
        """


class NoRateLimit:
    """For one who asks for a single page: every turn is now."""

    def acquire(self, article: Article, host: str, crawl_delay: float | None) -> None:
        """Return at once."""
