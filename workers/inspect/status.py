"""The status: URLs that wait, are in progress or are done, and the throughput."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tasks.hosts import Said
from workers.inspect.troubles import troubles
from workers.inspect.working import Working
from workers.ledger.entries import Snapshot
from workers.ledger.frontier import Frontier
from workers.ledger.walls import Wall
from workers.store.store import Store

#: Seconds that a rate is measured over if there is no earlier status to compare with.
RATE_OVER = 60
#: Hosts with walls that are shown.
HOSTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Status:
    """The state of frontier and store."""

    now: Snapshot
    #: Outcome, reason and number of rows, the largest number first.
    tally: list[tuple[str, str | None, int]]
    #: Number of articles settled a second.
    rate: float
    working: Working
    #: What keeps the processes from working, in sentences.
    troubles: tuple[str, ...] = ()
    #: The hosts that block, or give the most walls instead of pages, the worst first.
    walls: tuple[Wall, ...] = ()
    #: What an operator says of hosts, by name.
    hosts: tuple[Said, ...] = ()

    @property
    def oldest_seconds(self) -> float | None:
        """Return how long the oldest URL without an outcome has waited, to the minute."""
        return None if self.now.oldest is None else max(self.now.now - self.now.oldest, 0) / 1000

    @property
    def next_due_seconds(self) -> float | None:
        """Return the seconds until the next deferred article is due."""
        return None if self.now.next_due is None else max(self.now.next_due - self.now.now, 0) / 1000

    @property
    def drained_seconds(self) -> float | None:
        """Return the seconds until the backlog is empty at this rate, None if the rate or the backlog is 0."""
        return self.now.unsettled / self.rate if self.rate and self.now.unsettled else None

    def as_json(self) -> dict[str, Any]:
        """Return the status as JSON types; durations in seconds, the rate in articles a second."""
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
            "processes": self.working.as_json(),
            "missing": self.working.missing,
            "troubles": list(self.troubles),
            "walls": [wall.as_json() for wall in self.walls],
            "hosts": [said.as_json() for said in self.hosts],
        }


def read_status(
    frontier: Frontier, store: Store, who: Callable[[], Working], before: Status | None = None
) -> Status:
    """Return the current status; its rate is since `before`, or that of the last minute's rows. `who` reads who works."""
    now = frontier.snapshot()
    rate = _rate_since(before.now, now) if before else _recent_rate(store, now.now)
    walls = tuple(frontier.walls.worst(HOSTS_SHOWN))
    hosts = tuple(frontier.host_rules.read())
    return Status(now, store.statistics.tally(), rate, who(), troubles(frontier), walls, hosts)


def follow(
    frontier: Frontier,
    store: Store,
    who: Callable[[], Working],
    *,
    every: float,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[Status]:
    """Yield the status every `every` seconds, without end."""
    status = read_status(frontier, store, who)
    while True:
        yield status
        sleep(every)
        status = read_status(frontier, store, who, status)


def _recent_rate(store: Store, now_ms: int) -> float:
    since = datetime.fromtimestamp(now_ms / 1000, UTC) - timedelta(seconds=RATE_OVER)
    return store.statistics.settled_since(since) / RATE_OVER


def _rate_since(before: Snapshot, now: Snapshot) -> float:
    # --again makes the number of settled URLs smaller; the rate must not be negative.
    return max(now.settled - before.settled, 0) * 1000 / max(now.now - before.now, 1)
