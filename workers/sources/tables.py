"""Tables of URLs: one column has the URL, the others are kept with the article as its source."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from workers.errors import UserError
from workers.sources.bounds import MOST_COLUMNS, MOST_NAMED
from workers.sources.delimiters import DELIMITERS, declared, delimiter_of, find
from workers.sources.lines import Lines, NotUtf8, TooLong
from workers.sources.listed import NO_URL, TOO_LONG, is_url, listed, named, place, refused
from workers.sources.reading import Reading
from workers.sources.records import NO_DELIMITER, Record, records
from workers.sources.source import Item, Note

_ANY_DELIMITER = re.compile(f"[{re.escape(DELIMITERS)}]")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table: their names, and the index of the one with the URL."""

    names: list[str]
    at: int
    has_header: bool = True


def read_table(lines: Lines, name: str, reading: Reading) -> Iterator[Item]:
    """Yield the URLs of a table, and a refusal for each row that has none.

    Raises UserError if it has no column as `reading` names it, or, where that names none, neither a header with one of
    URL_NAMES nor exactly one URL in its first row.
    """
    head = lines.head()
    delimiter = reading.delimiter or declared(head)
    delimiter = delimiter or delimiter_of(head, reading.names, assume_https=reading.assume_https)
    rows = records(lines, delimiter)
    if declared(head):
        next(rows, None)
    first = next((row for row in rows if any(row[1]) and not _is_comment(row[1], reading)), None)
    columns = columns_of(lines.readable(first[1]) if first else [], name, reading)
    if first and not columns.has_header:
        if reading.column is None and len(columns.names) > 1:
            yield Note(f"{name} has no header. Its URLs are read from column {columns.at + 1}.")
        rows = chain([first], rows)
    yield from _Table(name, delimiter, columns, lines, reading).items(rows)


def columns_of(cells: Sequence[str], name: str, reading: Reading) -> Columns:
    """Return the columns of the table `name`, whose first row has these cells. Raises UserError as `read_table` does."""
    names = [cell.strip() for cell in cells]
    if len(names) > MOST_COLUMNS:
        raise UserError(
            f"{name} has {len(names):,} columns, and at most {MOST_COLUMNS:,} are read. Is the delimiter right? "
            "Name it: --delimiter ';'."
        )
    if isinstance(reading.column, int):
        if reading.column > len(names):
            raise UserError(
                f"{name} has no column {reading.column}, only {len(names)}. Its first row is: {named(names)}."
            )
        return _without_header(names, reading.column - 1)
    at = find(names, reading.names)
    if at is not None:
        return Columns(names, at)
    urls = [at for at, cell in enumerate(names) if is_url(cell, assume_https=reading.assume_https)]
    if reading.column is None and len(urls) == 1:
        return _without_header(names, urls[0])
    raise UserError(_no_column(name, names, urls, reading))


def _is_comment(cells: Sequence[str], reading: Reading) -> bool:
    """Tell whether what stands before the header is a comment: a header may begin with #, too."""
    return cells[0].startswith("#") and find(cells, reading.names) is None


def _without_header(cells: Sequence[str], at: int) -> Columns:
    return Columns([f"column_{number}" for number in range(1, len(cells) + 1)], at, has_header=False)


def _no_column(name: str, cells: Sequence[str], urls: Sequence[int], reading: Reading) -> str:
    if reading.column is None and urls:
        which = " and ".join(str(at + 1) for at in urls[:MOST_NAMED])
        return f"{name} has no header, and URLs in its columns {which}. Name one of them: --column {urls[0] + 1}."
    return (
        f"{name} has no column {', '.join(reading.names)}. Its columns are: {named(cells)}. "
        "Name the one with the URLs: --column NAME, or its number if the table has no header."
    )


class _Table:
    """Makes items of the rows of a table."""

    def __init__(self, name: str, delimiter: str, columns: Columns, lines: Lines, reading: Reading) -> None:
        self._name = name
        self._delimiter = delimiter
        self._columns = columns
        self._left_out = {"", columns.names[columns.at]} & set(columns.names)
        self._lines = lines
        self._assume_https = reading.assume_https

    def items(self, rows: Iterable[Record]) -> Iterator[Item]:
        """Yield the items of the rows; none for a blank one, a comment, and the header of a table that was appended."""
        at = self._columns.at
        for number, row, odd in rows:
            cells = self._lines.readable(row) if odd is NotUtf8 else row
            if odd is TooLong:
                yield refused(place(self._name, number), TOO_LONG, self._delimiter.join(cells))
            elif len(cells) > at and cells[at].startswith("http"):
                yield self._listed(number, cells[at], cells)
            else:
                yield from self._unusual(number, cells)

    def _listed(self, number: int, url: str, cells: Sequence[str]) -> Item:
        extras = dict(zip(self._columns.names, cells, strict=False))
        for name in self._left_out:
            extras.pop(name, None)
        if self._delimiter == NO_DELIMITER and " " in url:  # a row with more columns than the header
            url = _ANY_DELIMITER.split(url, 1)[0]
        return listed(f"{self._name}:{number}", url, extras, assume_https=self._assume_https)

    def _unusual(self, number: int, cells: Sequence[str]) -> Iterator[Item]:
        """Yield the item of a row whose cell for the URL does not begin with http; none if it is no row."""
        at, names = self._columns.at, self._columns.names
        url = cells[at] if len(cells) > at else ""
        if not any(map(str.strip, cells)) or (cells[0].startswith("#") and (at == 0 or "://" not in url)):
            return
        if self._columns.has_header and [cell.strip() for cell in cells] == names:
            return
        urls = [cell for cell in cells if is_url(cell, assume_https=False)]
        if len(cells) > len(names) and len(urls) == 1:
            # A delimiter in a cell without quotes has moved the URL, and nobody knows which cells are which.
            yield listed(place(self._name, number), urls[0], {}, assume_https=False)
        elif url.strip():
            yield self._listed(number, url, cells)
        else:
            yield refused(place(self._name, number), NO_URL, self._delimiter.join(cells))
