"""CSV and TSV: a header, and a line for each article."""

import csv
import io
from collections.abc import Sequence
from typing import IO, Any

import msgspec

from workers.sinks.cells import safe
from workers.sinks.sink import Columns, SettledArticle


class CsvSink:
    """Writes CSV (RFC 4180) in UTF-8; lists and objects are JSON in their field.

    Text that a spreadsheet would run is made safe (cells.py), unless it shall be `raw`.
    """

    delimiter = ","

    def __init__(self, file: IO[bytes], *, columns: Columns, raw: bool = False) -> None:
        self._file = file
        self._raw = raw
        self._lines = io.StringIO(newline="")
        self._writer = csv.writer(self._lines, delimiter=self.delimiter)
        self._writer.writerow(columns)
        self._flush()

    def write(self, batch: Sequence[SettledArticle]) -> None:
        """Write the batch."""
        for one in batch:
            fields = map(as_field, one.fields.values())
            self._writer.writerow(fields if self._raw else map(safe, fields))
            self._flush()

    def close(self) -> None:
        """Do nothing: nothing is buffered."""

    def _flush(self) -> None:
        self._file.write(self._lines.getvalue().encode())
        self._lines.seek(0)
        self._lines.truncate()


class TsvSink(CsvSink):
    """Writes the same with tabs between the fields; one with a tab or a line break in it is quoted."""

    delimiter = "\t"


def as_field(value: Any) -> Any:
    """Return a value for one field: lists and objects as JSON."""
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list | tuple) else value
