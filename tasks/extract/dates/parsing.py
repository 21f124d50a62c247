"""Dates in a string: of machines (ISO 8601, RFC 2822) and of readers, in some 60 languages."""

# ruff: noqa: RUF001 - dates in several scripts

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import pairwise

from tasks.extract.dates.calendars import (
    BIKRAM_YEARS,
    ERAS,
    SOLAR_YEARS,
    bikram_sambat,
    buddhist_year,
    gregorian,
    solar_hijri,
)
from tasks.extract.dates.clock_times import time_in
from tasks.extract.dates.moments import Moment, moment
from tasks.extract.dates.months import month_of
from tasks.extract.dates.plain_digits import has_digit, plain

#: Characters around a date that its time is looked for in.
_NEAR = 40
#: Languages whose pages have the calendar of Nepal; in Hindi its names are those of lunar months.
_NEPALI = frozenset(("ne", "mai", "new", ""))

_YEAR_FIRST = re.compile(r"(?<![\d./-])(\d{4})([-./])\s?(\d{1,2})\2\s?(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<![\d./-])(\d{1,2})\s?([-./])\s?(\d{1,2})\s?\2\s?(\d{4})(?!\d|[./-]\d)")
#: Two digits of a year, where the page's order of day and month is known; in Korean the year comes first.
_SHORT_YEAR = re.compile(r"(?<![\d./-])(\d{1,2})([./])\s?(\d{1,2})\2\s?(\d{2})(?![\d/-]|\.\d)")
#: What two digits of a year are added to: up to 68 the first, as in POSIX. Of the Buddhist calendar, the third.
_CENTURIES, _LAST_OF_2000S, _BUDDHIST_CENTURY = (2000, 1900), 68, 2500
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?:t(\d{2}):?(\d{2}):?(\d{2}))?(?![\d])")
_EAST_ASIAN = re.compile(r"(?<!\d)(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일号號]?")
_ERA_DAY = re.compile(rf"({'|'.join(ERAS)})\s?(\d{{1,3}}|元)\s?年\s?(\d{{1,2}})\s?月\s?(\d{{1,2}})\s?日")
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2})\s?tháng\s?(\d{1,2})\s?[,./]?\s?(?:năm\s?)?(\d{4})(?!\d)")
_MONGOLIAN = re.compile(r"(?<!\d)(\d{4})\s?оны\s?(\d{1,2})(?:-?\s?р)?\s?сарын\s?(\d{1,2})(?!\d)")

_THAI_LETTER = re.compile("[\u0e00-\u0e7f]")

_DATE_TOKEN = re.compile(r"(?P<number>\d+)|(?P<word>[^\s\d.,:;/()|·•–—_\-+\[\]]+)")
#: Letters of a word that may stand between a day, a month and a year; and a longer one that does.
_SHORT_WORD, _LONG_WORDS = 3, frozenset(("gada", "tahun", "cest", "eest", "west"))
_EPOCH = re.compile(r"-?\d{9,10}(?:\d{3})?(?:\.\d{1,9})?")
_MILLISECONDS = 10**11


@dataclass(frozen=True, slots=True)
class Locale:
    """What a page's dates are read by."""

    #: Primary subtag of its language, in small letters; may be empty.
    language: str = ""
    #: Whether the day comes before the month in 03/04/2024; None where that is not known.
    day_first: bool | None = None


