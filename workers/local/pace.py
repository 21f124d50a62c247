"""How fast a run is, and how long it will take: from a moving window, since hosts come and go."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

#: Seconds that the rate is measured over: short enough to follow a change, long enough that a slow host causes no dip.
WINDOW = 60.0
#: Seconds before the first rate is given; before that, one article more or less would double it.
_FIRST = 3.0
#: Seconds between two notes that are kept: 60 of them are in a window.
_STEP = 1.0


@dataclass(slots=True)
class Pace:
    """Takes the number of articles that are done, from time to time, and knows their rate."""

    clock: Callable[[], float] = time.monotonic
    _notes: deque[tuple[float, int]] = field(default_factory=deque)
    _began: float | None = None
    _now: tuple[float, int] = (0.0, 0)

    def note(self, done: int) -> None:
        """Note how many articles are done now. Fewer than before is a new beginning: some are done again."""
        now = self.clock()
        self._began = now if self._began is None else self._began
        if done < self._now[1]:
            self._notes.clear()
        self._now = (now, done)
        if not self._notes or now - self._notes[-1][0] >= _STEP:
            self._notes.append(self._now)
        while len(self._notes) > 1 and self._notes[1][0] <= now - WINDOW:
            self._notes.popleft()

    @property
    def elapsed(self) -> float:
        """Return the seconds since the first note."""
        return self._now[0] - (self._now[0] if self._began is None else self._began)

    @property
    def rate(self) -> float | None:
        """Return articles a second over the last WINDOW seconds; None at the beginning."""
        if not self._notes:
            return None
        seconds, done = self._now[0] - self._notes[0][0], self._now[1] - self._notes[0][1]
        return done / seconds if seconds >= _FIRST else None

    def seconds_for(self, left: int) -> float | None:
        """Return the seconds for the articles that are left; None if the rate is 0 or not known yet."""
        return left / self.rate if self.rate else None
