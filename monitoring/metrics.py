"""Every metric of newsmill, its unit, its labels and why its buckets."""

import os
from collections.abc import Callable
from pathlib import Path

import prometheus_client.values
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

#: Seconds of one stage. A fetch takes 0.05 to 30 s (its deadline), an enrich stage 0.1 ms to 1 s; the steps are
#: a factor of 2 to 2.5, so that a quantile read off them is right to a quarter.
STAGE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
#: Seconds from submission to outcome: half a second on an idle system, days in a large backlog.
AGE_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600, 14_400, 86_400, 604_800)


class Meter:
    """The counters that workers and schedulers write. All labels are bounded: stages, outcomes, reasons, kinds."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self.registry = registry
        self._articles = Counter(
            "newsmill_articles",
            "Articles that reached their outcome.",
            ("outcome", "reason"),
            registry=registry,
        )
        self._age = Histogram(
            "newsmill_end_to_end_seconds",
            "Seconds from submission to outcome.",
            buckets=AGE_BUCKETS,
            registry=registry,
        )
        self._stages = Histogram(
            "newsmill_stage_seconds",
            "Seconds that a stage worked on one article.",
            ("stage",),
            buckets=STAGE_BUCKETS,
            registry=registry,
        )
        self._deferrals = Counter(
            "newsmill_deferrals",
            "Articles that went back to the frontier, by what it cost them.",
            ("kind", "reason"),
            registry=registry,
        )
        self._stale = Counter(
            "newsmill_stale_deliveries",
            "Deliveries dropped because the lease was another attempt's by then.",
            registry=registry,
        )
        self._lost = Counter(
            "newsmill_leases_expired", "Leases that ran out and were put back.", registry=registry
        )
        self._published = Counter(
            "newsmill_published", "Articles leased and published to the queues.", registry=registry
        )

    def settled(self, outcome: str, reason: str | None, *, age: float) -> None:
        """Count an article that reached its outcome, `age` seconds after its submission."""
        self._articles.labels(outcome, reason or "").inc()
        self._age.observe(max(age, 0))

    def stage(self, name: str, seconds: float) -> None:
        """Count the seconds that a stage took."""
        self._stages.labels(name).observe(seconds)

    def deferred(self, kind: str, reason: str) -> None:
        """Count an article that went back."""
        self._deferrals.labels(kind, reason).inc()

    def stale(self) -> None:
        """Count a delivery that was not ours any more."""
        self._stale.inc()

    def lost(self, count: int) -> None:
        """Count leases that ran out."""
        self._lost.inc(count)

    def published(self, count: int) -> None:
        """Count articles given to the queues."""
        self._published.inc(count)


class Backlog:
    """The frontier in gauges, set by the scheduler."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._urls = Gauge(
            "newsmill_urls", "URLs without an outcome, by where they are.", ("state",), registry=registry
        )
        self._oldest = Gauge(
            "newsmill_oldest_seconds",
            "Age of the oldest URL without an outcome, in seconds.",
            registry=registry,
        )

    def show(self, *, waiting: int, in_flight: int, deferred: int, oldest: float) -> None:
        """Set the gauges; `oldest` in seconds."""
        self._urls.labels("waiting").set(waiting)
        self._urls.labels("in_flight").set(in_flight)
        self._urls.labels("deferred").set(deferred)
        self._oldest.set(oldest)


def share_by_slot(directory: Path, slot: Callable[[], str]) -> None:
    """Make metrics created from now on live in files in `directory`, one a pool slot.

    prometheus_client's own multiprocess mode names the files by pid, and recycled children pile them up; keyed
    by the slot of the pool, 3,000 tasks on 3 children recycled every 20 tasks left 3 files and exact counts.
    The directory is emptied: call it in the worker's main process, before the pool forks.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("*.db"):
        old.unlink()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)
    by_slot = prometheus_client.values.MultiProcessValue(process_identifier=slot)  # type: ignore[no-untyped-call]
    prometheus_client.values.ValueClass = by_slot
