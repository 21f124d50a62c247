"""CSV: a header, and a line for each article."""

import csv
import io
from collections.abc import Sequence
from typing import IO, Any

import msgspec

from workers.sinks.columns import columns
from workers.sinks.sink import SettledArticle


class CsvSink:
    """Writes CSV (RFC 4180) in UTF-8; lists and objects are JSON in their field."""

    def __init__(self, file: IO[bytes]) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        self._writer = csv.writer(self._text)
        self._writer.writerow(columns())

    def write(self, batch: Sequence[SettledArticle]) -> None:
        """Write the batch."""
        for one in batch:
            self._writer.writerow(map(as_field, one.fields.values()))

    def close(self) -> None:
        """Detach from the file, which stays open."""
        self._text.detach()


def as_field(value: Any) -> Any:
    """Return a value for one field: lists and objects as JSON."""
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list | tuple) else value
