"""The formats that `newsmill export` writes, and which of them a file has by its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO

from workers.errors import UserError
from workers.sinks.compression import COMPRESSIONS
from workers.sinks.sink import Columns, Sink

#: Makes a sink that writes to a file. Its keyword-only parameters name what it needs to know of `Layout`.
FileSink = Callable[..., Sink]


class Kind(Enum):
    """What a format can be written to."""

    #: Anything; it may be compressed.
    TEXT = "text"
    #: Anything but a terminal.
    BINARY = "binary"
    #: A file only: it is not written from its beginning to its end.
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Format:
    """A format of files."""

    #: The `FileSink`, or `module:name` of one that is imported when it is used.
    sink: FileSink | str
    kind: Kind = Kind.TEXT
    #: Suffixes that choose it, besides its name.
    suffixes: tuple[str, ...] = ()


#: The formats by their names, which are also the suffixes of their files.
FILE_SINKS: Mapping[str, Format] = {
    "jsonl": Format("workers.sinks.jsonl:JsonLinesSink", suffixes=("ndjson",)),
    "csv": Format("workers.sinks.csv_file:CsvSink"),
    "tsv": Format("workers.sinks.csv_file:TsvSink"),
    "parquet": Format("workers.sinks.parquet:ParquetSink", Kind.BINARY),
    "sqlite": Format("workers.sinks.sqlite_file:SqliteSink", Kind.DATABASE, ("db", "sqlite3")),
    "duckdb": Format("workers.sinks.duckdb_file:DuckDbSink", Kind.DATABASE),
}
#: The format of standard output and of pipes whose name has no suffix.
DEFAULT = "jsonl"


@dataclass(frozen=True, slots=True)
class Layout:
    """What the sinks of FILE_SINKS may want to know of an export."""

    columns: Columns
    #: Whether text stays as it is where a spreadsheet would run it.
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """The format of one export."""

    name: str
    #: One of COMPRESSIONS, None for none.
    compression: str | None = None

    @property
    def kind(self) -> Kind:
        """Return what it can be written to."""
        return FILE_SINKS[self.name].kind

    def open(self, file: IO[bytes], layout: Layout) -> Sink:
        """Return the sink, writing to `file`. Raises what the sink raises."""
        from tasks.stage import call  # noqa: PLC0415 - `--help` knows the formats, too, and must be fast

        sink: Sink = call(FILE_SINKS[self.name].sink, layout, file)
        return sink


def choose_format(output: Path | None, given: str | None, *, is_stream: bool) -> Chosen:
    """Return the format that is `given` (a name of FILE_SINKS), or that the suffix of `output` names.

    Without both, a stream gets JSON lines. Raises UserError for a file whose suffix is none of a format, and for a format
    that is compressed already.
    """
    name, suffix = ("", "") if output is None else (output.name, output.suffix.lower().removeprefix("."))
    compression = suffix if suffix in COMPRESSIONS else None
    if compression:
        suffix = Path(output.stem).suffix.lower().removeprefix(".") if output else ""
    chosen = Chosen(given or _of_suffix(suffix, name, is_stream=is_stream), compression)
    if compression and chosen.kind is not Kind.TEXT:
        raise UserError(
            f"A {chosen.name} file is compressed by its own means. Leave out .{compression} in {name}."
        )
    return chosen


def suffixes() -> list[str]:
    """Return the suffixes that name a format."""
    return [suffix for name, format_ in FILE_SINKS.items() for suffix in (name, *format_.suffixes)]


def _of_suffix(suffix: str, name: str, *, is_stream: bool) -> str:
    for format_, one in FILE_SINKS.items():
        if suffix in {format_, *one.suffixes}:
            return format_
    if is_stream and not suffix:
        return DEFAULT
    what = f"newsmill cannot write .{suffix} files" if suffix else f"{name} has no suffix"
    known = ", ".join(f".{one}" for one in suffixes())
    raise UserError(
        f"{what}. Name a file that ends in {known}, .jsonl.gz or .csv.zst, or choose with --format."
    )
