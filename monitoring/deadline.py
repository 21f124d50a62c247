"""Ask a server that may be away, and answer in time all the same."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)

#: Seconds that an answer may take. Redis and a database near by take 1 to 20 ms, 0.5 s on a machine that is busy;
#: two that hang delay a scrape by 2 s, a fifth of what Prometheus gives it.
PATIENCE = 1.0

Answer = TypeVar("Answer")


class WithDeadline(Generic[Answer]):
    """Calls `read` in a thread of its own: its answer, or None if it raises or takes longer than `patience` seconds.

    `read` never runs twice at once: who asks while it hangs gets None as well, and nothing piles up.
    """

    def __init__(self, read: Callable[[], Answer], patience: float = PATIENCE) -> None:
        self._read = read
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, "metrics")
        self._lock = Lock()
        self._asked: Future[Answer] | None = None

    def __call__(self) -> Answer | None:
        """Return the answer of now, None if there is none in time."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = self._thread.submit(self._read)
            asked = self._asked
        try:
            return asked.result(self._patience)
        except TimeoutError:
            return None
        except Exception as error:  # noqa: BLE001 - whatever a client raises for a server that is away
            log.debug("no answer for the metrics", error=str(error))
            return None
