"""A time as far as a page tells it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal

#: Dates before this year are not of news pages: years of other calendars (1446), and parts of numbers.
FIRST_YEAR = 1900
#: Hours by which a time may be ahead of the clock: the day of a page in the zone that is furthest ahead (UTC+14).
_AHEAD = timedelta(hours=14)
#: Minutes of the offsets that are in use, UTC-12 to UTC+14.
_LEAST, _MOST = -12 * 60, 14 * 60

#: What a missing time becomes where times are seconds since then.
_EPOCH = date(1970, 1, 1)

Precision = Literal["day", "minute", "second"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, or a time with or without its zone."""

    #: ISO 8601, with what is known: `2025-04-16`, `2025-04-16T08:30`, `2025-04-16T08:30:00+02:00`.
    value: str
    precision: Precision
    #: What it was read from, e.g. `json-ld datePublished`.
    source: str = ""

    @property
    def day(self) -> date:
        """The day in the zone of the page."""
        return date.fromisoformat(self.value[:10])

    @property
    def detail(self) -> int:
        """How much is known: 0 a day, 1 a time, 2 a time in a zone."""
        return 0 if self.precision == "day" else 1 + (datetime.fromisoformat(self.value).tzinfo is not None)

    def is_before(self, other: "Moment") -> bool:
        """Tell whether it is surely earlier: in time where both tell that, with zones or both without, else by the day."""
        if self.detail and self.detail == other.detail:
            return datetime.fromisoformat(self.value) < datetime.fromisoformat(other.value)
        return self.day < other.day

    def is_after(self, now: datetime) -> bool:
        """Tell whether it is later than `now` (with a zone) allows: a time by its zone, others by the zone furthest ahead."""
        if self.detail == 2:  # noqa: PLR2004 (as `detail` says)
            return datetime.fromisoformat(self.value) > now + _AHEAD
        return self.day > (now.astimezone(UTC) + _AHEAD).date()


@dataclass(frozen=True, slots=True)
class Dates:
    """When an article was published and last changed; None where a page does not tell."""

    published: Moment | None = None
    modified: Moment | None = None


def moment(
    day: date, clock: tuple[int, int, int | None] | None = None, offset: int | None = None
) -> Moment | None:
    """Return the moment of a day, a time (hour, minute, second or None) and an offset from UTC in minutes.

    A time that is none is left out, and an offset that no zone has. None for a year before FIRST_YEAR, and for the first day of 1970.
    """
    if day.year < FIRST_YEAR or day == _EPOCH:
        return None
    if clock is None:
        return Moment(day.isoformat(), "day")
    hour, minute, second = clock
    if hour == 24 and minute == 0:  # noqa: PLR2004 (midnight in ISO 8601: not told which of two)
        return Moment(day.isoformat(), "day")
    try:
        time = datetime(day.year, day.month, day.day, hour, minute, min(second or 0, 59))  # noqa: DTZ001
    except ValueError:
        return Moment(day.isoformat(), "day")
    if offset is not None and _LEAST <= offset <= _MOST:
        time = time.replace(tzinfo=timezone(timedelta(minutes=offset)))
    exact: Precision = "minute" if second is None else "second"
    return Moment(time.isoformat(timespec=f"{exact}s"), exact)
