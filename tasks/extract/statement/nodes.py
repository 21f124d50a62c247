"""Nodes of JSON-LD: what a page says of one thing. Their values are as the page has them: of any type, and any depth."""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from itertools import islice
from typing import Any

#: A JSON-LD or microdata node: values by their names in schema.org, without a prefix.
Node = dict[str, Any]

#: Nodes of a page that are looked at; at most 60 on a news page, but 5,000 in lists of comments.
MAX_NODES = 500
#: Depth to which the names of values are made plain, and nodes are looked for.
_DEEPEST = 12
#: Values of a node that is put in place of a reference, and references in one list.
_MOST_RESOLVED = 100
#: Strings in one value.
_MAX_TEXTS = 50

_PREFIX = re.compile(r"(?:https?://schema\.org/|schema:)(?=[a-zA-Z])", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,500}>")
#: Where the name of a thing is, if it is no string.
_NAMES = ("name", "@value", "value", "headline", "legalName", "alternateName")


def nodes_in(values: Iterable[Any]) -> tuple[Node, ...]:
    """Return the nodes at the top of `values`, flat and in order: of lists, graphs, and the main entities of pages.

    What a node has beneath it stays there, and is no node of its own: parts, comments and related stories are not about the
    page. A reference by `@id` to another node is replaced by that node, once: the references of that one stay.
    """
    found = list(islice(_top(values, 0), MAX_NODES))
    by_id = {
        node["@id"]: node
        for node in found
        if isinstance(node.get("@id"), str) and 1 < len(node) <= _MOST_RESOLVED
    }
    return tuple({name: _resolved(value, by_id) for name, value in node.items()} for node in found)


def types_of(node: Node) -> frozenset[str]:
    """Return the types of a node in lower case, without a prefix."""
    given = node.get("@type")
    types = given if isinstance(given, list) else [given]
    return frozenset(_PREFIX.sub("", one).casefold() for one in types[:_MAX_TEXTS] if isinstance(one, str))


def texts_of(value: Any) -> tuple[str, ...]:
    """Return the strings of a value, each on one line, without tags and character references; of a thing, its name.

    A value may be a string, a number, a thing, or a list of them.
    """
    return tuple(line for one in _strings(value, 0) if (line := plain_line(one)))[:_MAX_TEXTS]


def plain_line(text: str) -> str:
    """Return a string of a page's data as a reader sees it, on one line."""
    if "&" in text:
        text = unescape(unescape(text))
    if "<" in text:
        text = _TAG.sub(" ", text)
    return " ".join(text.split())


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)[:_MAX_TEXTS]
    elif depth < _DEEPEST and isinstance(value, list):
        for one in value[:_MAX_TEXTS]:
            yield from _strings(one, depth + 1)
    elif depth < _DEEPEST and isinstance(value, Mapping):
        yield from next(
            (found for name in _NAMES if (found := list(_strings(value.get(name), depth + 1)))), []
        )


def _top(value: Any, depth: int) -> Iterator[Node]:
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        node = plain_names(value)
        if node.keys() - {"@graph", "@context", "@id"}:
            yield node
        yield from _top(node.get("@graph"), depth + 1)
        for name in ("mainEntity", "mainEntityOfPage"):
            if isinstance(node.get(name), dict | list):
                yield from _top(node[name], depth + 1)
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        for one in value:
            yield from _top(one, depth + 1)


def plain_names(value: Any, depth: int = 0) -> Any:
    """Return a value with the names in it without a prefix (`schema:headline`)."""
    if depth > _DEEPEST:
        return value
    if isinstance(value, dict):
        return {_plain(name): plain_names(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list) and depth:
        return [plain_names(one, depth + 1) for one in value]
    return value


def _plain(name: str) -> str:
    return _PREFIX.sub("", name, count=1) if ":" in name else name


def _resolved(value: Any, by_id: Mapping[str, Node]) -> Any:
    if isinstance(value, list):
        return [
            _resolved(one, by_id) if isinstance(one, dict) and place < _MOST_RESOLVED else one
            for place, one in enumerate(value)
        ]
    if isinstance(value, dict) and isinstance(value.get("@id"), str):
        target = by_id.get(value["@id"])
        return {**target, **value} if target is not None else value
    return value
