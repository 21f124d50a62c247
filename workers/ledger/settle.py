"""Settling, the one place where an article ends: first the row, then the lease, then the count."""

import time
from typing import Protocol

import msgspec
import structlog
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import DBAPIError

from monitoring.metrics import Meter
from tasks.article import Article, Outcome, Topic
from tasks.errors import Reason
from tasks.urls import host_of
from workers.ledger.content_index import ContentIndex
from workers.ledger.frontier import Frontier
from workers.store.engine import is_outage
from workers.store.rows import Result

log = structlog.get_logger(__name__)

#: Seconds between tries to write a row: 15 s in all, well under a lease. Then the article goes back.
WRITE_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)


class Waiting(Protocol):
    """Documents that wait until their article is settled."""

    def drop(self, article_id: str) -> None:
        """Forget a document."""


class Rows(Protocol):
    """As much of the store as settling needs (workers.store.store.Store)."""

    @property
    def documents(self) -> Waiting:
        """The documents that wait."""

    def write(self, article: Article, host: str, result: Result) -> bool:
        """Write the article's row, unless a newer attempt has; True where the row is this attempt's."""

    def row(self, article_id: str) -> RowMapping | None:
        """Return the row of an article, None where it is not settled."""

    def outcome_of(self, article: Article) -> Outcome | None:
        """Return the outcome that an attempt at this submission of the article has already written, if any."""


class Ledger:
    """Ends articles."""

    def __init__(self, frontier: Frontier, store: Rows, contents: ContentIndex, meter: Meter) -> None:
        self._frontier = frontier
        self._store = store
        self._contents = contents
        self._meter = meter

    def settle(self, article: Article, result: Result, *, host_answered: bool = True) -> bool:
        """Write the row and release the lease; False where the article belongs to another attempt by now.

        Raises sqlalchemy.exc.DBAPIError where the row could not be written in WRITE_PAUSES, and redis.RedisError.
        A process that dies between the two steps leaves an expired lease whose row is there: `finish`.
        """
        if result.outcome is Outcome.FAILED:
            article = self._identity(article)
        self._write(article, result)
        return self._release(article, result.outcome, result.reason, host_answered=host_answered)

    def finish(self, article: Article) -> bool:
        """Release the lease if this attempt or an earlier one has written the row; False if none has."""
        outcome = self._store.outcome_of(article)
        if outcome is None:
            return False
        row = self._store.row(article.id)
        if row is not None:
            article = _as_counted(article, row)
        self._release(article, outcome, row["reason"] if row else None, host_answered=True)
        return True

    def fail(self, article: Article, *, stage: str, attempts: int) -> bool:
        """Settle an article whose workers have died as often as it had attempts."""
        entry = self._frontier.entry(article.id)
        result = Result(
            outcome=Outcome.FAILED,
            stage=stage,
            reason=Reason.CRASHED,
            detail=f"its worker died or was killed {attempts} times",
            attempts=attempts,
            deferrals=entry.deferrals if entry else 0,
            history=entry.story() if entry else (),
            settled_at=time.time(),
        )
        return self.settle(article, result)

    def _identity(self, article: Article) -> Article:
        """Return the article without what its stages made; releases its content for others."""
        if article.content_id:
            self._contents.release(article.content_id, article)
        return Article(
            id=article.id,
            url=article.url,
            extras=article.extras,
            submitted_at=article.submitted_at,
            token=article.token,
            timings=article.timings,
            versions=article.versions,
        )

    def _write(self, article: Article, result: Result) -> None:
        for pause in WRITE_PAUSES:
            try:
                self._write_once(article, result)
            except DBAPIError as error:
                if not is_outage(error):
                    raise
                log.warning(
                    "Cannot write a row, trying again",
                    article=article.id,
                    error=str(error.orig),
                    again_in=pause,
                )
                time.sleep(pause)
            else:
                return
        self._write_once(article, result)

    def _write_once(self, article: Article, result: Result) -> None:
        began = time.perf_counter()
        try:
            self._store.write(article, host_of(article.url), result)
        except DBAPIError:
            self._meter.not_stored()
            raise
        self._meter.stored(time.perf_counter() - began)

    def _release(
        self, article: Article, outcome: Outcome, reason: str | None, *, host_answered: bool
    ) -> bool:
        if not self._frontier.settle(article, outcome, host_answered=host_answered):
            self._meter.stale()
            return False
        self._count(article, outcome, reason)
        if article.url.startswith("file:"):
            self._store.documents.drop(article.id)
        log.debug("settled", article=article.id, url=article.url, outcome=outcome.value, reason=reason)
        return True

    def _count(self, article: Article, outcome: Outcome, reason: str | None) -> None:
        """Count the article, once. A process that is killed before this leaves it uncounted."""
        self._meter.settled(outcome, reason, age=time.time() - article.submitted_at)
        if article.duplicate_of or article.near_duplicate_of:
            self._meter.duplicate(exact=article.duplicate_of is not None)
        if outcome is Outcome.ENRICHED:
            # The best is first. A topic never scores more than the top-level topic above it.
            best = article.topics[0].label if article.topics else None
            self._meter.enriched(article.language, best)


def _as_counted(article: Article, row: RowMapping) -> Article:
    """Return the article with the fields that are counted, from the row that an earlier attempt wrote."""
    return article.evolve(
        language=row["language"],
        duplicate_of=row["duplicate_of"],
        near_duplicate_of=row["near_duplicate_of"],
        topics=msgspec.convert(row["record"].get("topics", ()), tuple[Topic, ...]),
    )
