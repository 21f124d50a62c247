"""What a run says of troubles that keep its processes from working: a disk that is full, a database that takes no rows."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console

from workers.inspect.troubles import troubles
from workers.ledger.frontier import Frontier
from workers.output.terminal import shown

#: Seconds between two looks.
LOOK_EVERY = 2.0


@dataclass(slots=True)
class Telling:
    """Says a trouble once, when it begins, and when all are over."""

    console: Console
    clock: Callable[[], float] = time.monotonic
    _told: tuple[str, ...] = ()
    _look_at: float = float("-inf")

    def look(self, frontier: Frontier) -> None:
        """Look, at most every LOOK_EVERY seconds. Raises redis.RedisError."""
        if self.clock() < self._look_at:
            return
        self._look_at = self.clock() + LOOK_EVERY
        found = troubles(frontier)
        for one in found:
            if one not in self._told:
                self.console.print(shown(one, "bold red"), soft_wrap=True)
        if self._told and not found:
            self.console.print("That is over, and the run goes on.", soft_wrap=True)
        self._told = found
