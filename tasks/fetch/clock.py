"""The clock of the times that a fetch notes."""

from collections.abc import Callable

#: Returns seconds since the epoch. A tool of fetchers; without one, the machine's own clock.
Clock = Callable[[], float]
