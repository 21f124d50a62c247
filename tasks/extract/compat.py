"""The functions of trafilatura that are replaced while a page is extracted, and the private names they need.

Each replacement returns what trafilatura's own function returns, with less work. `SHORTCUTS` lists them by name;
`python -m benchmarks.shortcuts` measures what each saves.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from html import unescape
from importlib import import_module
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement
from trafilatura import xpaths
from trafilatura.settings import BASIC_CLEAN_XPATH
from trafilatura.settings import Extractor as Options
from trafilatura.utils import trim
from trafilatura.xml import delete_element

from tasks.extract.xpath_optimizer.rewriting import OptimizedXPath

# By name: `trafilatura.baseline`, the attribute, is a function of this module.
_baseline: Any = import_module("trafilatura.baseline")
_BLOCKS: set[str] = vars(_baseline)["_BLOCK_ELEMS"]
_core: Any = import_module("trafilatura.core")
_json: Any = import_module("trafilatura.json_metadata")
_metadata: Any = import_module("trafilatura.metadata")

_ADDRESSES = XPath("//a/@href", smart_strings=False)
_RELATIONS = XPath("//a/@rel", smart_strings=False)
#: What trafilatura's pattern of a license begins with, whatever it takes for a space between the words.
_LICENSE = re.compile(r"c(?:c|ommons)[\W_]*(?:by|zero)", re.IGNORECASE)

#: Between these many characters has what trafilatura takes for an author's name.
_NAME = 2, 120

#: Strings, and the white space between them, where trafilatura has a match for each space.
_STRINGS = re.compile(r'("(?:\\.|[^"\\])*")|\s+')
_SURROGATES = re.compile("[\ud800-\udfff]")

#: Characters of the text found last by the reading that is under way.
_found: ContextVar[int] = ContextVar("found", default=0)


@contextmanager
def shortcuts() -> Iterator[None]:
    """Have trafilatura call the replacements inside of the `with`.

    The results are the same with and without, so threads that do this at the same time do each other no harm.
    """
    replaced = [each for replacements in SHORTCUTS.values() for each in replacements]
    for module, name, replacement in replaced:
        setattr(module, name, replacement)
    try:
        yield
    finally:
        for module, name, _ in replaced:
            setattr(module, name, _ORIGINAL[name])


def may_have_license(tree: HtmlElement) -> bool:
    """Whether a link in `tree` may name a license."""
    return (
        "license" in " ".join(_RELATIONS(tree)).lower()
        or _metadata.LICENSE_REGEX.search("\n".join(_ADDRESSES(tree))) is not None
        or _LICENSE.search(tree.text_content()) is not None
    )


def most_text(tree: HtmlElement) -> int:
    """Return a number of characters that trafilatura's `html2txt` does not exceed for the page `tree`.

    That is its text on one line without what stands in scripts, and a space before and after each block.
    """
    blocks = sum(1 for _ in tree.iter(*_BLOCKS))
    scripts = sum(max(len(_on_one_line(script.text or "")) - 2, 0) for script in tree.iter("script"))
    return len(_on_one_line(tree.text_content())) - scripts + 2 * blocks


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _extract_author(tree: HtmlElement) -> Any:
    """Return the first name that is found where no part of the page is that trafilatura takes out before it looks."""
    unwanted: set[HtmlElement] | None = None
    for element in (one for expression in xpaths.AUTHOR_XPATHS for one in expression(tree)):
        if unwanted is None:
            unwanted = {one for expression in xpaths.AUTHOR_DISCARD_XPATHS for one in expression(tree)}
        if unwanted.isdisjoint((element, *element.iterancestors())):
            name = trim(" ".join(_without(unwanted, element).itertext()))
            if _NAME[0] < len(name) < _NAME[1]:
                return _metadata.normalize_authors(None, name)
    return None


def _without(unwanted: set[HtmlElement], element: HtmlElement) -> HtmlElement:
    """Return `element`, or a copy without what is unwanted inside."""
    if unwanted.isdisjoint(element.iter()):
        return element
    part = deepcopy(element)
    for own, copied in list(zip(element.iter(), part.iter(), strict=True)):
        if own in unwanted:
            delete_element(copied)
    return part


def _extract_license(tree: HtmlElement) -> Any:
    return _ORIGINAL["extract_license"](tree) if may_have_license(tree) else None


def _html2txt(tree: Any, *args: Any, **options: Any) -> Any:
    """Return a text of which trafilatura only asks how much longer it is than what was found."""
    if _found.get() >= _core.ESCALATION_PAGE_SHARE * most_text(tree):
        return ""
    return _ORIGINAL["html2txt"](tree, *args, **options)


def _extract_and_compare(*args: Any) -> Any:
    body, text = _ORIGINAL["_extract_and_compare"](*args)
    _found.set(len(text))
    return body, text


def _prepare_tree(tree: HtmlElement, options: Options, url: str | None) -> Any:
    if not options.fast or options.comments:
        return _ORIGINAL["_prepare_tree"](tree, options, url)
    cleaned = _core.convert_tags(_core.tree_cleaning(_core.copy(tree), options), options, url)
    return cleaned, cleaned


class _Minifier:
    """trafilatura's expression that takes the white space out of JSON: replaces each match by the string in it, if any."""

    @staticmethod
    def sub(_: str, text: str) -> str:
        return "".join(filter(None, _STRINGS.split(text)))


def _normalize_json(string: str) -> Any:
    """Return a value of JSON-LD with its escapes resolved; surrogates, which are no text, left out."""
    if "\\" in string:
        for space in ("\\n", "\\r", "\\t"):
            string = string.replace(space, "")
        string = _json.JSON_UNICODE_REPLACE.sub(lambda escape: chr(int(escape[1], 16)), string)
        string = unescape(_SURROGATES.sub("", string))
    return _json.trim(_json.HTML_STRIP_TAGS.sub("", string))


#: By name: the module, the name in it, and what takes its place.
SHORTCUTS: dict[str, tuple[tuple[Any, str, Any], ...]] = {
    "author": ((_metadata, "extract_author", _extract_author),),
    "license": ((_metadata, "extract_license", _extract_license),),
    "json_space": ((_metadata, "JSON_MINIFY", _Minifier),),
    "json_strings": (
        (_metadata, "normalize_json", _normalize_json),
        (_json, "normalize_json", _normalize_json),
    ),
    "page_length": (
        (_core, "html2txt", _html2txt),
        (_core, "_extract_and_compare", _extract_and_compare),
    ),
    "tree_backup": ((_core, "_prepare_tree", _prepare_tree),),
    "basic_clean": ((_baseline, "BASIC_CLEAN_XPATH", OptimizedXPath(BASIC_CLEAN_XPATH)),),
}
_ORIGINAL = {name: getattr(module, name) for each in SHORTCUTS.values() for module, name, _ in each}
