"""What a sink is, and the formats that `newsmill export` writes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import IO, Any, Protocol

#: Makes a sink that writes to a file.
FileSink = Callable[[IO[bytes]], "Sink"]

#: The sinks that write files, by the name of their format, which is also the files' suffix. Each is a `FileSink`, or
#: `module:name` of one that is imported when it is used.
FILE_SINKS: Mapping[str, FileSink | str] = {
    "jsonl": "workers.sinks.jsonl:JsonLinesSink",
    "csv": "workers.sinks.csv_file:CsvSink",
    "parquet": "workers.sinks.parquet:ParquetSink",
}
#: The default format.
DEFAULT = "jsonl"
#: Formats that a terminal cannot show.
BINARY = frozenset({"parquet"})


@dataclass(frozen=True, slots=True)
class SettledArticle:
    """A URL with its outcome. `id` and `token` identify one version of its row: the higher token is the newer one."""

    id: str
    token: int
    #: Every column (columns.py) as JSON types, in their order.
    fields: Mapping[str, Any]


class Sink(Protocol):
    """Takes settled articles. It is no part of settling: it gets rows that are in the store already.

    A sink that lasts, such as a search index, may get a batch again after a failure: the result must be the same as if it
    had come once, and `id` and `token` say what is there already. The sinks of FILE_SINKS write one export to a new file,
    each article once.
    """

    def write(self, batch: Sequence[SettledArticle]) -> None:
        """Write a batch. The caller handles what it raises, and may write the batch again."""

    def close(self) -> None:
        """Write what is still buffered; called once, after the last batch."""


def open_file_sink(format_: str, file: IO[bytes]) -> Sink:
    """Return the sink of a format, writing to `file`; KeyError for an unknown format."""
    found = FILE_SINKS[format_]
    make: FileSink = resolve_name(found) if isinstance(found, str) else found
    return make(file)
