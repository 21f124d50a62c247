"""The data in the scripts of a page: JSON blocks, what is assigned to a variable, chunks that are pushed; nothing is run."""

import html as entities
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from tasks.extract.page_data.js_values import read_value
from tasks.extract.page_data.references import caches_of, flight_rows, is_flat, unflattened

#: Characters of scripts read per page, and of one value; the largest of 57 pages of news have 850,000. A parsed
#: value takes up to 30 bytes for each.
MOST_READ, LONGEST = 3_000_000, 2_000_000
#: Characters below which a value is no article.
SHORTEST = 200
#: Values of one script that are read as literals of JavaScript, which takes 20 times as long as JSON.
_MOST_LITERALS = 10
#: Assignments of one script that are looked at; a bundled library has thousands, and none of JSON.
_MOST_ASSIGNED = 20_000

# A start tag that contains "<" is left out: `[^<>]*` keeps the search linear.
_SCRIPT = re.compile(r"<script\b([^<>]*)>", re.IGNORECASE)
_END = re.compile(r"</script\s*+>", re.IGNORECASE)
_TYPE = re.compile(r"(?<![\w-])type\s*+=\s*+[\"']?([^\"'\s>]++)", re.IGNORECASE)
#: What is behind an equals sign, or an opening bracket of a call that takes data: an object, a list, a string, a function.
_VALUE = re.compile(
    r"(?<![=!<>+*/|&^%-])=\s*+(?:JSON\s*+\.\s*+parse\s*+\(\s*+(?:decodeURIComponent\s*+\(\s*+)?+)?+(?=[{\[\"'(])"
    r"|\.(?:push|enqueue|parse)\s*+\(\s*+(?=[\[\"'])"
)
#: Before the equals sign of a variable of the page; libraries assign to their own, which is no data.
_GLOBAL = re.compile(
    r"(?<![\w$.])(?:(?:window|self|globalThis)\s*+(?:\.[\w$]++|\[\s*+[\"'][^\"']{1,99}+[\"']\s*+\])++"
    r"|(?:var|let|const)\s++[\w$]++|__[\w$]++)\s*+\Z"
)
#: Characters before an equals sign in which the variable is.
_NAME = 150
#: Attributes with data for a component, in quotes of either kind.
_ATTRIBUTE = re.compile(r"=\"(\{&quot;[^\"]{200,}+)\"|='(\{\"[^']{200,}+)'")
#: What chunks of flight data are pushed to, and the kinds of those that have text.
_FLIGHT, _OF_TEXT = "__next_f", (1, 3)
#: Entities of Angular's transfer state, before version 16.
_ANGULAR = {"&q;": '"', "&s;": "'", "&l;": "<", "&g;": ">", "&a;": "&"}
_ANGULAR_ENTITY = re.compile("&[qslga];")

_DECODER = json.JSONDecoder()


class PageData(NamedTuple):
    """The values that were found, and what references in them refer to."""

    values: list[Any]
    rows: Mapping[str, Any]
    caches: list[Mapping[str, Any]]


def data_of(html: str) -> PageData:
    """Return the data in the scripts and attributes of the page `html`; what cannot be read is left out."""
    values: list[Any] = []
    chunks: list[str] = []
    for attributes, script in _scripts(html):
        type_ = _TYPE.search(attributes)
        kind = type_[1].lower() if type_ else ""
        if "ld+json" in kind:
            continue
        if "json" in kind:
            values.extend(_of_block(script))
        elif not kind or "javascript" in kind or kind == "module":
            values.extend(_of_code(script, chunks))
    values.extend(_of_attributes(html))
    rows = flight_rows("".join(chunks)) if chunks else {}
    values.extend(rows.values())
    return PageData(values, rows, [cache for value in values for cache in caches_of(value)])


def parsed(text: str) -> Any:
    """Return the JSON in `text`, None where there is none."""
    try:
        return json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError):
        return None


def _scripts(html: str) -> Iterator[tuple[str, str]]:
    """Yield attributes and content of the scripts, up to MOST_READ characters."""
    at = read = 0
    while (opening := _SCRIPT.search(html, at)) and (closing := _END.search(html, opening.end())):
        at = closing.end()
        script = html[opening.end() : closing.start()]
        # Chunks of flight data may be short.
        if (len(script) >= SHORTEST or _FLIGHT in script) and (read := read + len(script)) <= MOST_READ:
            yield opening[1], script


def _of_block(script: str) -> Iterator[Any]:
    value = parsed(script)
    if value is None and "&q;" in script:
        value = parsed(_ANGULAR_ENTITY.sub(lambda found: _ANGULAR[found[0]], script))
    if value is None and "&quot;" in script:
        value = parsed(entities.unescape(script))
    if value is not None:
        yield unflattened(value) if is_flat(value) else value


def _of_attributes(html: str) -> Iterator[Any]:
    read = 0
    for found in _ATTRIBUTE.finditer(html):
        text = found[1] or found[2]
        read += len(text)
        if read <= MOST_READ and (value := parsed(entities.unescape(text))) is not None:
            yield value


def _of_code(script: str, chunks: list[str]) -> Iterator[Any]:
    """Yield what the code assigns; chunks of flight data are added to `chunks`."""
    at = literals = 0
    for _ in range(_MOST_ASSIGNED):
        found = _VALUE.search(script, at)
        if found is None:
            return
        start = at = found.end()
        try:
            value, at = _DECODER.raw_decode(script, start)
        except (ValueError, RecursionError):
            if literals == _MOST_LITERALS or not _is_data(script, found):
                continue
            literals += 1
            try:
                value, at = read_value(script, start)
            except ValueError:
                continue
        match value:
            case [int(kind), str(chunk)] if kind in _OF_TEXT and found[0].startswith(".push"):
                chunks.append(chunk)
            case _ if at - start >= SHORTEST and not found[0].startswith(".push"):
                yield from _of_value(value)


def _is_data(script: str, found: re.Match[str]) -> bool:
    """Tell whether what is found in a script is the argument of a call, or is assigned to a variable of the page."""
    return found[0][0] == "." or bool(_GLOBAL.search(script[max(0, found.start() - _NAME) : found.start()]))


def _of_value(value: Any) -> Iterator[Any]:
    """Yield a value that was assigned; a string only where it is JSON itself."""
    while isinstance(value, str):  # JSON may be in a text in a text; each time some of it is gone
        text = value.lstrip()
        if text.startswith(("%7B", "%5B")):
            text = unquote(text)
        value = parsed(text) if text.startswith(("{", "[", '"')) else None
    if isinstance(value, list) and is_flat(value):
        yield unflattened(value)
    elif isinstance(value, (dict, list)):
        yield value