def stated_moment(value: object, locale: Locale) -> Moment | None:
    """Return the moment of a value of JSON-LD or the like, which may be a number: seconds or milliseconds since 1970."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _since_1970(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if _EPOCH.fullmatch(text):
        return _since_1970(float(text))
    return parsed(text, locale)


def parsed(text: str, locale: Locale) -> Moment | None:
    """Return the first moment in `text`; None where there is no full date, or its day and month are ambiguous.

    The source is left empty.
    """
    text = plain(text)
    if not has_digit(text):
        return None
    found = next(_dates(text, locale), None)
    if found is None:
        return None
    day, start, end = found
    compact = _COMPACT.match(text, start)
    if compact and compact[4] and compact.end() >= end:
        text = f"{text[: compact.start(4)]} {compact[4]}:{compact[5]}:{compact[6]}{text[compact.end() :]}"
        end = compact.start(4)
    after = text[end : end + _NEAR].removeprefix("t")
    time = time_in(after) or time_in(text[max(0, start - _NEAR) : start].rstrip() + " ")
    return moment(day, *time) if time else moment(day)


def numeric_orders(text: str) -> Iterator[bool]:
    """Yield whether the day comes first, for each date in numbers in `text` that tells it."""
    for found in _YEAR_LAST.finditer(text):
        first, second = int(found[1]), int(found[3])
        if (first > 12) != (second > 12):  # noqa: PLR2004
            yield first > 12  # noqa: PLR2004


_Found = tuple[date, int, int]


def _dates(text: str, locale: Locale) -> Iterator[_Found]:
    """Yield dates and where they start and end; of each form of date the first, the surest form first."""
    forms: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], date | None]], ...] = (
        ("年", _ERA_DAY, _of_era),
        ("年", _EAST_ASIAN, lambda one: gregorian(int(one[1]), int(one[2]), int(one[3]))),
        ("년", _EAST_ASIAN, lambda one: gregorian(int(one[1]), int(one[2]), int(one[3]))),
        ("", _YEAR_FIRST, lambda one: _any_calendar(int(one[1]), int(one[3]), int(one[4]), text, locale)),
        ("tháng", _VIETNAMESE, lambda one: gregorian(int(one[3]), int(one[2]), int(one[1]))),
        ("оны", _MONGOLIAN, lambda one: gregorian(int(one[1]), int(one[2]), int(one[3]))),
    )
    for sign, expression, day_of in forms:
        if sign not in text:
            continue
        for found in expression.finditer(text):
            if day := day_of(found):
                yield day, found.start(), found.end()
    yield from _named(text, locale)
    for found in _YEAR_LAST.finditer(text):
        if day := _numeric(found, text, locale):
            yield day, found.start(), found.end()
    for found in _SHORT_YEAR.finditer(text):
        if day := _of_short_year(found, locale):
            yield day, found.start(), found.end()
    if (found_compact := _COMPACT.match(text)) and (
        day := gregorian(int(found_compact[1]), int(found_compact[2]), int(found_compact[3]))
    ):
        yield day, 0, found_compact.end()


def _of_era(found: re.Match[str]) -> date | None:
    year = 1 if found[2] == "元" else int(found[2])
    return gregorian(ERAS[found[1]] + year, int(found[3]), int(found[4]))


def _any_calendar(year: int, month: int, day: int, text: str, locale: Locale) -> date | None:
    if locale.language == "th" or _is_thai(text):
        return gregorian(buddhist_year(year), month, day)
    if year in SOLAR_YEARS and locale.language in {"fa", "ps", "prs", ""}:
        return solar_hijri(year, month, day)
    if year in BIKRAM_YEARS and locale.language == "ne":
        return bikram_sambat(year, month, day)
    return gregorian(year, month, day)


def _of_short_year(found: re.Match[str], locale: Locale) -> date | None:
    first, second, last = int(found[1]), int(found[3]), int(found[4])
    if locale.language == "ko":
        return gregorian(_CENTURIES[0] + first, second, last)
    if locale.day_first is None or (found[2] == "." and not locale.day_first):
        return None
    day, month = (first, second) if locale.day_first else (second, first)
    return gregorian(_CENTURIES[last > _LAST_OF_2000S] + last, month, day)


def _is_thai(text: str) -> bool:
    return _THAI_LETTER.search(text) is not None


def _numeric(found: re.Match[str], text: str, locale: Locale) -> date | None:
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    day_first = True if found[2] == "." else locale.day_first
    if first > 12 or second > 12:  # noqa: PLR2004
        day_first = first > 12  # noqa: PLR2004
    elif first == second:
        day_first = True
    if day_first is None:
        return None
    day, month = (first, second) if day_first else (second, first)
    return _any_calendar(year, month, day, text, locale)


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    number: int | None = None
    digits: int = 0
    month: tuple[str, int] | None = None
    filler: bool = False


def _named(text: str, locale: Locale) -> Iterator[_Found]:
    """Yield dates with the name of a month: day month year, month day year, year month day, year day month."""
    tokens = [_token(one, locale.language) for one in _DATE_TOKEN.finditer(text)]
    parts: list[list[_Token]] = [[]]
    for token in tokens:
        last = parts[-1][-1] if parts[-1] else None
        if token.month and last and last.month == token.month:  # by its two names: "كانون الثاني/يناير"
            parts[-1][-1] = replace(last, end=token.end)
        elif token.month or token.number is not None:
            parts[-1].append(token)
        elif not token.filler:
            parts.append([])
    for part in parts:
        for place, token in enumerate(part):
            if token.month and (found := _around(part, place, text, locale)):
                yield found


def _token(found: re.Match[str], language: str) -> _Token:
    start, end = found.span()
    if digits := found["number"]:
        return _Token(start, end, int(digits[:9]), len(digits))
    word = found["word"]
    named = month_of(word.strip("'’\"“”«»"), language)
    return _Token(start, end, month=named, filler=len(word) <= _SHORT_WORD or word in _LONG_WORDS)


def _around(part: list[_Token], place: int, text: str, locale: Locale) -> _Found | None:
    named = part[place]
    thai = locale.language == "th" or _is_thai(text)
    before, after = part[max(0, place - 2) : place], part[place + 1 : place + 6]
    orders = [
        (before[-1:], after[:1]),  # 15 June 2021
        (after[:1], after[1:2]),  # June 15, 2021
        (after[:1], before[-1:]),  # 2021 June 15
        (before[-1:], before[:-1]),  # 2021. gada 15. jūnijs
        (after[:1], after[4:5]),  # Jun 15 08:00:00 CEST 2021
    ]
    for days, years in orders:
        if not days or not years or not (_is_day(days[0]) and _is_year(years[0], thai=thai)):
            continue
        used = sorted((named, days[0], years[0]), key=lambda one: one.start)
        gaps = [text[one.end : other.start] for one, other in pairwise(used)]
        if (years == after[4:5] and years) or all(len(gap) <= 2 * _SHORT_WORD + 2 for gap in gaps):
            day = _of_calendar(named, years[0].number or 0, days[0].number or 0, text, locale)
            end = days[0].end if years == after[4:5] else used[-1].end
            return (day, used[0].start, end) if day else None
    return None


def _is_day(token: _Token) -> bool:
    return token.number is not None and token.digits <= 2 and 1 <= token.number <= 31  # noqa: PLR2004


def _is_year(token: _Token, *, thai: bool) -> bool:
    """Tell whether a number may be a year; in Thai its last two digits, which no day has."""
    return token.digits == 4 or (thai and token.digits == 2 and (token.number or 0) > 31)  # noqa: PLR2004


def _of_calendar(named: _Token, year: int, day: int, text: str, locale: Locale) -> date | None:
    calendar, month = named.month or ("gregorian", 0)
    if calendar == "solar_hijri":
        return solar_hijri(year, month, day)
    if calendar == "bikram_sambat":
        return bikram_sambat(year, month, day) if locale.language in _NEPALI else None
    if locale.language == "th" or _is_thai(text):
        year += _BUDDHIST_CENTURY if year < 100 else 0  # noqa: PLR2004
        year = buddhist_year(year)
    return gregorian(year, month, day)


def _since_1970(seconds: float) -> Moment | None:
    try:
        if abs(seconds) >= _MILLISECONDS:
            seconds /= 1000
        time = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment(time.date(), (time.hour, time.minute, time.second), 0) if seconds > 10**8 else None


def of_source(found: Moment | None, source: str) -> Moment | None:
    """Return `found` as read from `source`."""
    return replace(found, source=source) if found is not None else None
