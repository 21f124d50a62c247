"""The time limits of a worker's enrich task, in a process of one's own."""

import faulthandler
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class SoftTimeLimitError(Exception):
    """A document took longer than NEWSMILL_SOFT_LIMIT."""


@contextmanager
def time_limits(soft: float, hard: float) -> Iterator[None]:
    """Raise SoftTimeLimitError after `soft` seconds inside of the `with`; end the process after `hard` seconds.

    Code in C that never returns gets no signal. A thread without Python ends it with exit code 1, and prints where it was.
    Outside of the main thread there is no soft limit.
    """
    main = threading.current_thread() is threading.main_thread()
    faulthandler.dump_traceback_later(hard, exit=True)
    before = signal.signal(signal.SIGALRM, _raise(soft)) if main else None
    try:
        if main:
            signal.setitimer(signal.ITIMER_REAL, soft)
        yield
    finally:
        if main:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        faulthandler.cancel_dump_traceback_later()


def _raise(soft: float) -> "signal._HANDLER":
    def handle(*_: object) -> None:
        raise SoftTimeLimitError(f"it took longer than NEWSMILL_SOFT_LIMIT, {soft:g} s")

    return handle
