"""The scheduler: claims due articles, publishes their chains, puts back articles whose lease has run out.

Any number of schedulers may run. Politeness, back-pressure and recovery are all in this loop: the frontier leases an
article only if its host's rate limit and `max_in_flight` allow it, and expired leases are put back here.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

import structlog
from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError, ResponseError
from sqlalchemy.exc import DBAPIError

from monitoring.metrics import SchedulerMeter
from monitoring.unexpected import unexpected
from workers.delivery.compat.kombu_keys import article_in_queue, queue_key, small_items
from workers.delivery.compat.kombu_unacked import forget_stale
from workers.delivery.heartbeat import Heartbeat
from workers.delivery.host_watch import HostWatch
from workers.delivery.message_check import LARGEST
from workers.delivery.messages import publish
from workers.delivery.queues import stages_by_queue
from workers.delivery.runtime import Runtime
from workers.delivery.store_watch import StoreWatch
from workers.ledger.entries import Lease
from workers.ledger.host_rules import HostRules
from workers.ledger.identity import LedgerIdentity
from workers.ledger.pair import ForeignLedgerError
from workers.ledger.processes import BEAT_EVERY
from workers.ledger.redis_client import RedisClient
from workers.ledger.rekey import Rekeying

log = structlog.get_logger(__name__)

#: Articles claimed by one call of a script.
CLAIM_BATCH = 50
#: Seconds between two checks for expired leases.
RECLAIM_EVERY = 1.0
#: Seconds between two checks for copies of messages that nobody will acknowledge.
FORGET_EVERY = 5.0
#: Seconds between two notes of how far the store has come.
NOTE_CHANGES_EVERY = 10.0
#: Seconds of a round in which URLs get new ids.
REKEY_SECONDS = 1.0
#: Seconds until the next try when Redis or the database cannot be reached.
OUTAGE_PAUSE = 1.0
#: An outage: the round is over, and tried again.
_OUTAGE = (RedisError, OperationalError, DBAPIError)


class Scheduler:
    """The loop of a scheduler process; `heartbeat` is the process's."""

    def __init__(
        self,
        app: Celery,
        runtime: Runtime,
        heartbeat: Heartbeat | None = None,
        rekeying: Rekeying | None = None,
    ) -> None:
        """With `rekeying`, URLs get new ids first where their keys have changed."""
        self._app = app
        self._rekeying = rekeying
        self._rekeying_steps: Iterator[bool] | None = None
        self._heartbeat = heartbeat
        self._runtime = runtime
        self._frontier = runtime.frontier
        self._meter = SchedulerMeter(runtime.meter.registry)
        self._store_watch = StoreWatch(runtime.frontier, runtime.store)
        self._hosts = HostWatch(
            HostRules(runtime.redis, runtime.settings.key_prefix),
            runtime.store.host_rules,
            runtime.settings.hosts_file,
            runtime.settings.host_concurrency,
        )
        self._identity = LedgerIdentity(runtime.redis, runtime.settings.key_prefix)
        self._due: dict[str, float] = {}
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Make `run` return after its current step."""
        self._stopped.set()

    def run(self) -> None:
        """Run until `stop`; wait if Redis or the database cannot be reached. What nobody expects does not end it.

        Raises ForeignLedgerError when another store has taken over the ledger, and HostsFileError if the file of hosts cannot be
        read at the start.
        """
        self._hosts.begin()
        log.info("Scheduler started", max_in_flight=self._runtime.settings.max_in_flight)
        try:
            self._run()
        finally:
            with suppress(RedisError):
                self._survive(self.note_changes)
            if self._heartbeat:
                with suppress(RedisError):
                    self._heartbeat.leave()

    def _run(self) -> None:
        while not self._stopped.is_set():
            began = time.perf_counter()
            try:
                claimed = self.step()
            except _OUTAGE as error:
                log.warning("Cannot reach Redis or the database, trying again", error=str(error))
                self._stopped.wait(OUTAGE_PAUSE)
            else:
                self._meter.round(time.perf_counter() - began)
                if not claimed:
                    self._stopped.wait(self._runtime.settings.poll_interval)

    def step(self) -> int:
        """Do what is due; return how many articles were published."""
        if self._heartbeat and self._is_due("heartbeat", BEAT_EVERY):
            self._survive(self._heartbeat.beat)
        if self._is_due("reclaim", RECLAIM_EVERY):
            self._survive(self.reclaim)
        if self._is_due("changes", NOTE_CHANGES_EVERY):
            self._survive(self.note_changes)
        if self._is_due("forget", FORGET_EVERY):
            self._survive(self._forget)
        if self._rekeying:
            self._survive(self._rekey)
        self._survive(self._hosts.look)
        return self._survive(self._claim) or 0

    def _survive(self, part: Callable[[], int | None]) -> int | None:
        """Do a part of a round. An error that is no outage does not keep the others from being done."""
        try:
            return part()
        except ForeignLedgerError:
            raise
        except Exception as error:
            # Redis refuses a command by a plain ResponseError where somebody else has written to a key of newsmill's.
            if isinstance(error, _OUTAGE) and type(error) is not ResponseError:
                raise
            unexpected("scheduler", error)
            return None

    def _forget(self) -> None:
        forget_stale(self._runtime.redis, self._runtime.settings.key_prefix, self._frontier)

    def _rekey(self) -> None:
        """Go on with giving URLs new ids, until there is nothing to do at once, or a second is over."""
        assert self._rekeying is not None  # noqa: S101 - it is called with one only
        steps, until = self._rekeying_steps or self._rekeying.steps(), time.monotonic() + REKEY_SECONDS
        self._rekeying_steps = None  # after an error it begins again
        for goes_on in steps:
            if not goes_on or time.monotonic() > until:
                self._rekeying_steps = steps
                return
        self._rekeying = None

    def _claim(self) -> int:
        takes_rows = self._store_watch.takes_rows()
        self._meter.store_takes_rows(takes_rows)
        leases = self._frontier.claim(CLAIM_BATCH) if takes_rows else []
        self._publish(leases)
        return len(leases)

    def reclaim(self) -> None:
        """Put back articles with expired leases; renew the leases of queued ones; settle those without attempts left."""
        renewed = self._frontier.pulse()
        if renewed:
            log.warning("Redis or all schedulers were down, renewed all leases", count=renewed)
        if not self._frontier.ageing():
            return
        # An article in any queue is not lost: it waits for a worker, and must not use up its attempts.
        lost, spent = self._frontier.reclaim(set(self._queued_ids()))
        self._meter.expired(lost + len(spent))
        if lost:
            log.warning("Leases expired, put their articles back", count=lost)
        for lease in spent:
            self._survive(partial(self._fail, lease))

    def note_changes(self) -> None:
        """Note how far the store has come, by which a backup of it is known as one."""
        try:
            highest = self._runtime.store.changes.highest()
        except DBAPIError as error:
            log.debug("Cannot ask the store for its changes", error=str(error.orig))
            return
        seen = self._identity.changes()
        if highest is None or highest == seen:
            return
        if highest < seen:
            log.error(
                "The store has gone back: rows were lost, or a backup was restored", last=highest, seen=seen
            )
        else:
            self._identity.note_changes(highest)

    def _fail(self, lease: Lease) -> None:
        ledger = self._runtime.ledger
        try:
            if not ledger.finish(lease.article):
                ledger.fail(lease.article, stage=lease.entry.stage, attempts=lease.entry.attempts)
        except DBAPIError as error:
            # It comes back with its new lease; the others go on.
            log.warning(
                "Cannot end an article without attempts left", article=lease.article.id, error=str(error)
            )

    def _publish(self, leases: list[Lease]) -> None:
        if not leases:
            return
        with self._app.producer_pool.acquire(block=True) as producer:
            for lease in leases:
                self._survive(
                    partial(publish, self._app, self._runtime.settings, lease.article, producer=producer)
                )
        self._meter.published(len(leases))

    def _queued_ids(self) -> Iterator[str]:
        """Yield the ids of the articles with a message in any queue."""
        settings = self._runtime.settings
        for queue in stages_by_queue(settings):
            yield from queued_ids(self._runtime.redis, queue_key(settings.key_prefix, queue))

    def _is_due(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every
        return True


def queued_ids(redis: RedisClient, key: str) -> Iterator[str]:
    """Yield the ids of the articles with a message in a queue, given its key (kombu_keys.queue_key)."""
    for item in small_items(redis, key, LARGEST):
        article = article_in_queue(item)
        if article:
            yield article["id"]
