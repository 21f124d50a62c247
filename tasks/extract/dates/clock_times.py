"""The time of a day, and its zone, beside a date in a string."""

# ruff: noqa: RUF001 - dates in several scripts

import re

#: Minutes from UTC of abbreviations that mean one zone. IST and CST mean several: of no offset.
_ZONES = {
    **dict.fromkeys(("z", "utc", "gmt", "wet", "ut"), 0),
    **dict.fromkeys(("cet", "mez", "bst", "west", "wat"), 60),
    **dict.fromkeys(("cest", "mesz", "eet", "sast", "cat"), 120),
    **dict.fromkeys(("eest", "msk", "мск", "eat", "trt"), 180),
    **dict.fromkeys(("wib", "ict"), 420),
    **dict.fromkeys(("wita", "hkt", "sgt", "awst"), 480),
    **dict.fromkeys(("wit", "jst", "kst"), 540),
    "pkt": 300,
    "npt": 345,
    "aest": 600,
    "aedt": 660,
    "nzst": 720,
    "nzdt": 780,
    "acst": 570,
    "est": -300,
    "edt": -240,
    "cdt": -300,
    "mst": -420,
    "mdt": -360,
    "pst": -480,
    "pdt": -420,
    "brt": -180,
}
_BEFORE_NOON = r"上午|午前|오전|凌晨"
_AFTER_NOON = r"下午|午後|오후|晚上|傍晚"
_TIME_OF_DAY = re.compile(
    rf"(?P<half>{_BEFORE_NOON}|{_AFTER_NOON})?\s?(?<![\d:.,/+-])(?P<hour>\d{{1,2}})"
    r"(?:(?P<by>[:：h時点时시]|\s?h\s?|\s시\s)\s?(?P<minute>\d{2})(?!\d)|(?P<dot>\.)(?P<minutes>\d{2})(?![\d.]))"
    r"(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?(?![\d:])"
)
_HALF = re.compile(r"\s?([ap])\.?\s?m\b\.?|\s?(μμ|πμ)")
_ZONE = re.compile(
    r"\s?\(?(?:(?P<name>[a-zмск]{1,4})(?![a-zа-я]))?\s?(?P<sign>[+−-])?(?P<offset>\d{1,2}:?\d{2}|\d{1,2})?"
)
#: Words before or after a time with a dot (`klo 16.30`, `16.30 Uhr`), which may be a price or a version.
_DOTTED = re.compile(r"(?:klo|kl|ore|alle|ob|at|pukul|jam|u|kell)\.?\s?$")
#: What is before and behind a time with a dot that is all there is behind a date: "3 oktober 2023, 14.05", "14.05 GMT".
_IS_ALONE = re.compile(r"[\s,|–-]{1,3}")
_ENDS = re.compile(rf"\s?\(?(?:{'|'.join(map(re.escape, _ZONES))})?[\s)|]{{0,3}}")
_NOON = 12

Clock = tuple[int, int, int | None]


def time_in(text: str) -> tuple[Clock, int | None] | None:
    """Return the first time of day in `text` (in small letters, digits of ASCII), and its offset from UTC in minutes."""
    for found in _TIME_OF_DAY.finditer(text):
        rest = text[found.end() : found.end() + 20]
        if found["dot"] and not (
            _DOTTED.search(text[max(0, found.start() - 10) : found.start("hour")])
            or rest.lstrip().startswith(("uhr", "น", "wib", "hrs"))
            or (_IS_ALONE.fullmatch(text[: found.start("hour")]) and _ENDS.fullmatch(rest))
        ):
            continue
        hour, minute = int(found["hour"]), int(found["minute"] or found["minutes"])
        half = _HALF.match(rest)
        if half:
            rest = rest[half.end() :]
        after = bool(half and half[0].strip()[0] in "pμ") or (found["half"] or " ") in _AFTER_NOON
        before = bool(half and not after) or (found["half"] or " ") in _BEFORE_NOON
        if after and hour < _NOON:
            hour += _NOON
        elif before and hour == _NOON:
            hour = 0
        if hour <= 24 and minute < 60:  # noqa: PLR2004
            return (hour, minute, int(found["second"]) if found["second"] else None), _offset(rest)
    return None


def _offset(rest: str) -> int | None:
    found = _ZONE.match(rest)
    if found is None:
        return None
    known = _ZONES.get(found["name"] or "")
    if found["sign"] and found["offset"] and (known == 0 or not found["name"]):
        digits = found["offset"].replace(":", "")
        hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)  # noqa: PLR2004
        return (hours * 60 + minutes) * (1 if found["sign"] == "+" else -1) if minutes < 60 else None  # noqa: PLR2004
    return known
