"""Days of the calendars that news pages use beside the Gregorian one."""

import tomllib
from datetime import date
from functools import lru_cache
from pathlib import Path

#: Year 0 of the eras of Japan, and of the Republic of China, so that year 1 is the one after it.
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "民國": 1911, "民国": 1911}
#: What a year of the Buddhist calendar of Thailand is ahead by.
_BUDDHIST = 543
_BUDDHIST_YEARS = range(2443, 2700)
#: Years of the Solar Hijri calendar for which leap years follow from the remainder by 33, as the equinox has them.
SOLAR_YEARS = range(1343, 1473)
_LEAP = frozenset((1, 5, 9, 13, 17, 22, 26, 30))
#: 1 Farvardin of 1400.
_NEW_YEAR = (1400, date(2021, 3, 21).toordinal())
_LONG_MONTHS = 6
#: Years of the Bikram Sambat calendar in bikram_sambat.toml, and 1 Baisakh of the first of them.
BIKRAM_YEARS = range(2040, 2091)
_FIRST_BAISAKH = date(1983, 4, 14)


def gregorian(year: int, month: int, day: int) -> date | None:
    """Return a day; None where there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def buddhist_year(year: int) -> int:
    """Return the Gregorian year of a year of a Thai page, which may be either."""
    return year - _BUDDHIST if year in _BUDDHIST_YEARS else year


def solar_hijri(year: int, month: int, day: int) -> date | None:
    """Return the day of the Solar Hijri calendar of Iran; None where there is none, or its year is out of SOLAR_YEARS."""
    if year not in SOLAR_YEARS or not 1 <= month <= 12 or not 1 <= day <= _length(year, month):  # noqa: PLR2004
        return None
    first, ordinal = _NEW_YEAR
    for one in range(min(first, year), max(first, year)):
        ordinal += _year_length(one) if year > first else -_year_length(one)
    return date.fromordinal(ordinal + sum(_length(year, one) for one in range(1, month)) + day - 1)


def bikram_sambat(year: int, month: int, day: int) -> date | None:
    """Return the day of the Bikram Sambat calendar of Nepal; None where there is none, or its year is out of BIKRAM_YEARS."""
    if year not in BIKRAM_YEARS or not 1 <= month <= 12:  # noqa: PLR2004
        return None
    first, lengths = _bikram_years()[year]
    if not 1 <= day <= lengths[month - 1]:
        return None
    return date.fromordinal(first + sum(lengths[: month - 1]) + day - 1)


@lru_cache(maxsize=1)
def _bikram_years() -> dict[int, tuple[int, tuple[int, ...]]]:
    """Return the ordinal of 1 Baisakh, and the days of the months, of each year."""
    table = tomllib.loads(Path(__file__).with_name("bikram_sambat.toml").read_text("utf-8"))
    years = {}
    first = _FIRST_BAISAKH.toordinal()
    for year in BIKRAM_YEARS:
        lengths = tuple(map(int, table[str(year)].split()))
        years[year] = first, lengths
        first += sum(lengths)
    return years


def _year_length(year: int) -> int:
    return 366 if year % 33 in _LEAP else 365


def _length(year: int, month: int) -> int:
    if month <= _LONG_MONTHS:
        return 31
    return 30 if month < 12 or year % 33 in _LEAP else 29  # noqa: PLR2004 (the last month is the one that varies)
