"""Formats in which one value refers to another: React's flight rows, devalue of Nuxt 3, turbo-stream of Remix, Apollo's cache.

What is shared stays shared, so what reads these values must expect cycles.
"""

import re
from collections.abc import Iterator, Mapping
from json import JSONDecoder
from typing import Any

_DECODER = JSONDecoder()

#: A row of flight data: its id, which hints have not, then `T` and the bytes of a text, or a tag of capital letters and JSON up to the line's end.
_ROW = re.compile(r"([0-9a-f]{0,8}):(?:T([0-9a-f]{1,8}),|[A-Z]{0,2}+)")
#: What a string in flight data refers to: a row, and keys in it behind colons.
_TO_ROW = re.compile(r"\$[L@QWBFKZ]?([0-9a-f]{1,8})((?::[\w$]{1,40}){0,9})")
#: Where React's elements have their properties.
_PROPERTIES = 3
#: Types by which devalue and turbo-stream name what JSON has not: then come an index, or a text of its own.
_OF_AN_INDEX = frozenset(
    ("Reactive", "ShallowReactive", "Ref", "ShallowRef", "EmptyRef", "EmptyShallowRef", "Object", "P", "Z")
)
_OF_A_TEXT = frozenset(("Date", "D", "BigInt", "B", "URL", "U", "RegExp", "R", "Symbol", "Y"))


def flight_rows(data: str) -> dict[str, Any]:
    """Return the values of the rows of flight data by their ids. A row that is no JSON, such as a module, is left out."""
    rows: dict[str, Any] = {}
    at = 0
    while at < len(data):
        found = _ROW.match(data, at)
        if found and found[2]:
            rows[found[1]], at = _bytes_of(data, found.end(), int(found[2], 16))
            continue
        if found:
            try:
                rows[found[1]], at = _DECODER.raw_decode(data, found.end())
            except (ValueError, RecursionError):
                at = found.end()
        line = data.find("\n", at)
        at = len(data) if line < 0 else line + 1
    return rows


def _bytes_of(data: str, start: int, count: int) -> tuple[str, int]:
    """Return the text that has so many bytes in UTF-8, and where it ends."""
    text = data[start : start + count]
    if not text.isascii():
        text = text.encode("utf-8", "replace")[:count].decode("utf-8", "ignore")
    return text, start + len(text)


def row_of(text: str, rows: Mapping[str, Any]) -> Any:
    """Return what a string in flight data refers to; the string itself where it refers to nothing."""
    if text == "$undefined":
        return None
    found = _TO_ROW.fullmatch(text)
    if found is None or found[1] not in rows:
        return text
    value = rows[found[1]]
    for key in found[2].split(":")[1:]:
        if isinstance(value, list) and value[:1] == ["$"] and key == "props":
            value = next(iter(value[_PROPERTIES:]), None)
        elif isinstance(value, list):
            value = value[int(key)] if key.isdecimal() and int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def is_flat(value: Any) -> bool:
    """Tell whether a parsed JSON value is a table in which values refer to others by their index."""
    if not isinstance(value, list) or not value:
        return False
    first = value[0]
    if isinstance(first, list):
        return _refers(first)
    return isinstance(first, dict) and bool(first) and all(map(_is_index, first.values()))


def _refers(value: Any) -> bool:
    """Tell whether an entry of a table is a type and the index of what is of it."""
    match value:
        case [str(type_), index]:
            return type_ in _OF_AN_INDEX and _is_index(index)
    return False


def _is_index(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def unflattened(table: list[Any]) -> Any:
    """Return the first value of a table of devalue or turbo-stream, with what it refers to; in one pass over the table."""
    made: list[Any] = [_container_of(one) for one in table]

    def at(index: Any) -> Any:
        for _ in range(9):  # a reference to a reference
            if not _is_index(index) or not 0 <= index < len(table):
                return None
            if not _refers(table[index]):
                return made[index]
            index = table[index][1]
        return None

    for one, container in zip(table, made, strict=True):
        if isinstance(one, dict) and isinstance(container, dict):
            container.update((_key(key, at), at(index)) for key, index in one.items())
        elif isinstance(one, list) and isinstance(container, list):
            container.extend(map(at, one[1:] if one and isinstance(one[0], str) else one))
    return at(0)


def _container_of(one: Any) -> Any:
    if isinstance(one, dict):
        return {}
    if not isinstance(one, list):
        return one
    if len(one) > 1 and isinstance(one[0], str) and one[0] in _OF_A_TEXT:
        return one[1]
    return []


def _key(key: str, at: Any) -> str:
    """Return a key; turbo-stream has `_7` for the text with the index 7."""
    if key.startswith("_") and key[1:].isdecimal():
        text = at(int(key[1:]))
        return text if isinstance(text, str) else key
    return key


def caches_of(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the caches of Apollo at the top of a value, to which `{"__ref": key}` refers."""
    if isinstance(value, dict):
        for one in (value, *value.values()):
            if isinstance(one, dict) and "ROOT_QUERY" in one:
                yield one


def entry_of(value: dict[str, Any], caches: list[Mapping[str, Any]]) -> Any:
    """Return the entry of a cache that an object refers to; the object itself where it refers to none."""
    key = value.get("__ref") or (value.get("id") if value.get("type") == "id" else None)
    if isinstance(key, str):
        return next((cache[key] for cache in caches if key in cache), value)
    return value
