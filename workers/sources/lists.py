"""Lists of URLs: one a line (.txt), a column (.csv) or a key (.jsonl), each also as .gz; one entry at a time.

What is wrong with one line is a `Refusal`, and the reader goes on; what is wrong with the whole list is a
`SourceError`.
"""

import csv
import io
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import msgspec

from workers.sources.documents import open_unpacked

#: The name of standard input among the sources.
STDIN = "-"
LINES = frozenset({".txt", ""})
TABLES = frozenset({".csv"})
JSON_LINES = frozenset({".jsonl", ".ndjson"})

#: Spreadsheets write `,`, or `;` where the comma is the decimal sign, or tabs.
_SEPARATORS = ",;\t"


class SourceError(Exception):
    """A source cannot be taken at all; the message says why and what to do."""


class ListedUrl(NamedTuple):
    """One URL of a list, not looked at yet. `place` is `file:line`, `source` what else stands there."""

    place: str
    url: str
    source: dict[str, Any]


class Refusal(NamedTuple):
    """A line that no URL can be had from."""

    place: str
    reason: str
    text: str


Read = ListedUrl | Refusal


def read_list(path: Path) -> Iterator[Read]:
    """Yield the entries of the list in the file, by its suffix; SourceError where it cannot be read."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    suffix = suffixes[-1] if suffixes else ""
    with _named_errors(str(path)), _open(path) as stream:
        if suffix in TABLES:
            yield from _table(stream, str(path))
        elif suffix in JSON_LINES:
            yield from _json_lines(stream, str(path))
        else:
            yield from _lines(stream, str(path))


def read_stdin() -> Iterator[Read]:
    """Yield the entries on standard input: each line a URL, or a JSON object with the key `url`."""
    stream = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="surrogateescape")
    try:
        for place, line in _numbered(stream, "stdin"):
            yield _json_line(place, line) if line.startswith("{") else _line(place, line)
    finally:
        stream.detach()


@contextmanager
def _open(path: Path) -> Iterator[TextIO]:
    # Bytes that are not UTF-8 become surrogates: they spoil their own line, not the list.
    with open_unpacked(path) as file:
        yield io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")


@contextmanager
def _named_errors(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"{name} cannot be read: {why}. Check the file.") from error


def _numbered(stream: TextIO, name: str) -> Iterator[tuple[str, str]]:
    """Yield `name:line` and the line, without blank lines and comments."""
    for number, raw in enumerate(stream, 1):
        line = raw.strip()
        if line and not line.startswith("#"):
            yield f"{name}:{number}", line


def _lines(stream: TextIO, name: str) -> Iterator[Read]:
    for place, line in _numbered(stream, name):
        yield _line(place, line)


def _line(place: str, line: str) -> Read:
    return ListedUrl(place, line, {}) if _is_text(line) else Refusal(place, "is not UTF-8", line)


def _json_lines(stream: TextIO, name: str) -> Iterator[Read]:
    for place, line in _numbered(stream, name):
        yield _json_line(place, line)


def _json_line(place: str, line: str) -> Read:
    if not _is_text(line):
        return Refusal(place, "is not UTF-8", line)
    try:
        value = msgspec.json.decode(line)
    except (msgspec.MsgspecError, RecursionError):
        return Refusal(place, "is not JSON", line)
    if not isinstance(value, dict) or not isinstance(value.get("url"), str):
        return Refusal(place, "is no JSON object with a text under `url`", line)
    url = value.pop("url")
    return ListedUrl(place, url, value)


def _table(stream: TextIO, name: str) -> Iterator[Read]:
    first = stream.readline()
    reader = csv.reader(chain([first], stream), delimiter=max(_SEPARATORS, key=first.count))
    names = [column.strip() for column in next(reader, [])]
    at = next((index for index, column in enumerate(names) if column.casefold() == "url"), None)
    if at is None:
        raise SourceError(f"{name} has no column `url`. Its columns are: {', '.join(names) or 'none'}.")
    while True:
        place = f"{name}:{reader.line_num + 1}"
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield Refusal(place, f"is not CSV: {error}", "")
            continue
        if row is None:
            return
        if row:
            yield _row(place, row, names, at)


def _row(place: str, row: Sequence[str], names: Sequence[str], at: int) -> Read:
    text = "".join(row)
    if not _is_text(text):
        return Refusal(place, "is not UTF-8", text)
    if len(row) > len(names):
        return Refusal(place, f"has {len(row)} fields, but there are {len(names)} columns", text)
    if len(row) <= at:
        return Refusal(place, "has no url", text)
    source = {column: value for column, value in zip(names, row, strict=False) if column}
    source.pop(names[at])
    return ListedUrl(place, row[at], source)


def _is_text(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
