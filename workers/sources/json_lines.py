"""JSON Lines: an object in each line, one key of which has the URL; the others are kept with the article as its source."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from workers.errors import UserError
from workers.sources.delimiters import significant
from workers.sources.lines import Lines, NotUtf8, TooLong
from workers.sources.listed import NO_URL, TOO_LONG, listed, named, refused
from workers.sources.reading import Reading
from workers.sources.source import Item, Refusal

NO_JSON = "is not JSON"
NO_OBJECT = "is not a JSON object"
NO_KEY = "has no key for a URL"
NO_TEXT = "has no text under the key of its URL"
#: The first line of an array of objects, and of an object in several lines.
_SEVERAL_LINES = re.compile(r"\s*(?:\[\s*(?:\{|$)|\{\s*$)")
#: A list of which so many objects at the beginning have no URL has it under another key.
_OBJECTS = 100


def read_json_lines(lines: Lines, name: str, reading: Reading) -> Iterator[Item]:
    """Yield the URL of each line, and a refusal for each line without one.

    Raises UserError for one array or object, and if none of the first objects has the key of the URL.
    """
    first = next(iter(significant(lines.head())), "")
    if _SEVERAL_LINES.match(first):
        raise UserError(
            f"{name} is not JSON Lines, but one array or object. Write each element of an array in a line: "
            "jq -c '.[]' FILE >urls.jsonl"
        )
    if isinstance(reading.column, int):
        raise UserError(
            f"{name} has keys, and no columns with numbers. Name the key with the URL: --column KEY."
        )
    items = _items(lines, name, reading)
    without: list[Item] = []
    for item in items:
        if isinstance(item, Refusal) and item.reason == NO_KEY:
            without.append(item)
            if len(without) == _OBJECTS:
                break
        elif isinstance(item, Refusal):
            yield item
        else:
            yield from (*without, item)
            yield from items
            return
    if without:
        raise UserError(_no_key(name, first, reading))


def json_item(line: str, where: str, lines: Lines, reading: Reading) -> Item:
    """Return the item of the line at `where`."""
    value = _object_in(line, lines)
    if isinstance(value, str):
        return refused(where, value, line)
    key = "url" if reading.column is None and "url" in value else _key(value, reading)
    if key is None:
        return refused(where, NO_KEY, line)
    url = value.pop(key)
    if not isinstance(url, str):
        return refused(where, NO_TEXT, line)
    if not url.strip():
        return refused(where, NO_URL, line)
    return listed(where, url, value, assume_https=reading.assume_https)


def _object_in(line: str, lines: Lines) -> dict[str, Any] | str:
    """Return the JSON object in the line, or the reason why there is none."""
    if type(line) is TooLong:
        return TOO_LONG
    try:
        value = msgspec.json.decode("".join(lines.readable([line])) if type(line) is NotUtf8 else line)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return NO_JSON
    return value if isinstance(value, dict) else NO_OBJECT


def _items(lines: Lines, name: str, reading: Reading) -> Iterator[Item]:
    for number, line in enumerate(lines, 1):
        if line.startswith("{") or (line.strip() and not line.lstrip().startswith("#")):
            yield json_item(line, f"{name}:{number}", lines, reading)


def _key(value: dict[str, Any], reading: Reading) -> str | None:
    """Return the key of the URL as this object writes it, None if it has none."""
    if isinstance(reading.column, str) and reading.column in value:
        return reading.column
    names = {key.strip().casefold(): key for key in reversed(value)}
    return next((names[name] for name in reading.names if name in names), None)


def _no_key(name: str, line: str, reading: Reading) -> str:
    try:
        value = msgspec.json.decode(line.encode())
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        value = None
    keys = list(value) if isinstance(value, dict) else []
    return (
        f"{name} has no key {', '.join(reading.names)}. Its first object has the keys: {named(keys)}. "
        "Name the one with the URLs: --column KEY."
    )
