"""Dead letters: count the failed articles, and submit them again."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy.engine import RowMapping

from tasks.article import Outcome
from tasks.urls import server_of
from workers.ledger.entries import Event, Submission
from workers.ledger.frontier import Frontier
from workers.ledger.submit import Submitted, submit_all
from workers.sources.documents import DocumentError, path_of, read_document
from workers.sources.regular_files import open_unlinked
from workers.store.filters import Filter
from workers.store.store import Store

#: Maximum number of events in an article's history (workers/ledger/lua/prelude.lua, `remember`).
MOST_EVENTS = 40


def replay(frontier: Frontier, store: Store, filter_: Filter, limit: int | None) -> Submitted:
    """Submit the failed rows that match the filter again, with their history and source.

    Their rows stay until they have a new outcome. Local documents are read again; `refused` counts those that do not
    exist any more. Raises redis.RedisError and sqlalchemy.exc.DBAPIError.
    """
    result = Submitted()
    queued = submit_all(frontier, _submissions(store, filter_, limit, result), again=True)
    return replace(queued, refused=result.refused)


def count(store: Store, filter_: Filter, limit: int | None) -> int:
    """Return how many rows `replay` would submit."""
    total = sum(row[-1] for row in store.dead(filter_))
    return total if limit is None else min(total, limit)


def failed_by_reason(store: Store) -> list[tuple[str, int]]:
    """Return each reason of failed rows, and how many rows have it, most first."""
    tally = store.statistics.tally()
    return [(reason, count) for outcome, reason, count in tally if outcome == Outcome.FAILED and reason]


def _submissions(store: Store, filter_: Filter, limit: int | None, result: Submitted) -> Iterator[Submission]:
    for row in store.rows(replace(filter_, outcome=Outcome.FAILED), limit):
        if row["url"].startswith("file:") and not _put_again(store, row):
            result.refused += 1
        else:
            yield submission_again(row)


def submission_again(row: RowMapping | dict[str, Any]) -> Submission:
    """Return a submission of a settled row's URL, with the replay added to its history."""
    before = msgspec.convert(row["history"], tuple[Event, ...])
    event = Event(
        at=round(time.time() * 1000),
        event="replay",
        stage=row["stage"],
        reason=row["reason"] or "",
        detail=(row["detail"] or "")[:300],
    )
    return Submission(
        row["id"],
        row["url"],
        server_of(row["url"]),
        extras=row["record"].get("source", {}),
        history=(*before, event)[-MOST_EVENTS:],
    )


def _put_again(store: Store, row: RowMapping) -> bool:
    path = path_of(row["url"])
    if path is None:
        return False
    try:
        store.documents.put(
            row["id"], read_document(path, open_unlinked)
        )  # its URL is that of the file itself
    except DocumentError:
        return False
    return True
