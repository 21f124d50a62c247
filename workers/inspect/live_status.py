"""What `newsmill status --watch` shows, read from Redis and the store; workers/cli/live_screen.py draws it."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from monitoring.backlog import RedisState
from tasks.article import Outcome
from workers.delivery import backlog_metrics
from workers.inspect.status import Status
from workers.inspect.troubles import troubles
from workers.inspect.working import read_working
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.settings import Settings
from workers.store.store import Store

#: Seconds that the sparklines cover, and their steps: 60 steps of 5 s fill the widest column.
LOOK_BACK, STEPS = 300, 60
#: Seconds that a rate is measured over: short enough to follow a change, long enough that a slow host causes no dip.
RATE_OVER = 60
#: Number of newest rows whose stage times are averaged: with 200, the mean of stages that vary threefold is right to 20 %.
TIMED_ROWS = 200
#: The tally reads the whole table, so the pause before the next one is this many times its duration.
TALLY_REST = 20.0


@dataclass(frozen=True, slots=True)
class HeldHost:
    """A host with waiting URLs that may not be fetched from yet."""

    host: str
    #: Seconds until it may be fetched from.
    seconds: float
    #: Failures in a row.
    failures: int


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts with waiting URLs; one with URLs of two priorities counts twice."""

    #: May be fetched from now.
    due: int
    #: Held back by their rate limit or their failures.
    paced: int
    #: Those that are held back longest, the longest first.
    longest: tuple[HeldHost, ...]


@dataclass(frozen=True, slots=True)
class StageTime:
    """The cost of one stage."""

    stage: str
    mean_ms: float
    #: Share of the time of all stages, 0 to 1.
    share: float


@dataclass(frozen=True, slots=True)
class Rates:
    """How many articles were settled, by outcome, in each of the last steps of `step` seconds, the newest last."""

    counts: Mapping[Outcome, tuple[int, ...]]
    step: int
    #: Seconds since the beginning of the newest step.
    elapsed: float

    def all(self) -> tuple[int, ...]:
        """Return the counts of all outcomes together."""
        return tuple(map(sum, zip(*self.counts.values(), strict=True)))

    def per_second(self, counts: tuple[int, ...]) -> float:
        """Return articles a second over the last RATE_OVER seconds, or since the first article if that is less."""
        recent = counts[-max(RATE_OVER // self.step, 1) :]
        began = next((step for step, count in enumerate(self.all()) if count), None)
        if began is None:
            return 0.0
        steps = min(len(recent), len(counts) - began)
        return sum(recent) / max((steps - 1) * self.step + self.elapsed, 1)


@dataclass(frozen=True, slots=True)
class LiveStatus:
    """Everything that the screen shows."""

    status: Status
    in_flight_limit: int
    rates: Rates
    stages: tuple[StageTime, ...]
    hosts: Hosts
    redis: RedisState

    @property
    def rate(self) -> float:
        """Return the number of articles settled a second."""
        return self.rates.per_second(self.rates.all())

    @property
    def drained_seconds(self) -> float | None:
        """Return the seconds until the backlog is empty at this rate, None if the rate or the backlog is 0."""
        unsettled = self.status.now.unsettled
        return unsettled / self.rate if self.rate and unsettled else None


@dataclass(slots=True)
class StatusReader:
    """Reads the live status repeatedly, and does not count rows of earlier readings again.

    Each reading may raise redis.RedisError and sqlalchemy.exc.DBAPIError; the next one may succeed.
    """

    client: RedisClient
    frontier: Frontier
    store: Store
    settings: Settings
    #: The command that starts scheduler and workers together, if there is one.
    run: str | None = None
    look_back: int = LOOK_BACK
    clock: Callable[[], float] = time.monotonic
    _counted: dict[tuple[Outcome, int], int] = field(default_factory=dict)
    _tally: list[tuple[str, str | None, int]] = field(default_factory=list)
    _tally_due: float = float("-inf")

    def read(self) -> LiveStatus:
        """Return the live status now."""
        now = self.frontier.snapshot()
        rates = self._rates(now.now / 1000)
        return LiveStatus(
            status=Status(
                now,
                self._fresh_tally(),
                rates.per_second(rates.all()),
                read_working(self.client, self.settings, self.run),
                troubles(self.frontier),
            ),
            in_flight_limit=self.settings.max_in_flight,
            rates=rates,
            stages=stage_times(self.store.statistics.newest_timings(TIMED_ROWS)),
            hosts=read_hosts(self.client, self.frontier, self.settings, now.now),
            redis=backlog_metrics.read_redis(self.client),
        )

    def _rates(self, now: float) -> Rates:
        step = max(self.look_back // STEPS, 1)
        newest = int(now) // step
        oldest = newest - STEPS + 1
        # A row may be written some seconds after its time, so the last few steps are counted again.
        since = max((bucket for _, bucket in self._counted), default=oldest) - 3
        self._counted = {key: count for key, count in self._counted.items() if oldest <= key[1] < since}
        self._counted |= self.store.statistics.settled_by_step(max(since, oldest), step)
        counts = {
            outcome: tuple(self._counted.get((outcome, bucket), 0) for bucket in range(oldest, newest + 1))
            for outcome in Outcome
        }
        return Rates(counts, step, now - newest * step)

    def _fresh_tally(self) -> list[tuple[str, str | None, int]]:
        began = self.clock()
        if began >= self._tally_due:
            self._tally = self.store.statistics.tally()
            ended = self.clock()
            self._tally_due = ended + (ended - began) * TALLY_REST
        return self._tally


def stage_times(timings: Iterable[Mapping[str, float]]) -> tuple[StageTime, ...]:
    """Return each stage's mean, over the articles that reached it, and its share; the largest share first."""
    total: defaultdict[str, float] = defaultdict(float)
    reached: Counter[str] = Counter()
    for one in timings:
        for stage, milliseconds in one.items():
            total[stage] += milliseconds
            reached[stage] += 1
    whole = sum(total.values()) or 1
    largest = sorted(total, key=lambda stage: (-total[stage], stage))
    return tuple(StageTime(stage, total[stage] / reached[stage], total[stage] / whole) for stage in largest)


def read_hosts(client: RedisClient, frontier: Frontier, settings: Settings, now_ms: int) -> Hosts:
    """Return the hosts with waiting URLs; the number of round trips does not depend on the number of hosts."""
    due, paced, pauses = backlog_metrics.read_hosts(client, settings.key_prefix, now_ms)
    full = backlog_metrics.hosts_at_concurrency(client, frontier, settings)
    failures = _failures(client, settings.key_prefix, list(pauses))
    longest = sorted(pauses.items(), key=lambda one: (-one[1], one[0]))
    return Hosts(due, paced + full, tuple(HeldHost(host, pause, failures[host]) for host, pause in longest))


def _failures(client: RedisClient, prefix: str, hosts: list[str]) -> dict[str, int]:
    pipe = client.pipeline(transaction=False)
    for host in hosts:
        pipe.hget(f"{prefix}host:{host}", "fails")
    return {host: int(fails or 0) for host, fails in zip(hosts, pipe.execute(), strict=True)}
