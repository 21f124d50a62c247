"""The ledger's records and its numbers. No Redis here."""

import json
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Self

import msgspec

from tasks.article import Article, Outcome
from tasks.url_keys import UrlKeys, packaged_keys
from workers.settings import Settings

#: Most bytes of JSON in the `extras` that a URL may have: it waits in Redis, and its message must stay under 4 KB.
LARGEST_EXTRAS = 1024

#: The letter of each outcome in `seen`, and the name of its counter.
LETTERS = {Outcome.ENRICHED: "e", Outcome.DUPLICATE: "d", Outcome.REJECTED: "r", Outcome.FAILED: "x"}
#: In answers to a submission: of an article whose row was deleted.
DELETED = "-"
#: The letters of articles that are done.
SETTLED = "".join((*LETTERS.values(), DELETED))


class Priority(IntEnum):
    """Which URLs are claimed first, over all hosts."""

    HIGH = 0
    NORMAL = 1
    LOW = 2


class State(StrEnum):
    """The state of a URL in the frontier."""

    WAITING = "w"
    IN_FLIGHT = "f"
    DEFERRED = "l"
    SETTLED = "settled"
    UNKNOWN = "unknown"


class Deferral(StrEnum):
    """Why an article goes back, which decides what it costs (defer.lua)."""

    LATER = "later"
    RETRY = "retry"
    SYSTEM = "system"


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened to an article before it was settled."""

    #: Milliseconds since the epoch.
    at: int
    #: `later`, `retry` or `system`: a worker gave it back. `died`: its process died, and another one began. `lost`: its
    #: lease ran out. `replay`: it had failed, and `newsmill dead replay` submitted it again.
    event: str
    stage: str = ""
    reason: str = ""
    detail: str = ""
    #: Milliseconds until it might come back.
    delay: int = 0


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A URL that is not settled, as the frontier has it."""

    url: str
    #: Milliseconds since the epoch at submission.
    at: int
    #: Its server (tasks/urls.py, `server_of`).
    host: str = ""
    priority: int = Priority.NORMAL
    #: The other columns of the submitted list, as JSON.
    src: str = "{}"
    #: Fencing token of the lease; '' without one.
    token: str = ""
    #: Starts that did not end well, and the current one.
    attempts: int = 0
    deferrals: int = 0
    #: Whether it was enriched or a duplicate before (`--again`).
    again: bool = False
    #: Hosts that redirects led to: it is a guest there, and counts as in flight.
    guests: tuple[str, ...] = ()
    #: A turn that is reserved for it: at which host, and when (ms).
    turn_host: str = ""
    turn_at: float = 0
    #: First stage of the task that was delivered last, and the last stage that was seen running.
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
    """The ledger's answer to the start of a task: `ok`, `stale` (not ours any more) or `spent` (no attempt left)."""

    verdict: str
    attempts: int = 0
    #: With `spent`: the stage in which the last attempt died.
    stage: str = ""
    #: Whether its entry has a history.
    has_history: bool = False
    #: Whether it may have been settled already, which a Redis that failed over has forgotten.
    may_be_settled: bool = False
    #: Its packed body (bodies.py), if that was asked for and is there.
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """When an article may ask a host: `go` after so many seconds, `later`, `busy`, `denied`, `paused`, `stale` (turn.lua)."""

    verdict: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The frontier in numbers."""

    waiting: int
    in_flight: int
    deferred: int
    outcomes: dict[Outcome, int]
    #: When the oldest URL that is not settled was submitted, in milliseconds since the epoch, to the minute.
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
    #: Its server (tasks/urls.py, `server_of`).
    host: str
    priority: Priority = Priority.NORMAL
    extras: dict[str, Any] = field(default_factory=dict)
    #: What happened to it before, for one that is submitted again.
    history: tuple[Event, ...] = ()

    def body(self) -> bytes:
        """Return the entry's JSON without its beginning, which submit.lua writes."""
        entry: dict[str, Any] = {"url": self.url}
        if self.extras:
            entry["src"] = json.dumps(self.extras, ensure_ascii=False, separators=(",", ":"))
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
    #: How much longer or shorter than the backoff a delay may be, at random: a quarter.
    jitter: float = 0.25
    host_interval: float = 1
    host_concurrency: int = 1
    keys: UrlKeys = field(default_factory=packaged_keys)

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
            keys=settings.url_keys,
        )
