"""Which hosts give walls instead of pages: how many of which kind, and since when they block (lua/settle.lua).

It is kept in Redis, of 5,000 hosts at most: a ledger that was emptied knows nothing of walls before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tasks.article import Article
from tasks.errors import Reason
from tasks.public_suffixes import same_site
from workers.ledger.redis_client import RedisClient
from workers.times import iso_ms

#: The reasons that are counted by host; only the first one slows the host down.
WALLS = (Reason.BLOCKED, Reason.SOFT_404, Reason.NEEDS_JAVASCRIPT)


@dataclass(frozen=True, slots=True)
class Wall:
    """What a host has given instead of pages. Times are milliseconds since the epoch."""

    host: str
    #: Pages by reason, of WALLS those that there were.
    pages: dict[str, int]
    #: Since when it blocks, without an article between; None if it does not.
    blocks_since: int | None = None
    #: Blocked pages since then.
    in_a_row: int = 0
    #: When the last such page was settled.
    last: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON types, times in ISO 8601."""
        counts = {reason.value: self.pages.get(reason, 0) for reason in WALLS}
        return {
            "host": self.host,
            **counts,
            "blocks_since": None if self.blocks_since is None else iso_ms(self.blocks_since),
            "in_a_row": self.in_a_row,
            "last": iso_ms(self.last),
        }


def wall_of(article: Article, reason: str | None) -> str:
    """Return the `reason` of an article's ending if it is a wall of its own site; '' otherwise: after a redirect, too, to another's."""
    counts = reason in WALLS and same_site(article.url, article.final_url or article.url)
    return reason if reason and counts else ""


class Walls:
    """The walls of a ledger. Each call may raise redis.RedisError."""

    def __init__(self, redis: RedisClient, prefix: str) -> None:
        self._redis = redis
        self._keys = prefix + "walls:"

    def of(self, host: str) -> Wall | None:
        """Return what is known of a host (tasks/urls.py, `host_of`), None for nothing."""
        found = self._read([host])
        return found[0] if found[0].pages else None

    def worst(self, count: int) -> list[Wall]:
        """Return `count` hosts: those that block, for longest first, then those with the most walls."""
        blocking = self._redis.zrange(f"{self._keys}since", 0, count - 1)
        pipe = self._redis.pipeline(transaction=False)
        for reason in WALLS:
            pipe.zrange(self._keys + reason, 0, count - 1, desc=True)
        hosts = dict.fromkeys([*blocking, *(host for top in pipe.execute() for host in top)])
        found = self._read(host.decode("utf-8", "replace") for host in hosts)
        return sorted(found, key=_badness)[:count]

    def _read(self, hosts: Iterable[str]) -> list[Wall]:
        hosts = list(hosts)
        pipe = self._redis.pipeline(transaction=False)
        names = ("since", "last", *WALLS)
        for host in hosts:
            for name in names:
                pipe.zscore(self._keys + name, host)
            pipe.hget(f"{self._keys}row", host)
        replies = pipe.execute()
        each = len(names) + 1
        return [_wall(host, replies[n * each : (n + 1) * each]) for n, host in enumerate(hosts)]


def _wall(host: str, reply: list[Any]) -> Wall:
    since, last, *counts, row = reply
    pages = {reason.value: int(count) for reason, count in zip(WALLS, counts, strict=True) if count}
    beginning = (row or b"").partition(b" ")[0]
    in_a_row = int(beginning) if beginning.isdigit() else 0
    return Wall(host, pages, None if since is None else int(since), in_a_row, int(last or 0))


def _badness(wall: Wall) -> tuple[bool, int, int]:
    return wall.blocks_since is None, wall.blocks_since or 0, -sum(wall.pages.values())
