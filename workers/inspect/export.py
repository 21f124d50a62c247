"""`newsmill export`: streams rows through a sink to a file or standard output."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from workers.errors import FULL, UserError
from workers.output.printable import json_lines_escaped, table_escaped
from workers.sinks.columns import choose, columns, settled
from workers.sinks.compression import compressing
from workers.sinks.destination import Destination, Output, Shown, find_destination, opened
from workers.sinks.formats import Chosen, Kind, Layout, choose_format
from workers.sinks.sink import Columns, SettledArticle, Sink, size_of
from workers.store.changes import Change
from workers.store.filters import Filter
from workers.store.order import Order
from workers.store.store import Store

#: Articles in a batch for a sink, and about how many characters: at some 5 KB each, 2.5 MB. Long texts end it earlier.
BATCH, LARGEST_BATCH = 500, 16_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What `newsmill export` was asked for, besides which articles."""

    #: None is standard output.
    output: Path | None = None
    #: A name of FILE_SINKS; None leaves it to the suffix of `output`.
    format_: str | None = None
    #: The columns; None is all of them.
    names: Sequence[str] | None = None
    order: Order | None = None
    limit: int | None = None
    #: Whether CSV has text as it is where a spreadsheet would run it.
    raw: bool = False


def export(store: Store, filter_: Filter, wanted: Export) -> int:
    """Write the rows that match the filter; return their number.

    A file appears, or replaces the one that was there, when it is whole. Raises UserError for what cannot be written as
    wanted, BrokenPipeError if the reader has ended, sqlalchemy.exc.DBAPIError.
    """
    return _export(store, store.rows(filter_, wanted.limit, wanted.order), wanted)


def export_changes(store: Store, filter_: Filter, wanted: Export, after: int) -> tuple[int, int]:
    """Write what has changed after a number; return how many articles, and the number to go on from.

    Each has the columns `change` and `deleted` in front. One that was deleted, or does not pass the filter any more, has no
    others but its id. With a limit, the changes of a last transaction that are more than it are still written. Raises as
    `export` does, and what `Changes.after` raises.
    """
    found = _Changed(store.changes.after(after, filter_), after, wanted.limit)
    count = _export(store, found, wanted, first={"change": int, "deleted": bool})
    return count, found.last


class _Changed:
    """Changes as rows, and the number of the last one that was read."""

    def __init__(self, changes: Iterator[Change], after: int, limit: int | None) -> None:
        self._changes = changes
        self._limit = limit
        self.last = after

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for count, change in enumerate(self._changes):
            if self._limit is not None and count >= self._limit and change.number != self.last:
                return
            self.last = change.number
            gone = {"id": change.id, "token": change.token, "record": {}}
            yield {**(change.row or gone), "change": change.number, "deleted": change.row is None}


def _export(store: Store, rows: Iterable[Any], wanted: Export, first: Columns | None = None) -> int:
    """Write rows with the columns that are wanted, behind the `first` ones."""
    names = columns() if wanted.names is None else choose(wanted.names)
    layout = Layout({**(first or {}), **names}, wanted.raw)
    destination = find_destination(wanted.output)
    format_ = choose_format(wanted.output, wanted.format_, is_stream=destination.is_stream)
    if format_.kind is Kind.DATABASE and destination.is_stream:
        raise UserError(f"{format_.name} needs a file. Name one with --output, e.g. rows.{format_.name}.")
    try:
        with opened(destination, keep=() if store.file is None else (store.file,)) as output:
            return _write(rows, output, format_, layout)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UserError(_why_not(error, wanted.output, destination)) from error


def write_all(rows: Iterable[Any], sink: Sink, chosen: Columns | None = None) -> int:
    """Write rows of the store, or their `chosen` columns, to a sink, and close it; return their number.

    The sink is left open where anything is raised.
    """
    count = 0
    for batch in _batches(settled(row, chosen) for row in rows):
        sink.write(batch)
        count += len(batch)
    sink.close()
    return count


def _write(rows: Iterable[Any], output: Output, format_: Chosen, layout: Layout) -> int:
    if format_.kind is Kind.BINARY and output.isatty():
        raise UserError(f"A terminal cannot show {format_.name}. Name a file with --output, or use a pipe.")
    if output.isatty():
        escape = json_lines_escaped if format_.name == "jsonl" else table_escaped
        output = Shown(cast("IO[bytes]", output), escape)
    with compressing(cast("IO[bytes]", output), format_.compression) as file:
        sink = format_.open(file, layout)
        try:
            return write_all(rows, sink, layout.columns)
        except BaseException:
            output.cut()
            with suppress(Exception):
                sink.close()
            raise


def _batches(articles: Iterable[SettledArticle]) -> Iterator[list[SettledArticle]]:
    batch: list[SettledArticle] = []
    size = 0
    for one in articles:
        batch.append(one)
        size += size_of(one)
        if len(batch) >= BATCH or size >= LARGEST_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _why_not(error: OSError, output: Path | None, destination: Destination) -> str:
    """Return the line for a destination that cannot be written to."""
    reason = error.strerror or str(error)
    what = "standard output" if output is None else str(output)
    is_there = destination.path is not None and not destination.is_stream and destination.path.exists()
    old = " The old file is as it was." if is_there else ""
    is_full = error.errno in FULL
    advice = "Make room, or name a file elsewhere." if is_full else "Check the path and its permissions."
    return f"Cannot write {what}: {reason}.{old} {advice}"
