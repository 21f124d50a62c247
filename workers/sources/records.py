"""The rows of a table: lines, or several lines where a cell in quotes has line ends in it."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator

from workers.sources.bounds import LONGEST_LINE
from workers.sources.lines import Lines, NotUtf8, TooLong

#: A row: the number of its first line, its cells, and what is odd in one of its lines (NotUtf8, TooLong), str if nothing is.
Record = tuple[int, list[str], type[str]]

#: The delimiter of a table with one column: a control character that no list has.
NO_DELIMITER = "\x1f"
_QUOTE = '"'


def records(lines: Lines, delimiter: str) -> Iterator[Record]:
    """Yield the rows, blank ones included.

    A quote that is never closed, or whose cell makes a row longer than LONGEST_LINE, costs no other row: each of the lines
    that were read for it is taken for a row.
    """
    csv.field_size_limit(2 * LONGEST_LINE)  # one for the whole process; longer rows are refused here
    source, queue = iter(lines), deque[str]()
    reader = _reader(iter(queue.popleft, None), delimiter)
    number = 1
    for line in source:
        if _QUOTE not in line:
            yield number, line.rstrip("\r\n").split(delimiter), type(line)
            number += 1
            continue
        queue.append(line)
        try:
            yield number, next(reader), type(line)
            number += 1
        except csv.Error:
            yield number, split(line, delimiter), type(line)
            number += 1
        except IndexError:  # csv asks for the next line
            held = _HeldLines(line, source)
            yield from held.rows(number, delimiter)
            number += len(held.lines)


def split(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line that is a whole row."""
    line = line.rstrip("\r\n")
    if line.count(_QUOTE) % 2:  # one is not closed, so none counts
        return [cell.strip().strip(_QUOTE) for cell in line.split(delimiter)]
    return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])


def _reader(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)


class _HeldLines:
    """The lines of a row that goes on in further lines; they are kept until it is whole."""

    def __init__(self, first: str, more: Iterator[str]) -> None:
        self.lines = [first]
        self._more = more

    def rows(self, number: int, delimiter: str) -> Iterator[Record]:
        """Yield the row that begins in line `number`, or each line as a row if its quotes do not close."""
        try:
            cells = next(_reader(self._taken(), delimiter))
        except csv.Error:
            for at, line in enumerate(self.lines, number):
                yield at, split(line, delimiter), type(line)
        else:
            kinds = set(map(type, self.lines))
            yield number, cells, TooLong if TooLong in kinds else NotUtf8 if NotUtf8 in kinds else str

    def _taken(self) -> Iterator[str]:
        """Yield the lines up to LONGEST_LINE. If that is within the quotes, it is an error to csv."""
        yield self.lines[0]
        length = len(self.lines[0])
        for line in self._more:
            self.lines.append(line)
            yield line
            length += len(line)
            if length > LONGEST_LINE:
                return
