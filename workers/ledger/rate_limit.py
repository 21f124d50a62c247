"""One request budget a host over all workers, for pages and for redirects: tasks.fetch.rate_limit.RateLimit in Redis."""

import time

from tasks.article import Article
from tasks.errors import Reason, Rejected, TryLater
from tasks.hosts import PAUSED_FOR
from workers.ledger.frontier import Frontier

#: Seconds that a thread waits for a turn before the article goes back instead. Most waits are for the rest of a host's
#: interval of a second.
PATIENCE = 5.0


class HostRateLimit:
    """Waits until a host may be asked again; `longest_crawl_delay` caps what a robots.txt may ask for, in seconds."""

    def __init__(self, frontier: Frontier, longest_crawl_delay: float) -> None:
        self._frontier = frontier
        self._longest = longest_crawl_delay

    def acquire(self, article: Article, server: str, crawl_delay: float | None) -> None:
        """Wait for the turn of `article` at the host of `server`; TryLater(HOST_BUSY) where it is too far away.

        Raises Rejected(HOST_DENIED) and TryLater(HOST_PAUSED) where the operator has just said so, and redis.RedisError.
        """
        pause = min(max(crawl_delay or 0.0, 0.0), self._longest)
        gives_up = time.monotonic() + PATIENCE
        while True:
            left = gives_up - time.monotonic()
            turn = self._frontier.turn(article, server, crawl_delay=pause, patience=max(left, 0.0))
            if turn.verdict == "denied":
                raise Rejected(Reason.HOST_DENIED, f"{server} is denied since a moment ago.")
            if turn.verdict == "paused":
                raise TryLater(
                    Reason.HOST_PAUSED, f"{server} is paused since a moment ago.", after=PAUSED_FOR
                )
            if turn.verdict == "go":
                time.sleep(turn.seconds)
                return
            if turn.verdict != "busy" or left <= 0:
                raise TryLater(
                    Reason.HOST_BUSY, f"The budget of {server} has no room for it yet.", after=turn.seconds
                )
            time.sleep(turn.seconds)
