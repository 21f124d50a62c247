"""`newsmill export`: streams rows through a sink to a file or standard output."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

from workers.errors import UserError
from workers.sinks.columns import settled
from workers.sinks.sink import BINARY, DEFAULT, FILE_SINKS, Sink, open_file_sink
from workers.store.filters import Filter
from workers.store.store import Store

#: Articles in a batch for a sink: at some 5 KB each, 2.5 MB.
BATCH = 500


def export(
    store: Store, filter_: Filter, *, format_: str | None, output: Path | None, limit: int | None
) -> int:
    """Write the rows that match the filter, in the order in which they were settled; return their number.

    They go to standard output, or to `output`, which appears only when it is complete. Without a format the suffix of
    `output` decides, else it is JSON lines. Raises UserError for a binary format on a terminal, OSError
    (BrokenPipeError if the reader has ended), sqlalchemy.exc.DBAPIError.
    """
    format_ = format_ or (output.suffix.removeprefix(".") if output else DEFAULT)
    if format_ not in FILE_SINKS:
        format_ = DEFAULT
    if output is None and format_ in BINARY and sys.stdout.isatty():
        raise UserError("A terminal cannot show Parquet. Name a file with --output, or use a pipe.")
    with _destination(output) as file:
        return write_all(store.rows(filter_, limit), open_file_sink(format_, file))


def write_all(rows: Iterable[Any], sink: Sink) -> int:
    """Write rows of the store to a sink, and close it; return their number."""
    source, count = iter(rows), 0
    try:
        while batch := [settled(row) for row in islice(source, BATCH)]:
            sink.write(batch)
            count += len(batch)
    finally:
        sink.close()
    return count


@contextmanager
def _destination(output: Path | None) -> Iterator[IO[bytes]]:
    """Yield standard output, or a file that gets its name when it is complete."""
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
