"""Functions of trafilatura that are replaced while a page is extracted, and the private names this needs.

For trafilatura 2.3 (pyproject.toml: below 2.4). Each replacement returns what trafilatura's function returns, with less
work. Figures are what a page's enrichment costs more without it (`python -m benchmarks.stages.shortcuts`; docs/extraction.md has
the table). Others were removed, the cheapest first: together those gave less than 3 %.

- **page_length**, 3.9 %: `core.html2txt`, `core._extract_and_compare`, `core.ESCALATION_PAGE_SHARE`,
  `baseline._BLOCK_ELEMS`. If a text has less than a fifth of the page's length, trafilatura searches again; to know that
  it copies, cleans and renders the page. Not needed where the text is a fifth of an upper bound of that length.
- **license**, 1.1 %: `metadata.extract_license`, `metadata.LICENSE_REGEX`. trafilatura reads the text of each link in the
  footer. Not needed where no link of the page can name a license.
- **tree_backup**, 1.5 %: `core._prepare_tree`. It keeps a copy of the tree for other extractors, which `fast` does not use.

What breaks: if a name is gone, importing this module or extracting the first page (`page.warm`, before a worker forks)
raises ImportError or AttributeError. If trafilatura no longer calls a function, only speed is lost.

Canary: tests/unit/test_extract_compat.py. It fails when a function has other parameters or is not called by a real
extraction, when a constant is not used by it, and when a result differs.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement
from trafilatura.settings import Extractor as Options

# By name: `trafilatura.baseline` is a function, too.
_baseline: Any = import_module("trafilatura.baseline")
_BLOCKS: set[str] = vars(_baseline)["_BLOCK_ELEMS"]
_core: Any = import_module("trafilatura.core")
_metadata: Any = import_module("trafilatura.metadata")

_LINK_ADDRESSES = XPath("//a/@href", smart_strings=False)
_LINK_RELATIONS = XPath("//a/@rel", smart_strings=False)
#: The beginning of what `metadata.TEXT_LICENSE_REGEX` matches, with any white space or none between the words.
_LICENSE = re.compile(r"c(?:c|ommons)[\W_]*(?:by|zero)", re.IGNORECASE)

#: Length of the text that the extraction under way found last.
_text_length: ContextVar[int] = ContextVar("text_length", default=0)


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
    """Return whether a link in `tree` may name a license; False only if trafilatura would find none."""
    return (
        "license" in " ".join(_LINK_RELATIONS(tree)).lower()
        or _metadata.LICENSE_REGEX.search("\n".join(_LINK_ADDRESSES(tree))) is not None
        or _LICENSE.search(tree.text_content()) is not None
    )


def max_text_length(tree: HtmlElement) -> int:
    """Return an upper bound of the length of trafilatura's `html2txt` for the page `tree`.

    That is its text on one line, without scripts, and with a space before and after each block.
    """
    blocks = sum(1 for _ in tree.iter(*_BLOCKS))
    scripts = sum(max(len(_on_one_line(script.text or "")) - 2, 0) for script in tree.iter("script"))
    return len(_on_one_line(tree.text_content())) - scripts + 2 * blocks


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _html2txt(tree: Any, *args: Any, **options: Any) -> Any:
    """Return the text of the page; an empty one where trafilatura would find it short enough anyway."""
    if _text_length.get() >= _core.ESCALATION_PAGE_SHARE * max_text_length(tree):
        return ""
    return _ORIGINAL["html2txt"](tree, *args, **options)


def _extract_and_compare(*args: Any) -> Any:
    body, text = _ORIGINAL["_extract_and_compare"](*args)
    _text_length.set(len(text))
    return body, text


def _extract_license(tree: HtmlElement) -> Any:
    return _ORIGINAL["extract_license"](tree) if may_have_license(tree) else None


def _prepare_tree(tree: HtmlElement, options: Options, url: str | None) -> Any:
    if not options.fast or options.comments:
        return _ORIGINAL["_prepare_tree"](tree, options, url)
    cleaned = _core.convert_tags(_core.tree_cleaning(_core.copy(tree), options), options, url)
    return cleaned, cleaned


#: By name: the module, the name in it, and what replaces it.
SHORTCUTS: dict[str, tuple[tuple[Any, str, Any], ...]] = {
    "page_length": (
        (_core, "html2txt", _html2txt),
        (_core, "_extract_and_compare", _extract_and_compare),
    ),
    "license": ((_metadata, "extract_license", _extract_license),),
    "tree_backup": ((_core, "_prepare_tree", _prepare_tree),),
}
_ORIGINAL = {name: getattr(module, name) for each in SHORTCUTS.values() for module, name, _ in each}
