"""One delivery of one article: run its stages, and turn how that ends into one ledger entry.

This is the one place that knows what an exception means. Celery is not seen here (tasks.py).
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from monitoring.metrics import Meter
from tasks.article import Article, Outcome
from tasks.errors import Reason, Rejected, TryLater
from tasks.stage import Step
from workers.ledger.bodies import Bodies, BodyLostError
from workers.ledger.entries import Deferral
from workers.ledger.frontier import Frontier
from workers.ledger.settle import Ledger
from workers.store.engine import is_outage, is_unfit
from workers.store.rows import Result

log = structlog.get_logger(__name__)

#: Told of each stage that begins in place, and how it ends; for task events.
Watch = Callable[[str], "object"]


@dataclass(frozen=True, slots=True)
class Settled:
    """The article is done."""

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
    whole_host: bool = False
    #: The host in trouble, where it is not the article's own.
    host: str | None = None


def verdict_of(error: Exception) -> Settled | Deferred:
    """Return what an exception out of a stage means for its article: the whole policy."""
    match error:
        case Rejected():
            return Settled(Outcome.REJECTED, error.reason, error.detail)
        case TryLater(reason=Reason.HOST_BUSY):
            # It waits for its turn, which is kept for it: that is no trouble of the site's.
            return Deferred(Deferral.SYSTEM, error.reason, error.detail, error.after)
        case TryLater():
            return Deferred(
                Deferral.LATER,
                error.reason,
                error.detail,
                error.after,
                whole_host=error.whole_host,
                host=error.host,
            )
        case BodyLostError():
            return Deferred(Deferral.SYSTEM, "body_lost", "its body outlived NEWSMILL_BODY_TTL")
        case SoftTimeLimitExceeded():
            return Deferred(Deferral.RETRY, Reason.TIMEOUT, "ran longer than NEWSMILL_SOFT_LIMIT")
        case _:
            # A bug or a broken page: tried again a bounded number of times, then a dead letter.
            return Deferred(Deferral.RETRY, Reason.ERROR, f"{type(error).__name__}: {error}")


@dataclass(slots=True)
class Work:
    """An article in this process: how far it is."""

    article: Article
    stage: str
    attempts: int = 1
    has_history: bool = False
    #: What was kept of it by the task before, packed.
    body: bytes | None = None
    done: list[str] = field(default_factory=list)


class Runner:
    """Runs deliveries. One a process; used by many threads at once."""

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
        """Run `stages` on a delivered article; return it if its chain goes on elsewhere (`more`), else None.

        Never raises for what an article does. Raises redis.RedisError when the ledger cannot be reached: the
        lease then brings the article back.
        """
        # What an earlier task of this chain has made of it was kept beside the message.
        has_body = bool(article.timings)
        started = self._frontier.start(article, stages[0], with_body=has_body)
        work = Work(article, stages[0], started.attempts, started.has_history, started.body)
        if started.verdict == "stale":
            self._meter.stale()
            log.info("stale delivery dropped", article=article.id, stage=stages[0])
            return None
        self._meter.attempt(stages[0])
        try:
            if started.verdict == "spent":
                self._ledger.fail(article, stage=started.stage, attempts=started.attempts)
                return None
            if started.attempts > 1 and self._ledger.finish(article):
                return None
            verdict = self._run(work, stages, watch, has_body=has_body)
            if verdict is None and more:
                self._bodies.save(work.article)
                return work.article
            self._conclude(work, verdict or Settled(Outcome.ENRICHED))
        except RedisError as error:
            # Redis is away for longer than its client waits; if this fails, too, the lease brings the article back.
            self._defer(work, Deferred(Deferral.SYSTEM, "redis_down", str(error)))
        except DBAPIError as error:
            if is_outage(error) or is_unfit(error):
                log.warning("The database cannot be used", article=article.id, error=str(error.orig))
                self._defer(work, Deferred(Deferral.SYSTEM, "store_down", str(error.orig)))
            else:  # the row itself is what the database does not take
                self._conclude(work, verdict_of(error))
        return None

    def put_back(self, article: Article, stage: str, *, reason: str, detail: str) -> None:
        """Give back an article that this process cannot work on, at no cost to it."""
        # This counts an attempt, which the deferral takes back. Without an attempt left, the scheduler ends the article
        # when its lease has run out.
        if self._frontier.start(article, stage).verdict == "ok":
            self._defer(Work(article, stage), Deferred(Deferral.SYSTEM, reason, detail))

    def _run(
        self, work: Work, stages: Sequence[str], watch: Watch | None, *, has_body: bool
    ) -> Settled | Deferred | None:
        """Run the stages; None where all ended well."""
        try:
            if has_body:
                work.article = self._bodies.unpack(work.article, work.body)
            for name in stages:
                self._step(work, name, watch)
                if work.article.outcome:
                    return Settled(work.article.outcome, work.article.reason)
        except (RedisError, DBAPIError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever a page does, its article gets an ending
            return self._verdict(work, error)
        return None

    def _verdict(self, work: Work, error: Exception) -> Settled | Deferred:
        verdict = verdict_of(error)
        if isinstance(verdict, Deferred) and verdict.reason == Reason.ERROR:
            article = work.article
            log.warning("stage broke", article=article.id, url=article.url, stage=work.stage, exc_info=error)
        return verdict

    def _step(self, work: Work, name: str, watch: Watch | None) -> None:
        in_place = bool(work.done)
        work.stage = name
        if in_place and work.attempts > 1:
            # It has died before: note each stage, so that the ledger can name the one that kills.
            self._frontier.start(work.article, name, in_place=True)
        ended = watch(name) if watch and in_place else None
        before = work.article.html
        with self._timed(work, name):
            work.article = self._steps[name](work.article)
        page = work.article.html
        # A local document has no status.
        if page and page is not before and work.article.status is not None:
            self._meter.fetched(len(page))
        work.done.append(name)
        if callable(ended):
            ended()

    @contextmanager
    def _timed(self, work: Work, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - began
            self._meter.stage(name, seconds)
            timings = {**work.article.timings, name: round(seconds * 1000, 3)}
            work.article = work.article.evolve(timings=timings)

    def _conclude(self, work: Work, verdict: Settled | Deferred) -> None:
        if isinstance(verdict, Settled):
            self._settle(work, verdict)
        elif self._defer(work, verdict) == "spent":
            failed = Settled(Outcome.FAILED, verdict.reason, verdict.detail)
            self._settle(work, failed, host_answered=not verdict.whole_host)

    def _settle(self, work: Work, verdict: Settled, *, host_answered: bool = True) -> None:
        entry = self._frontier.entry(work.article.id) if work.has_history else None
        result = Result(
            outcome=verdict.outcome,
            reason=verdict.reason,
            detail=verdict.detail,
            stage=work.stage,
            attempts=work.attempts,
            deferrals=entry.deferrals if entry else 0,
            history=entry.story() if entry else (),
            settled_at=time.time(),
        )
        self._ledger.settle(work.article, result, host_answered=host_answered)

    def _defer(self, work: Work, verdict: Deferred) -> str:
        answer = self._frontier.defer(
            work.article,
            verdict.kind,
            work.stage,
            reason=verdict.reason,
            detail=verdict.detail,
            after=verdict.after,
            whole_host=verdict.whole_host,
            host=verdict.host,
        )
        if answer == "deferred":
            self._meter.deferred(verdict.kind, verdict.reason)
            log.debug("deferred", article=work.article.id, stage=work.stage, reason=verdict.reason)
        return answer
