r"""Parts of trafilatura and htmldate that take more than linear time, or keep what they read, and what replaces them.

For trafilatura 2.3 and htmldate 1.11 (pyproject.toml: below 2.4). On ordinary pages each replacement gives what the
original gives. Without it the page in brackets takes seconds to minutes (`python -m benchmarks.stages.hostile`).

- `HTML_STRIP_TAGS` in `json_metadata` and `metadata` [a headline of 240,000 `</`]: a tag ends before the next `<`.
- `json_metadata.JSON_AUTHOR_1`, `JSON_AUTHOR_2`, `JSON_AUTHOR_REMOVE`, `JSON_PUBLISHER` [`"author":"a",` repeated]: what lies
  between is bounded, and invalid JSON is cut (`metadata.extract_json_parse_error`).
- `metadata.JSON_MINIFY` [a string that never ends, of escaped quotes]: it ends with the data.
- `normalize_authors` in `json_metadata` and `metadata` [an author of 300,000 `(`]: authors are cut, since a row has
  LONGEST_NAME characters of them.
- `utils.IMAGE_EXTENSION` [a `src` of 10,000 letters, repeated]: one character before the dot is enough.
- `baseline._HTML_MARKUP` [a tag of 500,000 `=` in JSON-LD]; `xml._MATH_BLOCK_RE`, `xml._MATH_INLINE_RE` [600,000 `\(`].
- `core.COPYRIGHT_PATTERN` of htmldate [a million copyright signs]: it does not go back over what is no year.
- `trim_text` and `try_date_expr` of htmldate [990 nested elements around a long text]: they look at 52 characters, so the rest
  is cut first; otherwise the latter keeps 8,192 texts of any length.
- `extractors._external_date` of htmldate [1,000 dates that only dateparser reads]: it gets so many of a page and no more.
- `remove_control_characters` in `utils` and `baseline` removes U+200C and U+200D, which Persian, Hindi, Sinhala and many emoji
  are written with; here it keeps them. Not for the time, yet these replacements are in force wherever texts are made.
- `trim` and `line_processing` of trafilatura on long pages only: they keep 1,024 texts, of a page with nested elements 500 MB.

What breaks: if a name is gone, importing this module raises AttributeError. If trafilatura no longer uses one, its time is
what it was.

Canary: tests/unit/test_extract_linear_compat.py compares the originals with those that the replacements were made for.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from tasks.extract.fields import LONGEST_NAME

_json: Any = import_module("trafilatura.json_metadata")
_metadata: Any = import_module("trafilatura.metadata")
_utils: Any = import_module("trafilatura.utils")
_xml: Any = import_module("trafilatura.xml")
_baseline: Any = import_module("trafilatura.baseline")
_dates: Any = import_module("htmldate.extractors")
_date_core: Any = import_module("htmldate.core")

#: Characters of invalid JSON-LD that are read; at most 30,000 on a news page.
_LONGEST_JSON = 50_000
#: Characters of one author that are read: twice what a row has of all.
_LONGEST_AUTHOR = 2 * LONGEST_NAME
#: Characters in which htmldate finds 52 that are no white space.
_LONGEST_DATE = 2_000
#: Texts of a page that dateparser gets, at up to 9 ms each.
_MOST_DATES = 100
#: How many it got of this page.
_asked: ContextVar[int] = ContextVar("asked", default=0)
#: Characters of markup from which on no texts are kept.
LARGE = 200_000

_TAGS = re.compile(r"<!--(?:(?!<!--|-->).)*+-->|<[^<>]*+>")
_AUTHOR_1 = re.compile(
    r'"author":[^}[]{1,300}?"name?\\?": ?\\?"([^"\\]+)|"author"[^}[]{1,300}?"names?".{1,100}?"([^"]+)',
    re.DOTALL,
)
_AUTHOR_2 = re.compile(r'"[Pp]erson"[^}]{1,300}?"names?".{1,100}?"([^"]+)', re.DOTALL)
_AUTHOR_REMOVE = re.compile(
    r',?(?:"\w++":?[:|,\[])?{?"@type":"(?:[Ii]mageObject|[Oo]rganization|[Ww]eb[Pp]age)",[^}[]{1,2000}+}[\]|}]?'
)
_PUBLISHER = re.compile(r'"publisher":[^}]{1,300}?"name?\\?": ?\\?"([^"\\]+)', re.DOTALL)
_MINIFY = re.compile(r'("(?:[^"\\]++|\\(?s:.))*+(?:"|\\?\Z))|\s')
_IMAGE = re.compile(r"\S\.(avif|bmp|gif|hei[cf]|jpe?g|png|webp)(\b|$)", re.IGNORECASE)
_MARKUP = re.compile(
    vars(_baseline)["_HTML_MARKUP"].pattern.replace(r"(\s[^<>]*=[^<>]*)?", r"(\s[^<>=]*+=[^<>]*+)?+"),
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(_date_core.COPYRIGHT_PATTERN.pattern.replace(r"\D{0,99}", r"\D{0,99}+"))
_MATH_BLOCK = re.compile(r"(?<!\S)\\\[((?:(?!\\[\[\]]).)++)\\\]", re.DOTALL)
_MATH_INLINE = re.compile(r"\\\(((?:(?!\\[()]).)++)\\\)")


def _normalize_authors(current: str | None, author: str) -> Any:
    if len(current or "") > _LONGEST_AUTHOR:
        return current
    return _ORIGINAL["normalize_authors"](current, author[:_LONGEST_AUTHOR])


def _extract_json_parse_error(text: str, metadata: Any) -> Any:
    return _ORIGINAL["extract_json_parse_error"](text[:_LONGEST_JSON], metadata)


def _trim_text(text: str) -> Any:
    return _ORIGINAL["trim_text"](text[:_LONGEST_DATE])


def _try_date_expr(text: str | None, *options: Any) -> Any:
    return _ORIGINAL["try_date_expr"](
        _ORIGINAL["trim_text"](text[:_LONGEST_DATE])[:52] if text else text, *options
    )


def _external_date(text: str) -> Any:
    _asked.set(_asked.get() + 1)
    return _ORIGINAL["_external_date"](text) if _asked.get() <= _MOST_DATES else None


def _remove_control_characters(string: str) -> str:
    if string.isprintable():
        return string
    return "".join(one for one in string if one.isprintable() or one.isspace() or one in "\u200c\u200d")


_ORIGINAL = {
    "_external_date": vars(_dates)["_external_date"],
    "normalize_authors": _json.normalize_authors,
    "extract_json_parse_error": _metadata.extract_json_parse_error,
    "trim_text": _date_core.trim_text,
    "try_date_expr": _dates.try_date_expr,
}
#: The module, the name in it, and what replaces it.
REPLACED: tuple[tuple[Any, str, Any], ...] = (
    (_json, "HTML_STRIP_TAGS", _TAGS),
    (_metadata, "HTML_STRIP_TAGS", _TAGS),
    (_json, "JSON_AUTHOR_1", _AUTHOR_1),
    (_json, "JSON_AUTHOR_2", _AUTHOR_2),
    (_json, "JSON_AUTHOR_REMOVE", _AUTHOR_REMOVE),
    (_json, "JSON_PUBLISHER", _PUBLISHER),
    (_metadata, "JSON_MINIFY", _MINIFY),
    (_json, "normalize_authors", _normalize_authors),
    (_metadata, "normalize_authors", _normalize_authors),
    (_metadata, "extract_json_parse_error", _extract_json_parse_error),
    (_utils, "IMAGE_EXTENSION", _IMAGE),
    (_utils, "remove_control_characters", _remove_control_characters),
    (_baseline, "remove_control_characters", _remove_control_characters),
    (_baseline, "_HTML_MARKUP", _MARKUP),
    (_xml, "_MATH_BLOCK_RE", _MATH_BLOCK),
    (_xml, "_MATH_INLINE_RE", _MATH_INLINE),
    (_date_core, "COPYRIGHT_PATTERN", _COPYRIGHT),
    (_date_core, "trim_text", _trim_text),
    (_date_core, "try_date_expr", _try_date_expr),
    (_dates, "try_date_expr", _try_date_expr),
    (_dates, "_external_date", _external_date),
)
_USERS = [
    import_module(f"trafilatura.{name}")
    for name in (
        "baseline",
        "external",
        "htmlprocessing",
        "json_metadata",
        "main_extractor",
        "metadata",
        "utils",
        "xml",
    )
]
#: What keeps texts, in each module that uses it; replaced on large pages.
KEEPING: tuple[tuple[Any, str, Any], ...] = tuple(
    (module, name, getattr(_utils, name).__wrapped__)
    for module in _USERS
    for name in ("trim", "line_processing")
    if vars(module).get(name) is getattr(_utils, name)
)
_BEFORE = [(module, name, getattr(module, name)) for module, name, _ in (*REPLACED, *KEEPING)]


@contextmanager
def linear(markup: str) -> Iterator[None]:
    """Have trafilatura and htmldate use the replacements for the page `markup` inside of the `with`."""
    _asked.set(0)
    for module, name, replacement in (*REPLACED, *(KEEPING if len(markup) > LARGE else ())):
        setattr(module, name, replacement)
    try:
        yield
    finally:
        for module, name, original in _BEFORE:
            setattr(module, name, original)
