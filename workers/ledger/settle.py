"""Settling, the one place where an article ends: first the row, then the lease, then the count."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import msgspec
import structlog
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import DBAPIError, StatementError

from monitoring.metrics import Meter
from tasks.article import Article, Outcome, Topic
from tasks.errors import Reason
from tasks.urls import host_of
from workers.ledger.content_index import ContentIndex
from workers.ledger.entries import Event
from workers.ledger.frontier import Frontier
from workers.store.faults import Fault, fault_of
from workers.store.rows import Result

log = structlog.get_logger(__name__)

#: Seconds between tries to write a row. They end after WRITE_SECONDS, or with half of the soft limit; then the article
#: goes back. A restart of the database takes less; in a longer outage nothing more is claimed (workers/delivery/scheduler.py).
WRITE_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
WRITE_SECONDS = 10.0
#: Characters of the database's message in a row.
LONGEST_DETAIL = 300
#: What the database, or its driver, raises for values that it cannot take: a lone surrogate, an integer over 64 bits.
_NOT_WRITABLE = (StatementError, ValueError, TypeError, OverflowError)


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

    def __init__(
        self,
        frontier: Frontier,
        store: Rows,
        contents: ContentIndex,
        meter: Meter,
        *,
        patience: float = WRITE_SECONDS,
    ) -> None:
        """`patience` is how many seconds an article may wait for a database that is away."""
        self._frontier = frontier
        self._store = store
        self._contents = contents
        self._meter = meter
        self._patience = min(patience, WRITE_SECONDS)

    def settle(self, article: Article, result: Result, *, host_answered: bool = True) -> bool:
        """Write the row and release the lease; False where the article belongs to another attempt by now.

        A row that the database does not take ends the article as `failed(row_refused)`, with as much of it as the database
        takes. Raises sqlalchemy.exc.DBAPIError where the database is away or unfit, or takes no row of the article at all,
        and redis.RedisError. A process that dies between the two steps leaves an expired lease whose row is there: `finish`.
        """
        if result.outcome is Outcome.FAILED:
            article = self._identity(article)
        try:
            self._write(article, result)
        except _NOT_WRITABLE as error:
            if not _is_of_row(error):
                raise
            article, result = self._write_less(article, result, error)
        return self._release(article, result.outcome, result.reason, host_answered=host_answered)

    def finish(self, article: Article) -> bool:
        """Release the lease if this attempt or an earlier one has written the row; False if none has."""
        outcome = self._store.outcome_of(article)
        if outcome is None:
            return False
        row = self._store.row(article.id)
        if row is not None:
            article = _as_counted(article, row)
            if outcome is Outcome.ENRICHED and row["content_id"]:
                self._contents.keep([(article.id, row["content_id"])])
        self._release(article, outcome, row["reason"] if row else None, host_answered=True)
        return True

    def fail(self, article: Article, *, stage: str, attempts: int) -> bool:
        """Settle an article that has no attempt left."""
        entry = self._frontier.entry(article.id)
        reason, detail = _why_spent(entry.history if entry else (), attempts)
        result = Result(
            outcome=Outcome.FAILED,
            stage=stage,
            reason=reason,
            detail=detail,
            attempts=attempts,
            deferrals=entry.deferrals if entry else 0,
            history=entry.story() if entry else (),
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
            hops=article.hops,
        )

    def _write_less(self, article: Article, result: Result, error: Exception) -> tuple[Article, Result]:
        """Write a row of which the database takes more; return what was written.

        First without what the stages made, then without what the submitter, the network and newsmill have added.
        """
        detail = _words_of(error)
        log.warning("The database refuses a row", article=article.id, url=article.url, error=detail)
        bare = self._identity(article)
        failed = replace(result, outcome=Outcome.FAILED, reason=Reason.ROW_REFUSED, detail=detail)
        try:
            self._write(bare, failed)
        except _NOT_WRITABLE as again:
            if not _is_of_row(again):
                raise
            bare = Article(id=bare.id, url=bare.url, submitted_at=bare.submitted_at, token=bare.token)
            failed = replace(failed, detail=None, history=())
            self._write(bare, failed)
        return bare, failed

    def _write(self, article: Article, result: Result) -> None:
        end = time.monotonic() + self._patience
        for pause in WRITE_PAUSES:
            try:
                self._write_once(article, result)
            except DBAPIError as error:
                if fault_of(error) is not Fault.OUTAGE or time.monotonic() + pause > end:
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
        if not self._frontier.settle(article, outcome, reason=reason, host_answered=host_answered):
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


def _is_of_row(error: Exception) -> bool:
    return not isinstance(error, DBAPIError) or fault_of(error) is Fault.ROW


def _words_of(error: Exception) -> str:
    """Return what the database says of a row, in printable ASCII: it may quote what it cannot take."""
    words = str(error.orig if isinstance(error, StatementError) and error.orig else error)
    return ascii(words)[1:-1][:LONGEST_DETAIL]


def _why_spent(history: Sequence[Event], attempts: int) -> tuple[str, str]:
    """Return reason and detail of an article without an attempt left: how the last attempt ended, by its history.

    An attempt is used up by an error of its stage, or by the end of its process or its lease. Only the latter leave no
    reason: the process was gone.
    """
    ends = [event for event in history if event.event in {"retry", "died", "lost"}]
    died = sum(event.event != "retry" for event in ends)
    if ends and ends[-1].event == "retry":
        return ends[-1].reason, ends[-1].detail
    if died < attempts and (broke := [event for event in ends if event.event == "retry"]):
        return Reason.CRASHED, (
            f"its worker died or was killed at the last of {attempts} attempts; before: "
            f"{broke[-1].reason}: {broke[-1].detail}"
        )
    return Reason.CRASHED, f"its worker died or was killed {attempts} times"
