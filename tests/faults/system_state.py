"""What can be read of a running system: the ledger, the rows, what is left in Redis, the processes' metrics."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from tasks.article import Outcome
from tests.faults.database import Database
from workers.ledger.entries import Policy
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient, connect
from workers.settings import Settings
from workers.store.schema import articles

#: Keys that stay at the end: seen URLs, the content index, counters, robots.txt, what is said of hosts, their walls, Celery's
#: bindings, the ledger's identity, and for some seconds the heartbeats of processes that were killed.
_KEPT = (
    "seen:",
    "content:",
    "copies:",
    "near:",
    "paragraphs",
    "robots:",
    "hosts:",
    "walls:",
    "counts",
    "fence",
    "version",
    "pulse",
    "identity",
    "failover",
    "contents-on",
    "beats",
    "processes",
    "celery:_kombu.",
    "celery:unacked_mutex",
)
_QUEUES = ("fetch", "enrich")


@dataclass
class SystemState:
    """Reads Redis and the database. All but `enriched_since` raise redis.RedisError while Redis is away."""

    settings: Settings
    database: Database

    @cached_property
    def redis(self) -> RedisClient:
        """A connection that fails at once when Redis is away."""
        return connect(self.settings)

    @cached_property
    def frontier(self) -> Frontier:
        """The frontier."""
        return Frontier(self.redis, self.settings.key_prefix, Policy.of(self.settings))

    def key(self, name: str) -> str:
        """Return a Redis key with its prefix."""
        return self.settings.key_prefix + name

    def enriched(self) -> int:
        """Return how many articles are enriched."""
        return self.frontier.snapshot().outcomes[Outcome.ENRICHED]

    def newest_token(self) -> int:
        """Return the token of the lease that was given last."""
        return int(self.redis.get(self.key("fence")) or 0)

    def enriched_since(self, token: int) -> bool:
        """Return whether an article is enriched whose lease was given after this token."""
        newer = select(articles.c.id).where(articles.c.outcome == Outcome.ENRICHED, articles.c.token > token)
        with self.database.store.engine.connect() as connection:
            return connection.execute(newer.limit(1)).first() is not None

    def messages(self) -> Sequence[int]:
        """Return how many messages wait in the queue of fetching, and in that of enriching."""
        return [self.redis.llen(self.key(f"celery:{queue}")) for queue in _QUEUES]

    def quiet(self, *, recovery: bool) -> bool:
        """Return whether nothing is left that could still move.

        Without recovery, expired leases stay: no worker still has their articles, since every limit of a task is
        shorter than the lease.
        """
        now = self.frontier.snapshot()
        if now.waiting or now.deferred or any(self.messages()):
            return False
        if recovery:
            return not now.in_flight and not self.redis.exists(self.key("celery:unacked"))
        return not self.redis.zcount(self.key("leases"), now.now, "+inf")

    def owners(self) -> dict[str, str]:
        """Return the content index: content id -> id of its owner, which each value begins with."""
        prefix = self.key("content:").encode()
        found: dict[str, str] = {}
        for key in self.redis.scan_iter(match=prefix + b"*", count=1000):
            bucket = key.removeprefix(prefix)
            found |= {
                (bucket + rest).hex(): owner[:16].hex() for rest, owner in self.redis.hgetall(key).items()
            }
        return found

    def left_over_keys(self) -> list[str]:
        """Return the Redis keys that should be gone at the end."""
        prefix = self.settings.key_prefix.encode()
        kept = tuple(self.key(name).encode() for name in _KEPT)
        return [
            repr(key.removeprefix(prefix))
            for key in self.redis.scan_iter(count=1000)
            if not key.startswith(kept)
        ]


def scrape(port: int, metric: str) -> dict[str, int]:
    """Return a metric's samples by outcome from a process's metrics endpoint; none where nobody answers."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
    except OSError:
        return {}
    found: Counter[str] = Counter()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == metric:
                found[sample.labels["outcome"]] += int(sample.value)
    return dict(found)
