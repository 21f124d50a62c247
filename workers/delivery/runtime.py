"""What a process holds: made from the settings once, tools before the fork, connections after it."""
# ruff: noqa: PLC0415 - what only some queues' workers use is imported by those: parsers and models take 40 MB

import gc
import threading
from collections.abc import Sequence
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from monitoring.metrics import Meter
from monitoring.slots import seen_labels
from tasks.article import Outcome
from tasks.errors import Reason
from tasks.fetch.client import Client
from tasks.fetch.conditional_get import NoRows, Rows
from tasks.fetch.robots import Robots
from tasks.pipeline import bind
from workers.ledger.bodies import Bodies
from workers.ledger.content_index import ContentIndex
from workers.ledger.frontier import Frontier
from workers.ledger.entries import Policy
from workers.ledger.settle import Ledger
from workers.ledger.redis_client import RedisClient, connect
from workers.ledger.robots_cache import RobotsCache
from workers.delivery.runner import Runner
from workers.settings import Settings
from workers.store.store import Store
from workers.ledger.rate_limit import HostTurns
from workers.delivery.http_client import NO_CONTACT, PRODUCT_TOKEN, ROBOTS_TTL, make_client

if TYPE_CHECKING:
    from tasks.extract.stage import Extractor
    from tasks.language.detector import Detector
    from tasks.topics.stage import Tagger

log = structlog.get_logger(__name__)


class Runtime:
    """The parts of one worker process. Safe to use from many threads."""

    def __init__(self, settings: Settings, *, patient: bool = True) -> None:
        self.settings = settings
        #: Where the processes of a worker's pool count, None in a process that counts by itself.
        self.metrics_directory: Path | None = None
        self._patient = patient
        self._lock = threading.RLock()
        self._runner: Runner | None = None
        self._meter: Meter | None = None
        #: Labels that the tagger may give, where one was loaded before the fork.
        self._topics: Sequence[str] = ()

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
        """The store, its tables made."""
        store = Store(self.settings.database_url.get_secret_value())
        store.create()
        return store

    @property
    def meter(self) -> Meter:
        """The process's counters; made once, since two would overwrite each other's numbers in the pool's files."""
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
        return ContentIndex(self.redis, self.settings.key_prefix, self._url_of, shards)

    @cached_property
    def ledger(self) -> Ledger:
        """What ends articles."""
        return Ledger(self.frontier, self.store, self.contents, self.meter)

    @property
    def runner(self) -> Runner:
        """What runs deliveries; made at first use, once, after the fork."""
        if self._runner is None:
            with self._lock:
                if self._runner is None:
                    self._runner = self._make_runner()
        return self._runner

    def preload(self) -> None:
        """Load what is large and shared by forked children: profiles, models, the date parser.

        The garbage collector leaves it alone from then on. Otherwise each child's first full collection writes to
        all of it, which takes 0.2 s of CPU and copies 56 MB that were shared.
        """
        from tasks import dedupe, extract, language, topics

        _ = dedupe, language, topics
        self.detector.warm()
        self._topics = self.tagger.best_labels
        extract.warm()
        gc.collect()
        gc.freeze()

    # The tools of the stages (tasks.pipeline.Tools).

    @cached_property
    def client(self) -> Client:
        """The HTTP client."""
        if not self.settings.contact:
            log.warning(NO_CONTACT)
        return make_client(self.settings, observe=self.meter.answered)

    @cached_property
    def robots(self) -> Robots:
        """robots.txt, cached in Redis."""
        cache = RobotsCache(self.redis, self.settings.key_prefix)
        return Robots(self.client, cache, PRODUCT_TOKEN, ROBOTS_TTL)

    @cached_property
    def turns(self) -> HostTurns:
        """The budgets of hosts, in the frontier."""
        return HostTurns(self.frontier, self.settings.max_crawl_delay)

    @property
    def opt_outs(self) -> tuple[str, ...]:
        """Opt-outs that reject a page."""
        return self.settings.reject_opt_outs

    @property
    def documents(self) -> Store:
        """Local documents wait in the store."""
        return self.store

    @property
    def rows(self) -> Rows:
        """What became of articles is in the store."""
        return self.store if self.settings.keep_unchanged else NoRows()

    @cached_property
    def extractor(self) -> "Extractor":
        """The extractor."""
        from tasks.extract.stage import Extractor

        return Extractor(min_chars=self.settings.min_chars)

    @cached_property
    def detector(self) -> "Detector":
        """The language detector, its models loaded."""
        from tasks.language.detector import Detector

        return Detector.load(self.settings.languages)

    @cached_property
    def tagger(self) -> "Tagger":
        """The topic tagger, its weights loaded."""
        from tasks.topics.taggers import load_tagger

        return load_tagger(self.settings.taxonomy)

    def _make_meter(self) -> Meter:
        directory = self.metrics_directory
        meter = Meter(seen=seen_labels(directory)) if directory else Meter()
        meter.expect((outcome, "") for outcome in (Outcome.ENRICHED, Outcome.DUPLICATE))
        meter.expect(product((Outcome.REJECTED, Outcome.FAILED), Reason))
        if self._topics:
            meter.expect_topics(self._topics)
        return meter

    def _make_runner(self) -> Runner:
        bodies = Bodies(self.redis, self.settings.key_prefix, self.settings.body_ttl)
        return Runner(bind(self), self.frontier, bodies, self.ledger, self.meter)

    def _url_of(self, article_id: str) -> str | None:
        entry = self.frontier.entry(article_id)
        return entry.url if entry else self.store.url_of(article_id)
