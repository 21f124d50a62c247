"""Errors that nobody expects, in the loops of a process: each is counted, and said once of its kind. The loop goes on."""

import threading
from collections import Counter
from collections.abc import Iterable

import structlog
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from monitoring import catalogue

log = structlog.get_logger(__name__)

#: The loops. Each is served as 0 from the start: increase() does not see the first value of a series.
LOOPS = ("scheduler", "heartbeat", "metrics", "messages", "broadcasts", "copies of messages", "supervisor")

_lock = threading.Lock()
_counts: Counter[str] = Counter(dict.fromkeys(LOOPS, 0))
_said: set[tuple[str, str]] = set()


def unexpected(loop: str, error: Exception) -> None:
    """Count an error in a loop, and log it with its traceback if it is the first of its type there.

    `loop` is one of LOOPS, a label of the metric.
    """
    kind = (loop, type(error).__name__)
    with _lock:
        _counts[loop] += 1
        first = kind not in _said
        _said.add(kind)
    if first:
        log.error(
            "Unexpected error, going on; more of this kind are only counted",
            loop=loop,
            error=f"{type(error).__name__}: {error}",
            exc_info=error,
        )


class UnexpectedErrors(Collector):
    """Yields how many there were in this process, by loop."""

    def collect(self) -> Iterable[Metric]:
        """Yield the counter."""
        with _lock:
            counts = dict(_counts)
        yield catalogue.UNEXPECTED.show(*counts.items())
