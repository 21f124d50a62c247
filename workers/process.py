"""Settings of this process in the operating system: end in time, end with the parent, return memory."""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

#: Linux: the signal this process gets when its parent dies (prctl(2)).
_PR_SET_PDEATHSIG = 1
#: glibc (mallopt(3)): blocks of this size or more are mapped separately; number of heaps for all threads.
_M_MMAP_THRESHOLD, _LARGE_BLOCK = -3, 256 * 1024
_M_ARENA_MAX, _ARENAS = -8, 2


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end this process as Ctrl-C does: files that are not whole are removed.

    They raise SystemExit with the code that a shell reports for them, 128 and the number. A signal that is ignored, as
    nohup has it, stays so.
    """
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)}
    caught = [one for one, handler in before.items() if handler == signal.SIG_DFL]
    for one in caught:
        signal.signal(one, _exit)
    try:
        yield
    finally:
        for one in caught:
            signal.signal(one, before[one])


def _exit(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second one must not interrupt the cleaning up
    sys.exit(128 + number)


def end_within(seconds: float, code: int = 0) -> None:
    """End this process after so many seconds if it is still running, even if its threads are waiting."""
    last = threading.Timer(seconds, os._exit, [code])
    last.daemon = True
    last.start()


def die_with_parent(sig: signal.Signals, parent: int) -> None:
    """Make this process get `sig` when `parent` dies; on systems other than Linux, do nothing."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
    if os.getppid() != parent:  # the parent died before the call
        os.kill(os.getpid(), sig)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put off Ctrl-C and SIGTERM to the end of the block; for the main thread, others do not get them.

    Python runs functions after a fork whose exceptions it only prints. A KeyboardInterrupt in one of them would be lost.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    noted: list[int] = []
    numbers = [one for one in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(one) is not None]
    before = {one: signal.signal(one, lambda number, _: noted.append(number)) for one in numbers}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        for number in noted:
            signal.raise_signal(number)


def give_memory_back() -> None:
    """Make glibc return large blocks to the system when they are freed; without glibc, do nothing.

    By default glibc keeps them, in an arena for each thread: pages of 3 MB would grow a fetch worker by 60 MB.
    """
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
        mallopt(_M_ARENA_MAX, _ARENAS)
