"""Pages that take their process down, and the seam through which a worker of the suite meets them.

No page is known to do it to the parsers of today, and the next version of one of them will have its own. So a page
bears a mark, and `expose` makes the extract stage of this process do what the mark says.
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

#: Bytes that a page takes before it is killed for it.
_MEMORY = 100_000_000


class Harm(StrEnum):
    """What a page does to the process that parses it."""

    SEGFAULT = "segfault"
    #: It grows until the kernel ends it.
    MEMORY = "memory"
    #: It never returns from C, where no signal reaches Python, so that the soft limit does not end it.
    ENDLESS = "endless"

    @property
    def mark(self) -> str:
        """Return what stands in the page."""
        return f"<meta name=harm content={self.value}>"

    def do(self) -> None:
        """Do it; never returns."""
        match self:
            case Harm.SEGFAULT:
                ctypes.string_at(0)
            case Harm.MEMORY:
                taken = bytearray(_MEMORY)
                os.kill(os.getpid(), signal.SIGKILL)  # as the kernel does, out of memory
                del taken
            case Harm.ENDLESS:
                signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
                while True:
                    time.sleep(60)


def expose() -> None:
    """Make the extract stage of this process, and of those it forks, suffer from marked pages."""
    make = Runner.__init__

    def make_exposed(self: Runner, steps: Mapping[str, Step], *rest: Any) -> None:
        make(self, {**steps, "extract": _suffering(steps["extract"])}, *rest)

    Runner.__init__ = make_exposed  # type: ignore[method-assign]


def _suffering(extract: Step) -> Step:
    def suffer(article: Article) -> Article:
        for harm in Harm:
            if harm.mark.encode() in (article.html or b""):
                harm.do()
        return extract(article)

    return suffer
