"""Run the stages of a delivered article, and record the result in the ledger: settled, deferred, or passed on.

`verdict_of` is the only place that decides what an exception means. Celery is used in tasks.py, not here.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from monitoring.metrics import Meter
from tasks.article import Article, Outcome
from tasks.errors import Ending, Failed, Reason, Rejected, TryLater
from tasks.stage import Step
from workers.ledger.bodies import Bodies, BodyLostError
from workers.ledger.entries import Deferral
from workers.ledger.frontier import Frontier
from workers.ledger.settle import Ledger
from workers.store.faults import Fault, fault_of, is_disk_full
from workers.store.rows import Result

log = structlog.get_logger(__name__)

#: Reason of an article that waits for the database, or that the database takes no row of.
STORE_DOWN = "store_down"
#: Seconds until the next try of an article of which the database takes no row at all.
A_DAY = 24 * 3600.0

#: Called with the name of each stage that runs in place; what it returns is called at the stage's end. For task events.
Watch = Callable[[str], "object"]


@dataclass(frozen=True, slots=True)
class Settled:
    """The article gets this outcome."""

    outcome: Outcome
    reason: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Deferred:
    """The article goes back to the frontier."""

    kind: Deferral
    reason: str
    detail: str = ""
    after: float | None = None
    #: Deferrals that are enough, if fewer than NEWSMILL_MAX_DEFERRALS.
    rounds: int | None = None
    whole_host: bool = False


def verdict_of(error: Exception) -> Settled | Deferred:
    """Return what happens to the article of a stage that raised `error`."""
    match error:
        case Rejected() | Failed():
            outcome = Outcome.REJECTED if isinstance(error, Rejected) else Outcome.FAILED
            return Settled(outcome, error.reason, error.detail)
        case TryLater(reason=Reason.HOST_BUSY | Reason.HOST_PAUSED):
            # Its turn at the host is reserved, or the operator lets it wait. The site has not failed: this costs no deferral.
            return Deferred(Deferral.SYSTEM, error.reason, error.detail, error.after)
        case TryLater():
            return Deferred(
                Deferral.LATER,
                error.reason,
                error.detail,
                error.after,
                rounds=error.rounds,
                whole_host=error.whole_host,
            )
        case BodyLostError():
            return Deferred(Deferral.SYSTEM, "body_lost", "its body expired, see NEWSMILL_BODY_TTL")
        case SoftTimeLimitExceeded():
            return Deferred(Deferral.RETRY, Reason.TIMEOUT, "ran longer than NEWSMILL_SOFT_LIMIT")
        case _:
            # A bug or a broken page: tried again a bounded number of times, then a dead letter.
            return Deferred(Deferral.RETRY, Reason.ERROR, f"{type(error).__name__}: {error}")


@dataclass(slots=True)
class Delivery:
    """An article that this process works on, and what has been done so far."""

    article: Article
    stage: str
    attempts: int = 1
    has_history: bool = False
    #: Page and text from the previous task, packed (workers/ledger/bodies.py).
    body: bytes | None = None
    done: list[str] = field(default_factory=list)


class Runner:
    """Runs deliveries. One instance for each process; it is thread-safe."""

    def __init__(
        self, steps: Mapping[str, Step], frontier: Frontier, bodies: Bodies, ledger: Ledger, meter: Meter
    ) -> None:
        self._steps = steps
        self._frontier = frontier
        self._bodies = bodies
        self._ledger = ledger
        self._meter = meter

    def deliver(
        self, article: Article, stages: Sequence[str], *, more: bool = False, watch: Watch | None = None
    ) -> Article | None:
        """Run `stages` on a delivered article; return the article if another task is to go on (`more`), else None.

        Never raises because of a page. Raises redis.RedisError if the ledger cannot be reached: the article then comes
        back when its lease runs out.
        """
        # With timings, an earlier task of this chain has run, and saved page and text beside the message.
        has_body = bool(article.timings)
        started = self._frontier.start(article, stages[0], with_body=has_body)
        delivery = Delivery(article, stages[0], started.attempts, started.has_history, started.body)
        if started.verdict == "stale":
            self._meter.stale()
            log.info("Ignored a message with an old token", article=article.id, stage=stages[0])
            return None
        self._meter.attempt(stages[0])
        try:
            if started.verdict == "spent":
                self._ledger.fail(article, stage=started.stage, attempts=started.attempts)
                return None
            if (started.attempts > 1 or started.may_be_settled) and self._ledger.finish(article):
                return None
            verdict = self._run(delivery, stages, watch, has_body=has_body)
            if verdict is None and more:
                self._bodies.save(delivery.article)
                return delivery.article
            self._conclude(delivery, verdict or Settled(Outcome.ENRICHED))
        except RedisError as error:
            # Redis was away for longer than the client retries. If this fails, too, the article comes back with its lease.
            self._defer(delivery, Deferred(Deferral.SYSTEM, "redis_down", str(error)))
        except DBAPIError as error:
            said = str(error.orig)
            names_it = "full" in said or not is_disk_full(error)
            self._without_store(delivery, said if names_it else f"disk full: {said}")
        except SoftTimeLimitExceeded:
            # Not in a stage (`_run`): while it waited for the database, which is not the page's fault.
            if not self._is_written(article):
                self._without_store(delivery, "no answer within NEWSMILL_SOFT_LIMIT")
        return None

    def put_back(self, article: Article, stage: str, *, reason: str, detail: str) -> None:
        """Put back an article that this process cannot work on; costs no attempt."""
        # This counts an attempt, which the deferral takes back. Without an attempt left, the scheduler ends the article
        # when its lease has run out.
        if self._frontier.start(article, stage).verdict == "ok":
            self._defer(Delivery(article, stage), Deferred(Deferral.SYSTEM, reason, detail))

    def _is_written(self, article: Article) -> bool:
        """Return whether the row was written before the limit, and the lease is released now; False if nobody can say."""
        try:
            return self._ledger.finish(article)
        except DBAPIError:
            return False

    def _without_store(self, delivery: Delivery, detail: str) -> None:
        """Put back an article whose row the database cannot take now; fail it where it takes the rows of all others."""
        log.warning("The database cannot be used", article=delivery.article.id, error=detail)
        verdict = Deferred(Deferral.SYSTEM, STORE_DOWN, detail)
        if self._defer(delivery, verdict, store_away=True) != "spent":
            return
        try:
            self._settle(delivery, Settled(Outcome.FAILED, STORE_DOWN, detail))
        except DBAPIError:
            # Not even its bare row. Nothing is lost: it waits until somebody has mended the database.
            self._defer(delivery, replace(verdict, after=A_DAY))

    def _run(
        self, delivery: Delivery, stages: Sequence[str], watch: Watch | None, *, has_body: bool
    ) -> Settled | Deferred | None:
        """Run the stages; return None if all of them succeeded."""
        try:
            if has_body:
                delivery.article = self._bodies.unpack(delivery.article, delivery.body)
            for name in stages:
                self._step(delivery, name, watch)
                if delivery.article.outcome:
                    return Settled(delivery.article.outcome, delivery.article.reason)
        except DBAPIError as error:
            if fault_of(error) is Fault.ROW:  # of what a stage has asked for
                return self._verdict(delivery, error)
            raise
        except RedisError:
            raise
        except Exception as error:  # noqa: BLE001 - every article gets a result, whatever its page does
            return self._verdict(delivery, error)
        return None

    def _verdict(self, delivery: Delivery, error: Exception) -> Settled | Deferred:
        verdict = verdict_of(error)
        if isinstance(error, Ending):
            delivery.article = delivery.article.evolve(**error.known)
        if isinstance(verdict, Deferred) and verdict.reason == Reason.ERROR:
            article = delivery.article
            log.warning(
                "Stage failed", article=article.id, url=article.url, stage=delivery.stage, exc_info=error
            )
        return verdict

    def _step(self, delivery: Delivery, name: str, watch: Watch | None) -> None:
        in_place = bool(delivery.done)
        delivery.stage = name
        if in_place and delivery.attempts > 1:
            # An earlier attempt killed its process. Record each stage before it runs, so that the ledger knows which one.
            self._frontier.start(delivery.article, name, in_place=True)
        ended = watch(name) if watch and in_place else None
        before = delivery.article.html
        with self._timed(delivery, name):
            delivery.article = self._steps[name](delivery.article)
        page = delivery.article.html
        # A local document has no status.
        if page and page is not before and delivery.article.status is not None:
            self._meter.fetched(len(page))
        delivery.done.append(name)
        if callable(ended):
            ended()

    @contextmanager
    def _timed(self, delivery: Delivery, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - began
            self._meter.stage(name, seconds)
            timings = {**delivery.article.timings, name: round(seconds * 1000, 3)}
            delivery.article = delivery.article.evolve(timings=timings)

    def _conclude(self, delivery: Delivery, verdict: Settled | Deferred) -> None:
        if isinstance(verdict, Settled):
            self._settle(delivery, verdict)
        elif self._defer(delivery, verdict) == "spent":
            failed = Settled(Outcome.FAILED, verdict.reason, verdict.detail)
            self._settle(delivery, failed, host_answered=not verdict.whole_host)

    def _settle(self, delivery: Delivery, verdict: Settled, *, host_answered: bool = True) -> None:
        entry = self._frontier.entry(delivery.article.id) if delivery.has_history else None
        result = Result(
            outcome=verdict.outcome,
            reason=verdict.reason,
            detail=verdict.detail,
            stage=delivery.stage,
            attempts=delivery.attempts,
            deferrals=entry.deferrals if entry else 0,
            history=entry.story() if entry else (),
        )
        self._ledger.settle(delivery.article, result, host_answered=host_answered)

    def _defer(self, delivery: Delivery, verdict: Deferred, *, store_away: bool = False) -> str:
        answer = self._frontier.defer(
            delivery.article,
            verdict.kind,
            delivery.stage,
            reason=verdict.reason,
            detail=verdict.detail,
            after=verdict.after,
            rounds=verdict.rounds,
            whole_host=verdict.whole_host,
            store_away=store_away,
        )
        if answer == "deferred":
            self._meter.deferred(verdict.kind, verdict.reason)
            log.debug("Deferred", article=delivery.article.id, stage=delivery.stage, reason=verdict.reason)
        return answer
