"""Pages that crash or hang the process that parses them.

No page is known to do that to today's parsers; a next version of a parser may have such pages. So a page has a mark, and
`expose` makes the extract stage of this process do what the mark says.
"""

import ctypes
import os
import signal
import time
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from tasks.article import Article
from tasks.stage import Step
from workers.delivery.runner import Runner

#: Bytes that a page allocates before its process is killed.
_MEMORY = 100_000_000


class Crash(StrEnum):
    """What a page does to the process that parses it."""

    SEGFAULT = "segfault"
    #: It allocates memory until the kernel kills it.
    OUT_OF_MEMORY = "memory"
    #: It never returns from C, where no signal reaches Python, so that the soft limit does not end it.
    HANG = "endless"

    @property
    def mark(self) -> str:
        """Return the mark in the page."""
        return f"<meta name=crash content={self.value}>"

    def happen(self) -> None:
        """Crash or hang this process; never returns."""
        match self:
            case Crash.SEGFAULT:
                ctypes.string_at(0)
            case Crash.OUT_OF_MEMORY:
                allocated = bytearray(_MEMORY)
                os.kill(os.getpid(), signal.SIGKILL)  # as the kernel does, out of memory
                del allocated
            case Crash.HANG:
                signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
                while True:
                    time.sleep(60)


def expose() -> None:
    """Make marked pages crash the extract stage of this process, and of those that it forks."""
    original = Runner.__init__

    def exposed(self: Runner, steps: Mapping[str, Step], *rest: Any) -> None:
        original(self, {**steps, "extract": _crashing(steps["extract"])}, *rest)

    Runner.__init__ = exposed  # type: ignore[method-assign]


def _crashing(extract: Step) -> Step:
    def run(article: Article) -> Article:
        for crash in Crash:
            if crash.mark.encode() in (article.html or b""):
                crash.happen()
        return extract(article)

    return run
