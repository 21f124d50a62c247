"""What the ledger keeps and hands out: its records, and the numbers that it goes by. No Redis here."""

import json
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Self

import msgspec

from tasks.article import Article, Outcome
from workers.settings import Settings

#: Most bytes of `source` JSON that a URL may carry: it waits in Redis, and the message must stay under 4 KB.
LARGEST_SOURCE = 1024

#: What stands in `seen` and names the counters of settled articles.
LETTERS = {Outcome.ENRICHED: "e", Outcome.DUPLICATE: "d", Outcome.REJECTED: "r", Outcome.FAILED: "x"}


class Priority(IntEnum):
    """Which URLs are claimed first, over all hosts."""

    HIGH = 0
    NORMAL = 1
    LOW = 2


class State(StrEnum):
    """Where the frontier has a URL."""

    WAITING = "w"
    IN_FLIGHT = "f"
    DEFERRED = "l"
    SETTLED = "settled"
    UNKNOWN = "unknown"


class Deferral(StrEnum):
    """Why an article goes back, and so what that costs it (defer.lua)."""

    LATER = "later"
    RETRY = "retry"
    SYSTEM = "system"


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened to an article on its way, besides going straight through."""

    #: Milliseconds since the epoch.
    at: int
    #: `later`, `retry`, `system` (tasks went back by a worker), `died` (its process did, and another began), `lost` (its
    #: lease ran out) or `replay` (it had failed, and was submitted again by `newsmill dead replay`).
    event: str
    stage: str = ""
    reason: str = ""
    detail: str = ""
    #: Milliseconds until it might come back.
    delay: int = 0


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the frontier knows of a URL that is not settled."""

    url: str
    #: Milliseconds since the epoch at submission.
    at: int
    host: str = ""
    priority: int = Priority.NORMAL
    #: The other columns of the submitted list, as JSON.
    src: str = "{}"
    #: Fencing token of the lease, '' where there is none.
    token: str = ""
    #: Starts that did not end well, and the one that runs.
    attempts: int = 0
    deferrals: int = 0
    #: Whether it was enriched or a duplicate before (`--again`).
    again: bool = False
    #: Hosts that redirects have led it to, of which it holds a place besides that on its own.
    guests: tuple[str, ...] = ()
    #: A turn that is kept for it: at which host, and when (ms).
    turn_host: str = ""
    turn_at: float = 0
    #: First stage of the task that was delivered last, and the stage that was seen running last.
    task: str = ""
    stage: str = ""
    history: tuple[Event, ...] = ()

    def story(self) -> tuple[dict[str, Any], ...]:
        """Return the history as JSON types."""
        return tuple(msgspec.to_builtins(event) for event in self.history)


@dataclass(frozen=True, slots=True)
class Lease:
    """An article that this process may work on or publish."""

    article: Article
    entry: Entry


@dataclass(frozen=True, slots=True)
class Started:
    """What the ledger says when a task starts: `ok`, `stale` (not ours any more) or `spent` (no attempt left)."""

    verdict: str
    attempts: int = 0
    #: For `spent`: the stage that the last attempt died in.
    stage: str = ""
    #: Whether anything happened to it on the way; if so, its entry tells.
    has_history: bool = False
    #: Its body as it was kept (workers/bodies.py), where it was asked for and is there.
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """When an article may ask a host: `go` after so many seconds, `later`, `busy` or `stale` (turn.lua)."""

    verdict: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The frontier in numbers."""

    waiting: int
    in_flight: int
    deferred: int
    outcomes: dict[Outcome, int]
    #: Milliseconds since the epoch of the oldest submission that is not settled, to the minute; None without any.
    oldest: int | None
    #: Milliseconds since the epoch when the next deferred article is due.
    next_due: int | None
    #: Now, on Redis's clock.
    now: int

    @property
    def unsettled(self) -> int:
        """Return how many URLs have no outcome yet."""
        return self.waiting + self.in_flight + self.deferred

    @property
    def settled(self) -> int:
        """Return how many URLs have an outcome."""
        return sum(self.outcomes.values())


@dataclass(frozen=True, slots=True)
class Submission:
    """One URL to submit."""

    id: str
    url: str
    host: str
    priority: Priority = Priority.NORMAL
    source: dict[str, Any] = field(default_factory=dict)
    #: What happened to it before, for one that is submitted again.
    history: tuple[Event, ...] = ()

    def body(self) -> bytes:
        """Return the entry's JSON without its beginning, which the script writes (submit.lua)."""
        entry: dict[str, Any] = {"url": self.url}
        if self.source:
            entry["src"] = json.dumps(self.source, ensure_ascii=False, separators=(",", ":"))
        if self.history:
            entry["history"] = self.history
        return msgspec.json.encode(entry)[1:]


@dataclass(frozen=True, slots=True)
class Policy:
    """The frontier's numbers; seconds, from workers/settings.py."""

    max_in_flight: int = 200
    lease: float = 120
    max_attempts: int = 3
    max_deferrals: int = 10
    backoff_base: float = 10
    backoff_cap: float = 3600
    #: How much longer or shorter, by chance, a delay may be than the backoff says: a quarter.
    jitter: float = 0.25
    host_interval: float = 1
    host_concurrency: int = 1

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the frontier's part of the settings."""
        return cls(
            max_in_flight=settings.max_in_flight,
            lease=settings.lease_seconds,
            max_attempts=settings.max_attempts,
            max_deferrals=settings.max_deferrals,
            backoff_base=settings.backoff_base,
            backoff_cap=settings.backoff_cap,
            host_interval=settings.host_interval,
            host_concurrency=settings.host_concurrency,
        )
