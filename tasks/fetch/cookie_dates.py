"""The dates of cookies, read as RFC 6265, 5.1.1 says: people write them in any form."""

import re
from datetime import UTC, datetime

_DELIMITERS = re.compile(r"[\t -/;-@\[-`{-~]+")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])")
_DAY = re.compile(r"([0-9]{1,2})(?![0-9])")
_YEAR = re.compile(r"([0-9]{2,4})(?![0-9])")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: Years of two digits: 70 to 99 are those of the 20th century.
_CENTURY, _PIVOT = 100, 70
_FIRST_YEAR = 1601


def seconds_of(text: str) -> float | None:
    """Return the time that `text` says, in seconds since the epoch; None where it is no date."""
    clock = day = month = year = None
    for token in _DELIMITERS.split(text):
        if clock is None and (found := _TIME.match(token)):
            clock = tuple(map(int, found.groups()))
        elif day is None and (found := _DAY.match(token)):
            day = int(found[1])
        elif month is None and token[:3].lower() in _MONTHS:
            month = _MONTHS.index(token[:3].lower()) + 1
        elif year is None and (found := _YEAR.match(token)):
            year = int(found[1])
    if clock is None or day is None or month is None or year is None:
        return None
    if year < _CENTURY:
        year += 1900 if year >= _PIVOT else 2000
    try:
        hour, minute, second = clock
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return moment.timestamp() if year >= _FIRST_YEAR else None
