"""What this process asks of the system: to end in time, to end with its parent, to give memory back."""

import ctypes
import os
import signal
import sys
import threading
from contextlib import suppress

#: Linux: the signal this process gets when its parent dies (prctl(2)).
_PR_SET_PDEATHSIG = 1
#: glibc (mallopt(3)): blocks as large are mapped on their own; the heaps that all threads share.
_M_MMAP_THRESHOLD, _LARGE_BLOCK = -3, 256 * 1024
_M_ARENA_MAX, _ARENAS = -8, 2


def end_within(seconds: float, code: int = 0) -> None:
    """End this process after so many seconds if it is still there: at once, whatever its threads are waiting for."""
    last = threading.Timer(seconds, os._exit, [code])
    last.daemon = True
    last.start()


def die_with_parent(sig: signal.Signals, parent: int) -> None:
    """Make this process get `sig` when `parent` dies; on systems other than Linux, do nothing."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
    if os.getppid() != parent:  # it died before the call
        os.kill(os.getpid(), sig)


def give_memory_back() -> None:
    """Make glibc return large blocks to the system when they are freed; elsewhere, do nothing.

    Left alone it keeps them, in an arena for each of a worker's threads: pages of 3 MB would grow a fetch worker by 60 MB.
    """
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
        mallopt(_M_ARENA_MAX, _ARENAS)
