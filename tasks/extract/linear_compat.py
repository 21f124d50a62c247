r"""Parts of trafilatura that take more than linear time, or keep what they read, and what replaces them.

For trafilatura 2.3 (pyproject.toml: below 2.4). On ordinary pages each replacement gives what the original gives. Without it the
page in brackets takes seconds to minutes (`python -m benchmarks.stages.hostile`).

- `utils.IMAGE_EXTENSION` [a `src` of 10,000 letters, repeated]: one character before the dot is enough.
- `baseline._HTML_MARKUP` [a tag of 500,000 `=` in JSON-LD]; `xml._MATH_BLOCK_RE`, `xml._MATH_INLINE_RE` [600,000 `\(`].
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
from importlib import import_module
from typing import Any

_utils: Any = import_module("trafilatura.utils")
_xml: Any = import_module("trafilatura.xml")
_baseline: Any = import_module("trafilatura.baseline")

#: Characters of markup from which on no texts are kept.
LARGE = 200_000

_IMAGE = re.compile(r"\S\.(avif|bmp|gif|hei[cf]|jpe?g|png|webp)(\b|$)", re.IGNORECASE)
_MARKUP = re.compile(
    vars(_baseline)["_HTML_MARKUP"].pattern.replace(r"(\s[^<>]*=[^<>]*)?", r"(\s[^<>=]*+=[^<>]*+)?+"),
    re.IGNORECASE,
)
_MATH_BLOCK = re.compile(r"(?<!\S)\\\[((?:(?!\\[\[\]]).)++)\\\]", re.DOTALL)
_MATH_INLINE = re.compile(r"\\\(((?:(?!\\[()]).)++)\\\)")


def _remove_control_characters(string: str) -> str:
    if string.isprintable():
        return string
    return "".join(one for one in string if one.isprintable() or one.isspace() or one in "\u200c\u200d")


#: The module, the name in it, and what replaces it.
REPLACED: tuple[tuple[Any, str, Any], ...] = (
    (_utils, "IMAGE_EXTENSION", _IMAGE),
    (_utils, "remove_control_characters", _remove_control_characters),
    (_baseline, "remove_control_characters", _remove_control_characters),
    (_baseline, "_HTML_MARKUP", _MARKUP),
    (_xml, "_MATH_BLOCK_RE", _MATH_BLOCK),
    (_xml, "_MATH_INLINE_RE", _MATH_INLINE),
)
_USERS = [
    import_module(f"trafilatura.{name}")
    for name in (
        "baseline",
        "external",
        "htmlprocessing",
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
    """Have trafilatura use the replacements for the page `markup` inside of the `with`."""
    for module, name, replacement in (*REPLACED, *(KEEPING if len(markup) > LARGE else ())):
        setattr(module, name, replacement)
    try:
        yield
    finally:
        for module, name, original in _BEFORE:
            setattr(module, name, original)
