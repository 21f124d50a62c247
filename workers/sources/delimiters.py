"""Which character separates the columns of a table."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from workers.sources.listed import is_url
from workers.sources.records import NO_DELIMITER, split

#: What spreadsheets and databases write: `;` where the comma is the decimal sign.
DELIMITERS = ",;\t|"
#: Excel's first line that names the delimiter.
_DECLARED = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
#: What a URL with commas ends with: https://a.test/0,1518,42,00.html is no row of four columns.
_PAGE = re.compile(r"\.(?:s?html?|php|aspx?|jsp)$", re.IGNORECASE)
#: Characters of a line that are looked at.
_LOOK = 16 * 1024


def declared(head: Sequence[str]) -> str | None:
    """Return the delimiter that the first line names (`sep=;`), None if it names none."""
    found = _DECLARED.fullmatch(head[0].rstrip("\r\n")) if head else None
    return found[1] if found else None


def significant(head: Iterable[str], names: Sequence[str] = ()) -> list[str]:
    """Return the lines that are neither blank nor comments. A header with one of `names` may begin with #."""
    return [line[:_LOOK] for line in head if line.strip() and not _is_comment(line[:_LOOK], names)]


def _is_comment(line: str, names: Sequence[str]) -> bool:
    return line.startswith("#") and all(find(split(line, one), names) is None for one in DELIMITERS)


def delimiter_of(head: Sequence[str], names: Sequence[str], *, assume_https: bool = False) -> str:
    """Return the delimiter of the table that begins with the lines `head`; NO_DELIMITER if it has one column.

    It is the one that makes a header with one of `names` (in lower case), the one with the most columns if there are
    several. In a table without a header it is the one that gives most lines one URL, in the same one of as many columns.
    """
    lines = significant(head, names)
    if not lines:
        return DELIMITERS[0]
    headers = {delimiter: split(lines[0], delimiter) for delimiter in DELIMITERS}
    named = [one for one in DELIMITERS if find(headers[one], names) is not None]
    if named:
        best = max(named, key=lambda one: len(headers[one]))
    elif sum(map(_is_one_url, lines)) > len(lines) / 2:
        return NO_DELIMITER
    else:
        best = max(
            DELIMITERS,
            key=lambda one: (_fit(lines, one, assume_https=assume_https), len(headers[one])),
        )
    return best if len(headers[best]) > 1 else NO_DELIMITER


def find(cells: Sequence[str], names: Sequence[str]) -> int | None:
    """Return the index of the first of `names` (in lower case) among the cells of a header, None if none is there."""
    header = [cell.strip().casefold() for cell in cells]
    return next((header.index(name) for name in names if name in header), None)


def _fit(lines: Sequence[str], delimiter: str, *, assume_https: bool) -> tuple[int, int]:
    """Return how many lines have one URL in the same one of as many columns, and how many columns these are."""
    shapes: Counter[tuple[int, int]] = Counter()
    for line in lines:
        cells = split(line, delimiter)
        urls = [at for at, cell in enumerate(cells) if is_url(cell, assume_https=assume_https)]
        if len(cells) > 1 and len(urls) == 1:
            shapes[len(cells), urls[0]] += 1
    if not shapes:
        return 0, 0
    (columns, _), count = shapes.most_common(1)[0]
    return count, columns


def _is_one_url(line: str) -> bool:
    """Tell whether a line with delimiters in it looks like a URL and nothing else."""
    text = line.strip()
    return is_url(text, assume_https=False) and len(text.split()) == 1 and bool(_PAGE.search(text))
