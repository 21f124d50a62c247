"""When to read sources again."""

import time
from collections.abc import Callable, Sequence

from workers.sources.source import Source


class Polling:
    """Says which sources are due: each is due `poll_seconds` after it was last read."""

    def __init__(self, sources: Sequence[Source], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due = {source.name: (source, clock() + (source.poll_seconds or 0)) for source in sources}

    def due(self) -> list[Source]:
        """Return the sources that are due; each is due again after its `poll_seconds`."""
        now = self._clock()
        due = [source for source, at in self._due.values() if at <= now]
        self._due |= {source.name: (source, now + (source.poll_seconds or 0)) for source in due}
        return due
