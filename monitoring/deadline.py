"""Calls with a deadline, for servers that may be down."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)

#: Seconds that an answer may take. A nearby Redis or database takes 1 to 20 ms, 0.5 s on a busy machine. Two that hang
#: delay a scrape by 2 s, a fifth of Prometheus's default timeout.
PATIENCE = 1.0

Answer = TypeVar("Answer")


class WithDeadline(Generic[Answer]):
    """Calls `read` in a thread of its own; returns None if it raises or takes longer than `patience` seconds.

    `read` never runs twice at once: calls while it hangs return None, too, and start no more threads.
    """

    def __init__(self, read: Callable[[], Answer], patience: float = PATIENCE) -> None:
        self._read = read
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, "metrics")
        self._lock = Lock()
        self._asked: Future[Answer] | None = None

    def __call__(self) -> Answer | None:
        """Return a new answer, or None if there is none in time."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = self._thread.submit(self._read)
            asked = self._asked
        try:
            return asked.result(self._patience)
        except TimeoutError:
            return None
        except Exception as error:  # noqa: BLE001 - a client may raise anything if its server is down
            log.debug("no answer for the metrics", error=str(error))
            return None
