"""The day in the path of an article's URL."""

import re
from urllib.parse import urlsplit

from tasks.extract.dates.calendars import gregorian
from tasks.extract.dates.moments import Moment, moment

#: Folders of year, month and day, or one of all three; not a number at the end of the path, which may be a story's.
_FOLDERS = re.compile(r"/((?:19|20)\d\d)([/-]?)(0[1-9]|1[0-2]|(?<=[/-])[1-9])\2(\d{2}|(?<=[/-])\d)(?=/)")
#: First year that news sites had URLs in.
_FIRST = 1995
_LONGEST = 2_000


def day_in_path(url: str) -> Moment | None:
    """Return the day that the path of `url` has; none of a file's, whose folders are a reader's own."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"}:
        return None
    for found in _FOLDERS.finditer(parts.path[:_LONGEST] + "/"):
        year = int(found[1])
        if not found[2] and found.end() >= len(parts.path):
            continue
        if year >= _FIRST and (day := gregorian(year, int(found[3]), int(found[4]))):
            return moment(day)
    return None
