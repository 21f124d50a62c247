"""The parts of a worker process, made from the settings: tools before the fork, connections after it."""
# ruff: noqa: PLC0415 - imported where it is needed: the HTTP client takes 15 MB in workers that do not use it

import gc
import threading
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from monitoring.metrics import Meter
from monitoring.pool_files import seen_labels
from tasks.article import Outcome
from tasks.errors import Reason
from tasks.pipeline import bind
from tasks.stage import Stage
from workers.delivery.runner import Runner
from workers.delivery.tools import StageTools
from workers.ledger.bodies import LARGEST, Bodies
from workers.ledger.clock import RedisClock
from workers.ledger.content_index import ContentIndex
from workers.ledger.entries import Policy
from workers.ledger.frontier import Frontier
from workers.ledger.rate_limit import HostRateLimit
from workers.ledger.redis_client import RedisClient, connect
from workers.ledger.settle import Ledger
from workers.settings import Settings
from workers.store.documents import Documents
from workers.store.store import Store

if TYPE_CHECKING:
    from tasks.fetch.client import Client
    from tasks.fetch.conditional_get import Rows
    from tasks.fetch.robots import Robots

log = structlog.get_logger(__name__)

#: Most seconds of a statement of a worker: one that waits longer, for a lock or over a broken network, has failed. A
#: row takes about a millisecond.
STATEMENT_SECONDS = 5


class Runtime(StageTools):
    """The parts of a worker process, the stages' tools included. Thread-safe."""

    def __init__(self, settings: Settings, *, patient: bool = True) -> None:
        super().__init__(settings)
        #: Folder of the metrics of a pool's processes; None in a process that keeps its metrics in memory.
        self.metrics_directory: Path | None = None
        self._patient = patient
        self._lock = threading.RLock()
        self._runner: Runner | None = None
        self._meter: Meter | None = None

    @cached_property
    def redis(self) -> RedisClient:
        """The connection of the ledger, the bodies and the indexes."""
        return connect(self.settings, patient=self._patient)

    @cached_property
    def frontier(self) -> Frontier:
        """The frontier on that connection."""
        return Frontier(self.redis, self.settings.key_prefix, Policy.of(self.settings))

    @cached_property
    def store(self) -> Store:
        """The store; its tables are migrated when the worker starts (startup.py)."""
        return Store(self.settings.database_url.get_secret_value(), seconds=STATEMENT_SECONDS)

    @property
    def meter(self) -> Meter:
        """The process's counters; made once, since a second set would overwrite the first in the pool's files."""
        if self._meter is None:
            with self._lock:
                if self._meter is None:
                    self._meter = self._make_meter()
        return self._meter

    @cached_property
    def contents(self) -> ContentIndex:
        """The index of contents."""
        urls = [one.get_secret_value() for one in self.settings.content_redis_urls]
        shards = [connect(self.settings, patient=self._patient, url=url) for url in urls]
        return ContentIndex(
            *(self.redis, self.settings.key_prefix, self._url_of, shards),
            last_owners=self.store.last_owners,
            id_now=self.store.id_now,
            keys=self.settings.url_keys,
        )

    @cached_property
    def ledger(self) -> Ledger:
        """Settles articles: row, lease, count."""
        patience = self.settings.soft_limit / 2
        return Ledger(self.frontier, self.store, self.contents, self.meter, patience=patience)

    @property
    def runner(self) -> Runner:
        """Runs deliveries; made once, at first use, after the fork."""
        if self._runner is None:
            with self._lock:
                if self._runner is None:
                    self._runner = self._make_runner()
        return self._runner

    def load(self, stages: Iterable[Stage]) -> None:
        """Load what these stages need and forked children share: profiles, models, the date parser.

        The garbage collector ignores it from then on. Otherwise each child's first full collection would write to all of
        it: 0.2 s of CPU, and copies of 56 MB of shared memory.
        """
        for stage in stages:
            stage.load_before_fork(self)
        gc.collect()
        gc.freeze()

    # Tools that connect to something; the others are in StageTools.

    @cached_property
    def client(self) -> "Client":
        """The HTTP client."""
        from workers.delivery.http_client import NO_CONTACT, make_client

        if not self.settings.contact:
            log.warning(NO_CONTACT)
        return make_client(self.settings, observe=self.meter.answered)

    @cached_property
    def robots(self) -> "Robots":
        """robots.txt files, cached in Redis, and what the operator says of hosts."""
        from tasks.fetch.robots import Robots
        from workers.delivery.http_client import PRODUCT_TOKEN, ROBOTS_TTL
        from workers.ledger.host_rules import HostRules
        from workers.ledger.robots_cache import RobotsCache

        cache = RobotsCache(self.redis, self.settings.key_prefix)
        hosts = HostRules(self.redis, self.settings.key_prefix)
        return Robots(self.client, cache, PRODUCT_TOKEN, ROBOTS_TTL, hosts=hosts)

    @cached_property
    def clock(self) -> Callable[[], float]:
        """The time, in seconds since the epoch, by Redis's clock: what is stored does not depend on a worker's."""
        return RedisClock(self.redis).time

    @cached_property
    def rate_limit(self) -> HostRateLimit:
        """The rate limits of hosts, in the frontier."""
        return HostRateLimit(self.frontier, self.settings.max_crawl_delay)

    @property
    def documents(self) -> Documents:
        """Submitted documents, in the store."""
        return self.store.documents

    @property
    def rows(self) -> "Rows":
        """Earlier rows of articles, in the store."""
        from tasks.fetch.conditional_get import NoRows

        return self.store if self.settings.keep_unchanged else NoRows()

    def _make_meter(self) -> Meter:
        directory = self.metrics_directory
        meter = Meter(seen=seen_labels(directory)) if directory else Meter()
        meter.expect((outcome, "") for outcome in (Outcome.ENRICHED, Outcome.DUPLICATE))
        meter.expect(product((Outcome.REJECTED, Outcome.FAILED), Reason))
        # Only if the tagger was loaded before the fork.
        if "tagger" in vars(self):
            meter.expect_topics(self.tagger.best_labels)
        return meter

    def _make_runner(self) -> Runner:
        settings = self.settings
        largest = max(LARGEST, 10 * settings.max_body_bytes)
        bodies = Bodies(self.redis, settings.key_prefix, settings.body_ttl, largest)
        return Runner(bind(self), self.frontier, bodies, self.ledger, self.meter)

    def _url_of(self, article_id: str) -> str | None:
        entry = self.frontier.entry(article_id)
        return entry.url if entry else self.store.url_of(article_id)
