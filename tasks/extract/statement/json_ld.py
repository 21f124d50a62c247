"""The values in a page's JSON-LD scripts, also where the JSON is broken in a way that pages have."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import msgspec
from lxml.html import HtmlElement

_JSON_LD_TYPE = re.compile(r"\s*application/ld\+json", re.IGNORECASE)
#: What pages put around the JSON against old browsers: comments of HTML and JavaScript, CDATA.
_OPENINGS = ("<!--", "<![CDATA[", "//", "/*", "*/")
_CLOSINGS = ("-->", "]]>", "//", "/*", "*/", ";")

# A string ends at a quote with a comma, colon or bracket behind it: pages forget to escape quotes. And a comma too many.
_BROKEN = re.compile(r'"((?:[^"\\]|\\.|"(?!\s*(?:[,:\]}]|\Z)))*+)(?:"|\Z)|,(?=\s*[,\]}])', re.DOTALL)
_IN_STRING = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|\\|"')
_LENIENT = json.JSONDecoder(strict=False)


def values_in(tree: HtmlElement) -> Iterator[Any]:
    """Yield the values of the JSON-LD scripts of `tree` in document order; nothing for what cannot be repaired."""
    for script in tree.iter("script"):
        if script.text and _JSON_LD_TYPE.match(script.get("type") or ""):
            yield from parsed(script.text)


def parsed(text: str) -> list[Any]:
    """Return the values in `text`, one behind another; an empty list where it is no JSON.

    Repaired are: raw line breaks in strings, quotes that are not escaped, commas too many, comments and CDATA around the JSON,
    character references in place of quotes, several values one after another. What follows a value and is none is left out.
    """
    try:
        return [msgspec.json.decode(text)]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        text = _bare(text)
    values, whole = _one_after_another(text)
    if whole:
        return values
    repaired, whole = _one_after_another(_BROKEN.sub(_repaired, text))
    return repaired if whole or len(repaired) >= len(values) else values


def _bare(text: str) -> str:
    """Return `text` without what is around the JSON."""
    text = text.strip("\ufeff \t\r\n")
    if '"' not in text and "&quot;" in text:
        text = unescape(text)
    bare = None
    while bare != text:
        bare = text
        for opening in _OPENINGS:
            text = text.removeprefix(opening).lstrip()
        for closing in _CLOSINGS:
            text = text.removesuffix(closing).rstrip()
    return text


def _one_after_another(text: str) -> tuple[list[Any], bool]:
    """Return the values in `text` up to what is none, and whether that is the end: pages close a brace too many."""
    values: list[Any] = []
    at = 0
    while at < len(text):
        try:
            value, at = _LENIENT.raw_decode(text, at)
        except (ValueError, RecursionError):
            return values, False
        values.append(value)
        while at < len(text) and text[at] in ",; \t\r\n":
            at += 1
    return values, True


def _repaired(found: re.Match[str]) -> str:
    if found[1] is None:  # a comma
        return ""
    return f'"{_IN_STRING.sub(_escaped, found[1])}"'


def _escaped(found: re.Match[str]) -> str:
    return {"\\": "", '"': '\\"'}.get(found[0], found[0])
