"""What a sink is, and the formats that `newsmill export` writes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import IO, Any, Protocol

from workers.sinks.columns import flat

#: Makes a sink that writes to a file.
FileSink = Callable[[IO[bytes]], "Sink"]

#: The sinks that write files, by the name of their format, which is the suffix of such files, too. Each a `FileSink`, or
#: `module:name` of one that is imported when it is chosen.
FILE_SINKS: Mapping[str, FileSink | str] = {
    "jsonl": "workers.sinks.jsonl:JsonLinesSink",
    "csv": "workers.sinks.csv_file:CsvSink",
    "parquet": "workers.sinks.parquet:ParquetSink",
}
#: The format where nothing says which.
DEFAULT = "jsonl"
#: Formats that are not for a terminal.
BINARY = frozenset({"parquet"})


@dataclass(frozen=True, slots=True)
class SettledArticle:
    """What became of one URL. `id` and `token` together name one writing of its row: a higher token is a newer one."""

    id: str
    token: int
    #: Every column (columns.py) as JSON types, in their order.
    fields: Mapping[str, Any]


class Sink(Protocol):
    """Takes settled articles. It never hooks into settling: it is given rows that are in the store already.

    A batch may come twice, after a failure: what is written must be the same as if it had come once. `id` and `token`
    tell what is there already.
    """

    def write(self, batch: Sequence[SettledArticle]) -> None:
        """Write a batch; whatever it raises is the caller's to handle, and the batch may come again."""

    def close(self) -> None:
        """Write what is still held back; called once, after the last batch."""


def open_file_sink(format_: str, file: IO[bytes]) -> Sink:
    """Return the sink of a format, writing to `file`; KeyError for a format that there is not."""
    found = FILE_SINKS[format_]
    make: FileSink = resolve_name(found) if isinstance(found, str) else found
    return make(file)


def settled(row: Mapping[str, Any]) -> SettledArticle:
    """Return a row of the store as sinks take it."""
    return SettledArticle(row["id"], row["token"], flat(row))
