"""All metrics of newsmill: names, units, labels, and buckets with their reasons.

Counters end in `_total`; units (seconds, bytes) are in the name. The number of values of a label is limited (labels.py).
"""

from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

#: Seconds of one stage. A fetch takes 0.05 to 30 s (its deadline), an enrich stage 0.1 ms to 1 s, and none more than
#: its limit of 60 s. Factors of 2 to 2.5, so that an estimated quantile is right to a quarter.
STAGE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
#: Seconds from submission to outcome: half a second on an idle system, days in a large backlog.
AGE_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600, 14_400, 86_400, 604_800)
#: Seconds in a queue: 5 ms if a worker is free; at 120 s the lease expires.
WAIT_BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 180)
#: Seconds of one row's write: 1 ms in SQLite, 2 to 20 ms over a network; 30 s is SQLite's longest wait for a lock.
WRITE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
#: Seconds of one round of the scheduler: under 1 ms with nothing due, 50 ms to publish a full claim of 50, up to 25 s
#: while its client waits for a Redis that is down.
LOOP_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass(frozen=True, slots=True)
class Definition:
    """One metric. `name` as in queries: with the `_total` of a counter, without the `_bucket` of a histogram."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    def counter(self, registry: CollectorRegistry) -> Counter:
        """Return the counter to write to."""
        return Counter(self.name, self.help, self.labels, registry=registry)

    def gauge(self, registry: CollectorRegistry) -> Gauge:
        """Return the gauge to set."""
        return Gauge(self.name, self.help, self.labels, registry=registry)

    def histogram(self, registry: CollectorRegistry) -> Histogram:
        """Return the histogram to write to."""
        return Histogram(self.name, self.help, self.labels, registry=registry, buckets=self.buckets)

    def show(self, *values: tuple[str | float, ...]) -> Metric:
        """Return the metric for a collector. Each of `values` is a sample: the values of its labels, then the number."""
        family = CounterMetricFamily if self.kind == "counter" else GaugeMetricFamily
        metric = family(self.name, self.help, labels=self.labels)
        for *labels, number in values:
            metric.add_metric([str(label) for label in labels], float(number))
        return metric


def _counter(name: str, help_: str, *labels: str) -> Definition:
    return Definition(f"newsmill_{name}_total", "counter", help_, labels)


def _gauge(name: str, help_: str, *labels: str) -> Definition:
    return Definition(f"newsmill_{name}", "gauge", help_, labels)


def _histogram(name: str, help_: str, buckets: tuple[float, ...], *labels: str) -> Definition:
    return Definition(f"newsmill_{name}", "histogram", help_, labels, buckets)


# Articles: counted by workers, and by the scheduler if it settles an article whose worker died.
ARTICLES = _counter("articles", "Articles that got an outcome.", "outcome", "reason")
END_TO_END = _histogram("end_to_end_seconds", "Seconds from submission to outcome.", AGE_BUCKETS)
DUPLICATES = _counter("duplicates", "Articles with the content of an earlier one, exactly or nearly.", "kind")
LANGUAGES = _counter("languages", "Enriched articles by language (ISO 639 code).", "language")
TOPICS = _counter("topics", "Enriched articles by their best top-level topic.", "topic")
STAGE = _histogram("stage_seconds", "Seconds of a stage for one article.", STAGE_BUCKETS, "stage")
QUEUE_WAIT = _histogram(
    "queue_wait_seconds", "Seconds from publishing a task to its start.", WAIT_BUCKETS, "queue"
)
ATTEMPTS = _counter("attempts", "Attempts: starts of tasks, by the first stage of the task.", "stage")
DEFERRALS = _counter(
    "deferrals", "Articles put back into the frontier; the kind says what it cost them.", "kind", "reason"
)
STALE = _counter("stale_deliveries", "Deliveries dropped because another attempt had the lease.")
FETCH_RESPONSES = _counter(
    "fetch_responses", "Responses by class of status, with robots.txt and redirects.", "status"
)
FETCH_BYTES = _counter("fetch_bytes", "Bytes of fetched pages, decoded.")
STORE_WRITE = _histogram("store_write_seconds", "Seconds to write one row.", WRITE_BUCKETS)
STORE_ERRORS = _counter("store_errors", "Writes of a row that failed; each try during an outage counts.")

# A worker and its pool: read at each scrape.
POOL_SIZE = _gauge("pool_size", "Processes or threads of the worker.", "queue")
POOL_BUSY = _gauge("pool_busy", "Processes or threads that have a task.", "queue")
CHILDREN_STARTED = _counter("children_started", "Processes of the pool that were started.", "queue")
CHILDREN_LOST = _counter(
    "children_lost", "Processes of the pool that a signal or an error ended, without replaced ones.", "queue"
)
CHILD_MEMORY = _gauge("child_memory_bytes", "Resident bytes of the pool's largest process.", "queue")
WORKER_MEMORY = _gauge(
    "worker_memory_bytes",
    "Resident bytes of the worker and its pool; shared memory pages count in each.",
    "queue",
)
WORKER_CPU = _counter(
    "worker_cpu_seconds", "CPU seconds of the worker and its pool, with ended processes.", "queue"
)
WORKER_INFO = _gauge(
    "worker_info", "1 for each process that serves metrics.", "queue", "version", "python", "celery"
)
UNEXPECTED = _counter(
    "unexpected_errors", "Errors that a loop of a process did not expect and has survived.", "loop"
)

# The scheduler. All schedulers export the same frontier: take the max over them, not the sum.
PUBLISHED = _counter("published", "Articles leased and published to the queues.")
LEASES_EXPIRED = _counter(
    "leases_expired", "Leases that expired: their worker died, or their message was lost."
)
LOOP = _histogram("scheduler_loop_seconds", "Seconds of one round of the scheduler.", LOOP_BUCKETS)
LOOP_TIMESTAMP = _gauge(
    "scheduler_loop_timestamp_seconds", "When the last round completed, in seconds since the epoch."
)
STORE_TAKES_ROWS = _gauge(
    "store_takes_rows", "0 while nothing is claimed, because the store did not take a row."
)
URLS = _gauge("urls", "URLs without an outcome, by state.", "state")
IN_FLIGHT_LIMIT = _gauge("in_flight_limit", "Maximum number of articles in flight.")
SETTLED = _gauge("settled", "URLs with an outcome, by the ledger's own count.", "outcome")
OLDEST = _gauge("oldest_seconds", "Age in seconds of the oldest URL without an outcome, to the minute.")
NEXT_DUE = _gauge("next_due_seconds", "Seconds until the next deferred URL is due; 0 without any.")
HOSTS = _gauge(
    "hosts", "Hosts with waiting URLs: held back (paced) by rate limit or failures, or not (due).", "state"
)
HOST_PAUSED = _gauge(
    "host_paused_seconds", "Seconds until a host may be fetched from, for the ten longest.", "host"
)
HOST_WALLS = _gauge(
    "host_walls",
    "Walls instead of pages from the ten worst hosts, by reason, as long as a host is remembered.",
    "host",
    "reason",
)
HOST_BLOCKS = _gauge(
    "host_blocks_seconds",
    "Seconds since a host blocks, for the ten longest that were asked within a day.",
    "host",
)
QUEUE_LENGTH = _gauge("queue_length", "Messages that wait in a queue.", "queue")
INVALID_MESSAGES = _counter(
    "invalid_messages", "Messages that nobody could read, taken out and kept for people.", "queue", "reason"
)
KEPT = _gauge(
    "kept_ratio",
    "Share of their limit that things take which newsmill keeps in Redis, and forgets at the limit.",
    "what",
)

# Redis and the store, measured by the scheduler. If one does not answer, its `_up` is 0 and its other metrics are missing.
REDIS_UP = _gauge("redis_up", "Whether Redis answers.")
REDIS_MEMORY = _gauge("redis_memory_bytes", "Bytes that Redis has allocated.")
REDIS_MEMORY_LIMIT = _gauge("redis_memory_limit_bytes", "Bytes that Redis may allocate; 0 without a limit.")
REDIS_AOF_OK = _gauge(
    "redis_aof_ok", "Whether the last write and the last rewrite of the append-only file succeeded."
)
REDIS_EVICTED = _counter("redis_evicted_keys", "Keys that Redis has evicted; each may be a lost URL.")
REDIS_CLIENTS = _gauge("redis_clients", "Connections to Redis.")
REDIS_COMMANDS = _counter("redis_commands", "Commands that Redis has executed.")
STORE_UP = _gauge("store_up", "Whether the store answers.")
STORE_ROWS = _gauge("store_rows", "Rows of articles; an estimate on PostgreSQL.")
STORE_BYTES = _gauge("store_bytes", "Bytes of the database.")
STORE_CONNECTIONS = _gauge("store_connections", "Connections to the database; 1 for SQLite.")


def catalogue() -> tuple[Definition, ...]:
    """Return all definitions, in the order above."""
    return tuple(value for value in globals().values() if isinstance(value, Definition))
