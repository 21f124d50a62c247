"""`newsmill export`: rows as JSON lines, CSV or Parquet, streamed, whatever their number."""

import csv
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec

from workers.sinks.columns import KEYS, Kind, flat
from workers.errors import UserError
from workers.store.filters import Filter
from workers.store.store import Store

#: Rows of a Parquet row group: at some 5 KB of text a row, 10 MB in memory.
ROW_GROUP = 2000

Write = Callable[[Iterable[dict[str, Any]], IO[bytes]], int]


def export(
    store: Store, filter_: Filter, *, format_: str | None, output: Path | None, limit: int | None
) -> int:
    """Write the rows that pass the filter, in the order they were settled; how many.

    To standard output, or to `output`, which appears only when it is complete. Without a format, the suffix of
    `output` decides; else JSON lines. Raises SourceError for Parquet on a terminal, OSError (BrokenPipeError
    where the reader has gone), sqlalchemy.exc.DBAPIError.
    """
    format_ = format_ or (output.suffix.removeprefix(".") if output else "jsonl")
    write = WRITERS.get(format_, write_jsonl)
    if output is None and write is write_parquet and sys.stdout.isatty():
        raise SourceError("Parquet is not for terminals. Name a file with --output, or pipe it on.")
    with _destination(output) as file:
        return write(map(flat, store.rows(filter_, limit)), file)


def write_jsonl(rows: Iterable[dict[str, Any]], file: IO[bytes]) -> int:
    """Write one JSON object a line."""
    encoder = msgspec.json.Encoder()
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - returned
        file.write(encoder.encode(row) + b"\n")
    return count


def write_csv(rows: Iterable[dict[str, Any]], file: IO[bytes]) -> int:
    """Write a header and a line a row; lists and objects are JSON in their field."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    count = 0
    try:
        writer.writerow(KEYS)
        for count, row in enumerate(rows, 1):  # noqa: B007 - returned
            writer.writerow(map(_as_field, row.values()))
    finally:
        text.detach()
    return count


def write_parquet(rows: Iterable[dict[str, Any]], file: IO[bytes]) -> int:
    """Write Parquet by row groups; `source`, `timings` and `history` are JSON in a text column."""
    import pyarrow as pa  # noqa: PLC0415 - 0.2 s that only this format needs
    from pyarrow import parquet  # noqa: PLC0415

    schema = parquet_schema()
    source, count = iter(rows), 0
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while group := list(islice(source, ROW_GROUP)):
            columns = [
                pa.array([_as_cell(KEYS[field.name], row[field.name]) for row in group], field.type)
                for field in schema
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            count += len(group)
    return count


WRITERS: dict[str, Write] = {"jsonl": write_jsonl, "csv": write_csv, "parquet": write_parquet}


def parquet_schema() -> Any:
    """Return the schema, the same for every export."""
    import pyarrow as pa  # noqa: PLC0415 - 0.2 s that only this format needs

    topic = pa.struct([("id", pa.string()), ("label", pa.string()), ("score", pa.float64())])
    types = {
        Kind.TEXT: pa.string(),
        Kind.WHOLE: pa.int64(),
        Kind.NUMBER: pa.float64(),
        Kind.TIME: pa.timestamp("ms", tz="UTC"),
        Kind.WORDS: pa.list_(pa.string()),
        Kind.TOPICS: pa.list_(topic),
        Kind.EVENTS: pa.string(),
        Kind.OBJECT: pa.string(),
    }
    return pa.schema([(key, types[kind]) for key, kind in KEYS.items()])


def _as_field(value: Any) -> Any:
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list) else value


def _as_cell(kind: Kind, value: Any) -> Any:
    if kind is Kind.TIME and value is not None:
        return datetime.fromisoformat(value)
    return _as_field(value) if kind in {Kind.EVENTS, Kind.OBJECT} else value


@contextmanager
def _destination(output: Path | None) -> Iterator[IO[bytes]]:
    """Yield standard output, or a file that takes its name once it is complete."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    unfinished = output.with_name(output.name + ".part")
    try:
        with unfinished.open("wb") as file:
            yield file
        os.replace(unfinished, output)  # noqa: PTH105 - the same, and clearer: it replaces
    finally:
        unfinished.unlink(missing_ok=True)
