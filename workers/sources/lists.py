"""Lists of URLs: one per line (.txt), a column (.csv) or a key (.jsonl), each also as .gz; one URL at a time.

An error in one line is a `Refusal`, and reading continues. An error of the whole list is a `UserError`.
"""

import csv
import io
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TextIO

import msgspec

from workers.errors import UserError
from workers.sources.documents import open_unpacked, suffix_of
from workers.sources.source import Item, ListedUrl, ReadOnce, Refusal, Source

#: The argument that means standard input.
STDIN = "-"
LINES = frozenset({".txt", ""})
TABLES = frozenset({".csv"})
JSON_LINES = frozenset({".jsonl", ".ndjson"})

#: Spreadsheets separate columns by `,`, by `;` where the comma is the decimal sign, or by tabs.
_SEPARATORS = ",;\t"
#: Bytes of a .txt that are read to tell a list from an article's text.
_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class UrlList(ReadOnce):
    """A file with URLs."""

    path: Path

    def read(self, position: str | None) -> Iterator[Item]:
        """Yield the URLs of the file, and a refusal for each invalid line; UserError if it cannot be read."""
        del position
        return read_list(self.path)

    def size(self) -> int | None:
        """Return the number of lines, None for a packed file."""
        if self.path.suffix.lower() == ".gz":
            return None
        with self.path.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


class StandardInput(ReadOnce):
    """URLs on standard input."""

    def read(self, position: str | None) -> Iterator[Item]:
        """Yield the URLs, and a refusal for each invalid line."""
        del position
        return read_stdin()


def open_stdin(argument: str, number: int) -> Source | None:
    """Return the source for `-`, None for any other argument."""
    del number
    return StandardInput() if argument == STDIN else None


def open_list(argument: str, number: int) -> Source | None:
    """Return the source for a list of URLs, by its suffix, with or without .gz; None for any other argument.

    A .txt is a list if some line of its first 64 KB begins with a scheme (`https://`), or if each has one ASCII
    word only; else it is a document.
    """
    del number
    path = Path(argument)
    suffix = suffix_of(path)
    if not path.exists() or suffix not in LINES | TABLES | JSON_LINES:
        return None
    return UrlList(path) if suffix != ".txt" or _has_urls(path) else None


def _has_urls(path: Path) -> bool:
    """Tell whether the .txt is a list of URLs rather than an article's text."""
    try:
        with open_unpacked(path) as file:
            lines = [line.strip() for line in file.read(_HEAD).splitlines()]
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} cannot be read: {error}. Check the file.") from error
    lines = [line for line in lines if line and not line.startswith(b"#")]
    return any(map(_begins_with_scheme, lines)) or all(line.isascii() and b" " not in line for line in lines)


def _begins_with_scheme(line: bytes) -> bool:
    scheme, separator, _ = line.partition(b"://")
    return bool(separator) and scheme.isalnum()


def read_list(path: Path) -> Iterator[Item]:
    """Yield the URLs of the list in the file, by its suffix; UserError if it cannot be read."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    suffix = suffixes[-1] if suffixes else ""
    with _named_errors(str(path)), _open(path) as stream:
        if suffix in TABLES:
            yield from _table(stream, str(path))
        elif suffix in JSON_LINES:
            yield from _json_lines(stream, str(path))
        else:
            yield from _lines(stream, str(path))


def read_stdin() -> Iterator[Item]:
    """Yield the URLs on standard input: each line a URL, or a JSON object with the key `url`."""
    stream = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="surrogateescape")
    try:
        for place, line in _numbered(stream, "stdin"):
            yield _json_line(place, line) if line.startswith("{") else _line(place, line)
    finally:
        stream.detach()


@contextmanager
def _open(path: Path) -> Iterator[TextIO]:
    # Bytes that are not UTF-8 become surrogates, so only their line is refused.
    with open_unpacked(path) as file:
        yield io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")


@contextmanager
def _named_errors(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UserError(f"{name} cannot be read: {why}. Check the file.") from error


def _numbered(stream: TextIO, name: str) -> Iterator[tuple[str, str]]:
    """Yield `name:line` and the line, without blank lines and comments."""
    for number, raw in enumerate(stream, 1):
        line = raw.strip()
        if line and not line.startswith("#"):
            yield f"{name}:{number}", line


def _lines(stream: TextIO, name: str) -> Iterator[Item]:
    for place, line in _numbered(stream, name):
        yield _line(place, line)


def _line(place: str, line: str) -> Item:
    return ListedUrl(place, line, {}) if _is_text(line) else Refusal(place, "is not UTF-8", line)


def _json_lines(stream: TextIO, name: str) -> Iterator[Item]:
    for place, line in _numbered(stream, name):
        yield _json_line(place, line)


def _json_line(place: str, line: str) -> Item:
    if not _is_text(line):
        return Refusal(place, "is not UTF-8", line)
    try:
        value = msgspec.json.decode(line)
    except (msgspec.MsgspecError, RecursionError):
        return Refusal(place, "is not JSON", line)
    if not isinstance(value, dict) or not isinstance(value.get("url"), str):
        return Refusal(place, "is not a JSON object with a text under `url`", line)
    url = value.pop("url")
    return ListedUrl(place, url, value)


def _table(stream: TextIO, name: str) -> Iterator[Item]:
    first = stream.readline()
    reader = csv.reader(chain([first], stream), delimiter=max(_SEPARATORS, key=first.count))
    names = [column.strip() for column in next(reader, [])]
    at = next((index for index, column in enumerate(names) if column.casefold() == "url"), None)
    if at is None:
        raise UserError(f"{name} has no column `url`. Its columns are: {', '.join(names) or 'none'}.")
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


def _row(place: str, row: Sequence[str], names: Sequence[str], at: int) -> Item:
    text = "".join(row)
    if not _is_text(text):
        return Refusal(place, "is not UTF-8", text)
    if len(row) > len(names):
        return Refusal(place, f"has {len(row)} fields, but there are {len(names)} columns", text)
    if len(row) <= at:
        return Refusal(place, "has no url", text)
    extras = {column: value for column, value in zip(names, row, strict=False) if column}
    extras.pop(names[at])
    return ListedUrl(place, row[at], extras)


def _is_text(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
