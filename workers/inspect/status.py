"""`newsmill status`: what waits, what is under way, what came of the rest, and how fast."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.table import Table
from sqlalchemy import func, select

from tasks.article import Outcome
from workers.times import span
from workers.ledger.frontier import Frontier
from workers.ledger.entries import Snapshot
from workers.store.store import Store
from workers.store.schema import articles

#: Seconds that a rate is taken over where there is no earlier look to compare with.
RATE_OVER = 60
#: Reasons shown; all are in the JSON.
REASONS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Status:
    """The mill at one moment."""

    now: Snapshot
    #: Outcome, reason and rows, most first.
    tally: list[tuple[str, str | None, int]]
    #: Articles settled a second.
    rate: float

    @property
    def oldest_seconds(self) -> float | None:
        """Return how long the oldest URL without an outcome has waited, to the minute."""
        return None if self.now.oldest is None else max(self.now.now - self.now.oldest, 0) / 1000

    @property
    def next_due_seconds(self) -> float | None:
        """Return in how many seconds the next deferred article is due."""
        return None if self.now.next_due is None else max(self.now.next_due - self.now.now, 0) / 1000

    @property
    def drained_seconds(self) -> float | None:
        """Return in how many seconds nothing is left at this rate, None if nothing moves."""
        return self.now.unsettled / self.rate if self.rate and self.now.unsettled else None

    def as_json(self) -> dict[str, Any]:
        """Return the status as JSON types; spans in seconds, the rate in articles a second."""
        return {
            "waiting": self.now.waiting,
            "in_flight": self.now.in_flight,
            "deferred": self.now.deferred,
            "unsettled": self.now.unsettled,
            "settled": self.now.settled,
            "outcomes": {outcome.value: count for outcome, count in self.now.outcomes.items()},
            "oldest_seconds": self.oldest_seconds,
            "next_due_seconds": self.next_due_seconds,
            "rate": round(self.rate, 3),
            "reasons": [
                {"outcome": outcome, "reason": reason, "count": count}
                for outcome, reason, count in self.tally
            ],
        }


def look(frontier: Frontier, store: Store, before: Status | None = None) -> Status:
    """Return the status now; the rate since `before`, or over the last minute's rows."""
    now = frontier.snapshot()
    rate = _rate_since(before.now, now) if before else settled_since(store, now.now, RATE_OVER) / RATE_OVER
    return Status(now, store.tally(), rate)


def settled_since(store: Store, now_ms: int, seconds: float) -> int:
    """Return how many rows were settled in the last `seconds`."""
    since = datetime.fromtimestamp(now_ms / 1000, UTC) - timedelta(seconds=seconds)
    # All outcomes by name: so the index on (outcome, settled_at) answers, not the whole table.
    query = (
        select(func.count())
        .select_from(articles)
        .where(articles.c.outcome.in_(list(Outcome)), articles.c.settled_at >= since)
    )
    with store.engine.connect() as connection:
        return connection.execute(query).scalar_one()


def show(console: Console, status: Status, *, json: bool) -> None:
    """Print the status once."""
    if json:
        console.file.write(msgspec.json.encode(status.as_json()).decode() + "\n")
        console.file.flush()
    else:
        console.print(picture(status))


def follow(
    console: Console,
    frontier: Frontier,
    store: Store,
    *,
    every: float,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Print the status as a JSON line every `every` seconds, until Ctrl-C; for people there is dashboard.py."""
    for status in _looks(frontier, store, every, sleep):
        show(console, status, json=True)


def picture(status: Status) -> RenderableType:
    """Return the status as tables side by side."""
    reasons = _table("why", ("outcome", "reason", "rows"))
    for outcome, reason, count in [row for row in status.tally if row[1]][:REASONS_SHOWN]:
        reasons.add_row(outcome, reason, f"{count:,}")
    return Columns([Group(_underway(status)), _outcomes(status.now), reasons], padding=(0, 3))


def _underway(status: Status) -> Table:
    now = status.now
    table = _table("under way", ("", "URLs"))
    table.add_row("waiting", f"{now.waiting:,}")
    table.add_row("in flight", f"{now.in_flight:,}")
    due = "" if status.next_due_seconds is None else f" (next in {span(status.next_due_seconds)})"
    table.add_row(f"deferred{due}", f"{now.deferred:,}")
    table.add_section()
    table.add_row("articles a second", f"{status.rate:,.1f}")
    if status.oldest_seconds is not None:
        table.add_row("oldest has waited", span(status.oldest_seconds))
    if status.drained_seconds is not None:
        table.add_row("done in about", span(status.drained_seconds))
    return table


def _outcomes(now: Snapshot) -> Table:
    table = _table("outcomes", ("", "URLs", "share"))
    for outcome, count in now.outcomes.items():
        table.add_row(outcome.value, f"{count:,}", f"{count / (now.settled or 1):.1%}")
    table.add_section()
    table.add_row("all", f"{now.settled:,}", "")
    return table


def _table(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in columns:
        table.add_column(name, justify="right" if name in {"URLs", "rows", "share"} else "left")
    return table


def _looks(
    frontier: Frontier, store: Store, every: float, sleep: Callable[[float], object]
) -> Iterator[Status]:
    status = look(frontier, store)
    while True:
        yield status
        sleep(every)
        status = look(frontier, store, status)


def _rate_since(before: Snapshot, now: Snapshot) -> float:
    # --again takes settled URLs back: that is no negative rate.
    return max(now.settled - before.settled, 0) * 1000 / max(now.now - before.now, 1)
