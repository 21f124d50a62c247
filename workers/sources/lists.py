"""Lists of URLs: plain lines (lines.py), tables (tables.py) and JSON Lines (json_lines.py), in a file or on standard input.

A list is read block by block: unpacked (unpacked.py), in UTF-8 (encodings.py), by lines (lines.py), within bounds
(bounds.py). An error in one line is a `Refusal`, and reading goes on. An error of the whole list is a `UserError`.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import cast

from tasks.extract.url_lists import is_url_list
from workers.errors import UserError
from workers.sources.bounds import BLOCK
from workers.sources.delimiters import DELIMITERS, find, significant
from workers.sources.documents import head_of, suffix_of
from workers.sources.encodings import in_utf8
from workers.sources.json_lines import json_item, read_json_lines
from workers.sources.lines import Lines, NotUtf8, TooLong
from workers.sources.listed import TOO_LONG, is_url, listed, place, refused
from workers.sources.reading import BY_ITSELF, URL_NAMES, Reading
from workers.sources.records import split
from workers.sources.source import Argument, Item, Note, ReadOnce, Source
from workers.sources.tables import read_table
from workers.sources.unpacked import PACKED, PackedError, blocks_of

#: The argument that means standard input.
STDIN = "-"
#: Suffixes of lists. What a list of the first kind has in its lines, they show themselves.
LINES = frozenset({".txt", ""})
TABLES = frozenset({".csv", ".tsv", ".tab"})
JSON_LINES = frozenset({".jsonl", ".ndjson", ".json"})


@dataclass(frozen=True, slots=True)
class UrlList(ReadOnce):
    """A file with URLs."""

    path: Path
    reading: Reading = BY_ITSELF

    def read(self, position: str | None) -> Iterator[Item]:
        """Yield the URLs of the file, and a refusal for each invalid line; UserError if it cannot be read."""
        del position
        return read_list(self.path, self.reading)

    def size(self) -> int | None:
        """Return the number of lines; None for a packed file, and for one that can be read only once."""
        if self.path.suffix.lower() in PACKED or not self.path.is_file():
            return None
        with self.path.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(BLOCK), b""))


@dataclass(frozen=True, slots=True)
class StandardInput(ReadOnce):
    """URLs on standard input."""

    reading: Reading = BY_ITSELF

    def read(self, position: str | None) -> Iterator[Item]:
        """Yield the URLs, and a refusal for each invalid line."""
        del position
        return read_stdin(self.reading)


def open_stdin(argument: Argument) -> Source | None:
    """Return the source for `-`, None for any other argument."""
    return StandardInput(argument.reading) if argument.text == STDIN else None


def open_list(argument: Argument) -> Source | None:
    """Return the source for a list of URLs, by its suffix, packed or not; None for any other argument.

    A .txt is a list if it is mostly URLs, or if each of its lines has one ASCII word only; else it is a document.
    """
    path = Path(argument.text)
    suffix = suffix_of(path)
    if path.is_dir() or not path.exists() or suffix not in LINES | TABLES | JSON_LINES:
        return None
    is_list = suffix != ".txt" or not path.is_file() or _is_list(path, argument)
    return UrlList(path, argument.reading) if is_list else None


def _is_list(path: Path, argument: Argument) -> bool:
    if argument.texts_are_documents:
        return False
    if argument.reading.is_table:
        return True
    text = head_of(path, argument.reading.encoding)
    lines = significant(text.splitlines())
    return is_url_list(text) or all(line.isascii() and len(line.split()) == 1 for line in lines)


def read_list(path: Path, reading: Reading = BY_ITSELF) -> Iterator[Item]:
    """Yield the URLs of the list in the file, by its suffix; UserError if it cannot be read."""
    name, warnings = str(path), list[str]()
    lines = Lines(in_utf8(blocks_of(path, warn=warnings.append), reading.encoding))
    try:
        yield from _items(lines, name, suffix_of(path), reading)
        yield from (Note(f"{name} {warning}.") for warning in warnings)
    except OSError as error:
        why = str(error) if isinstance(error, PackedError) else error.strerror or str(error)
        if not lines.number:
            raise UserError(f"{name} cannot be read: {why}. Check the file.") from error
        raise UserError(
            f"{name} cannot be read after line {lines.number:,}: {why}. What stands before was submitted; get the file again."
        ) from error


def read_stdin(reading: Reading = BY_ITSELF) -> Iterator[Item]:
    """Yield the URLs on standard input: plain lines, JSON objects or a table, as its first lines show."""
    stdin = cast("BufferedReader", sys.stdin.buffer)
    blocks = iter(lambda: stdin.read1(BLOCK), b"")
    return _items(Lines(in_utf8(blocks, reading.encoding)), "stdin", "", reading)


def _items(lines: Lines, name: str, kind: str, reading: Reading) -> Iterator[Item]:
    if kind in JSON_LINES:
        yield from read_json_lines(lines, name, reading)
    elif kind in TABLES or _is_table(lines.head(), reading):
        yield from read_table(lines, name, reading)
    else:
        yield from _plain(lines, name, reading)
    if lines.guess.encoding:
        yield Note(
            f"{name} is not all in UTF-8. The rest was read as {lines.guess.encoding}; --encoding NAME names another encoding."
        )


def _is_table(head: Iterable[str], reading: Reading) -> bool:
    """Tell whether a list whose suffix does not say so is a table."""
    first = next(iter(significant(head, reading.names)), "").strip()
    if first.startswith("{"):
        return False
    if reading.is_table:
        # It may be a plain list beside the table whose column is named.
        is_one = isinstance(reading.column, str) or not any(
            one in first for one in reading.delimiter or DELIMITERS
        )
        return not (is_url(first, assume_https=reading.assume_https) and is_one)
    if any(find(split(first, delimiter), URL_NAMES) is not None for delimiter in DELIMITERS):
        return True
    return sum(is_url(cell, assume_https=False) for cell in first.split("\t")) == 1 and "\t" in first


def _plain(lines: Lines, name: str, reading: Reading) -> Iterator[Item]:
    """Yield the URL of each line; a line may also be a JSON object."""
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if type(raw) is str and line.startswith("http"):
            yield listed(f"{name}:{number}", line, {}, assume_https=reading.assume_https)
        elif line and not line.startswith("#"):
            yield _unusual(raw, place(name, number), lines, reading)


def _unusual(raw: str, where: str, lines: Lines, reading: Reading) -> Item:
    """Return the item of a line that does not begin with a URL, or is not in UTF-8."""
    if raw.lstrip().startswith("{"):
        return json_item(raw, where, lines, reading)
    if type(raw) is TooLong:
        return refused(where, TOO_LONG, raw)
    line = "".join(lines.readable([raw])) if type(raw) is NotUtf8 else raw
    return listed(where, line.strip(), {}, assume_https=reading.assume_https)
