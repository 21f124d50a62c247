"""The counters of newsmill's processes; catalogue.py defines the metrics."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from prometheus_client import CollectorRegistry, disable_created_metrics

from monitoring import catalogue
from monitoring.labels import Few, language_label, status_label

#: Maximum number of topics as labels: IPTC's top level has 17, another taxonomy may have hundreds.
TOPICS = 50
#: Maximum number of reasons as labels; tasks/errors.py and workers/delivery/runner.py have 28.
REASONS = 40
#: Maximum number of stages and of queues as labels; there are at most as many queues as stages.
STAGES = 20

_NOTHING: Mapping[str, Collection[str]] = MappingProxyType({})


class Meter:
    """Counts articles. It makes no system calls, and many threads may use it at once.

    `seen` are the values of labels, by the name of the label, that other processes of this pool have counted.
    """

    def __init__(
        self, registry: CollectorRegistry | None = None, seen: Mapping[str, Collection[str]] = _NOTHING
    ) -> None:
        self.registry = registry = registry or CollectorRegistry()
        self._reason = Few(REASONS, seen.get("reason", ()))
        self._topic = Few(TOPICS, seen.get("topic", ()))
        self._stage = Few(STAGES, seen.get("stage", ()))
        self._queue = Few(STAGES, seen.get("queue", ()))
        self._articles = catalogue.ARTICLES.counter(registry)
        self._end_to_end = catalogue.END_TO_END.histogram(registry)
        duplicates = catalogue.DUPLICATES.counter(registry)
        self._exact, self._near = duplicates.labels("exact"), duplicates.labels("near")
        self._languages = catalogue.LANGUAGES.counter(registry)
        self._topics = catalogue.TOPICS.counter(registry)
        self._stages = catalogue.STAGE.histogram(registry)
        self._queue_wait = catalogue.QUEUE_WAIT.histogram(registry)
        self._attempts = catalogue.ATTEMPTS.counter(registry)
        self._deferrals = catalogue.DEFERRALS.counter(registry)
        self._stale = catalogue.STALE.counter(registry)
        self._fetch_responses = catalogue.FETCH_RESPONSES.counter(registry)
        self._fetch_bytes = catalogue.FETCH_BYTES.counter(registry)
        self._store_write = catalogue.STORE_WRITE.histogram(registry)
        self._store_errors = catalogue.STORE_ERRORS.counter(registry)

    def expect(self, outcomes: Iterable[tuple[str, str]]) -> None:
        """Serve these outcomes, each with its reason ("" for none), as 0 until they occur.

        rate() does not count the first value of a series, so it would miss the first rejection of each kind.
        """
        for outcome, reason in outcomes:
            self._articles.labels(outcome, self._reason(reason))

    def expect_topics(self, labels: Iterable[str]) -> None:
        """Serve these topics, and "none", as 0 until they occur, for the same reason as `expect`."""
        for label in labels:
            self._topics.labels(self._topic(label))
        self._topics.labels("none")

    def settled(self, outcome: str, reason: str | None, *, age: float) -> None:
        """Count an article that got its outcome `age` seconds after its submission."""
        self._articles.labels(outcome, self._reason(reason or "")).inc()
        self._end_to_end.observe(max(age, 0))

    def enriched(self, language: str | None, topic: str | None) -> None:
        """Count an enriched article by its language and its best topic's label, None without one."""
        self._languages.labels(language_label(language)).inc()
        self._topics.labels(self._topic(topic) if topic else "none").inc()

    def duplicate(self, *, exact: bool) -> None:
        """Count an article with the content of an earlier one, exactly or nearly."""
        (self._exact if exact else self._near).inc()

    def attempt(self, stage: str) -> None:
        """Count a task that starts, by its first stage."""
        self._attempts.labels(self._stage(stage)).inc()

    def stage(self, name: str, seconds: float) -> None:
        """Count the seconds that a stage took."""
        self._stages.labels(self._stage(name)).observe(seconds)

    def waited(self, queue: str, seconds: float) -> None:
        """Count the seconds of a task's message in its queue; they may be negative if clocks differ."""
        self._queue_wait.labels(self._queue(queue)).observe(max(seconds, 0))

    def deferred(self, kind: str, reason: str) -> None:
        """Count an article that was put back into the frontier."""
        self._deferrals.labels(kind, self._reason(reason)).inc()

    def stale(self) -> None:
        """Count a delivery whose lease another attempt had."""
        self._stale.inc()

    def answered(self, status: int | None) -> None:
        """Count a request by the status of its response, None without a response."""
        self._fetch_responses.labels(status_label(status)).inc()

    def fetched(self, size: int) -> None:
        """Count the bytes of a page."""
        self._fetch_bytes.inc(size)

    def stored(self, seconds: float) -> None:
        """Count the seconds of writing a row."""
        self._store_write.observe(seconds)

    def not_stored(self) -> None:
        """Count a row that could not be written."""
        self._store_errors.inc()


class SchedulerMeter:
    """The counters of the scheduler; one for each registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._published = catalogue.PUBLISHED.counter(registry)
        self._expired = catalogue.LEASES_EXPIRED.counter(registry)
        self._store_takes_rows = catalogue.STORE_TAKES_ROWS.gauge(registry)
        self._loop = catalogue.LOOP.histogram(registry)
        self._ended = catalogue.LOOP_TIMESTAMP.gauge(registry)

    def published(self, count: int) -> None:
        """Count articles that were published to the queues."""
        self._published.inc(count)

    def expired(self, count: int) -> None:
        """Count expired leases."""
        self._expired.inc(count)

    def store_takes_rows(self, takes: bool) -> None:
        """Note whether articles are claimed, since the store takes their rows."""
        self._store_takes_rows.set(takes)

    def round(self, seconds: float) -> None:
        """Count a round that has just completed."""
        self._loop.observe(seconds)
        self._ended.set_to_current_time()


def hide_created() -> None:
    """Switch off prometheus_client's `_created` series: one for each counter, which nobody uses."""
    disable_created_metrics()  # type: ignore[no-untyped-call]
