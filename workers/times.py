"""Times and durations in the form that people write and read."""

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"(\d{1,9})([smhdw])")


def moment(text: str, now: datetime | None = None) -> datetime:
    """Return the time of `text`; ValueError, with a message, if it is invalid.

    It is an ISO 8601 date, or date and time, in UTC if it has no zone; or a duration before `now`: `90s`, `15m`, `2h`, `3d`,
    `1w`.
    """
    now = now or datetime.now(UTC)
    try:
        if ago := _AGO.fullmatch(text):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        at = datetime.fromisoformat(text)
        # In UTC: SQLite compares what the clocks of a zone show, whichever zone it is.
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is neither an ISO date (2025-04-16, 2025-04-16T12:00Z) nor a duration (2h, 3d)"
        ) from None


def iso(at: datetime) -> str:
    """Return `at` in ISO 8601, in UTC, to the millisecond: `2025-04-16T12:00:00.000Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_seconds(at: datetime) -> str:
    """Return `at` in ISO 8601, in UTC, cut to whole seconds: `2025-04-16T12:00:00Z`."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def iso_ms(milliseconds: int) -> str:
    """Return a time in milliseconds since the epoch as `iso` does."""
    return iso(datetime.fromtimestamp(milliseconds / 1000, UTC))


def roughly(seconds: float) -> str:
    """Return a duration to the minute: `less than a minute`, `about 3 min`, `about 2 h 5 min`."""
    minutes = round(seconds / 60)
    return f"about {span(minutes * 60)}" if minutes else "less than a minute"


def span(seconds: float) -> str:
    """Return a duration in its two largest units: `340 ms`, `12.5 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`."""
    if seconds < 1:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    first = next(index for index, (count, _) in enumerate(parts) if count)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count)
