"""What belongs to a sentence and what does not: trafilatura removes elements by their tag, wherever they are.

Kept where text of the same sentence is around them: `time`, `label`, `output`, `meter`, and MathML without its TeX, which
trafilatura would write in its place. Removed: readings of ruby, tooltips, and what is for screen readers only.
"""
# ruff: noqa: RUF001 - punctuation of several scripts

import re

from lxml.html import HtmlElement

from tasks.extract.values import DROPPED, strip_dropped

_REMOVED_BY_TAG = ("label", "math", "meter", "output", "time")
_READINGS = ("rt", "rp", "rtc")
#: Characters before an element that ends its sentence, and after one that begins it; a byline or a date has fewer.
_BEFORE, _AFTER = 25, 40
_PUNCTUATION = tuple(".,;:!?)]”’»。、，）")
_ONE_LETTER = re.compile(r"[^\W\d_]")

_MAY_BE_TOOLTIPS = ("em", "i", "small", "span", "sup")
_TOOLTIP_CLASS = re.compile(
    r"(?:^|\s)(?:[\w-]{0,40}tooltip[-_]{0,2}(?:text|content|inner|body)|sr-only|visually-?hidden|screen-reader-text)(?=\s|$)",
    re.IGNORECASE,
)
#: Parents that are within a sentence.
_INLINE = frozenset(
    {"a", "abbr", "b", "dfn", "em", "i", "li", "mark", "p", "small", "span", "strong", "sup", "td", "u"}
)
#: Characters of a tooltip, at most; more is no aside.
_LONGEST_TOOLTIP = 300


def mend_sentences(tree: HtmlElement) -> None:
    """Keep in `tree` what sentences need, remove what is not shown within them."""
    for element in list(tree.iter(*_REMOVED_BY_TAG)):
        if _in_sentence(element) and not (element.tag == "math" and _has_tex(element)):
            if element.tag == "math":
                text, tail = "".join("".join(element.itertext()).split()), element.tail
                element.clear()
                element.text, element.tail = text, tail
            element.tag = "span"
    for element in list(tree.iter(*_READINGS)):
        element.tag = DROPPED
    for element in tree.iter(*_MAY_BE_TOOLTIPS):
        if _is_tooltip(element):
            element.tag = DROPPED
    strip_dropped(tree)


def _in_sentence(element: HtmlElement) -> bool:
    before, after = _before(element), (element.tail or "").strip()
    if _ONE_LETTER.search(before) and (
        _ONE_LETTER.search(after) or (len(before) >= _BEFORE and after.startswith(_PUNCTUATION))
    ):
        return True
    return not before and len(after) >= _AFTER and element.getparent().tag == "p"


def _before(element: HtmlElement) -> str:
    """Return the text right before `element` in its parent."""
    previous = element.getprevious()
    if previous is None:
        return (element.getparent().text or "").strip()
    if previous.tag == "br":
        return (previous.tail or "").strip()
    return (previous.tail or "").strip() or (previous.text or "").strip()


def _has_tex(math: HtmlElement) -> bool:
    return math.get("alttext") is not None or next(math.iter("annotation"), None) is not None


def _is_tooltip(element: HtmlElement) -> bool:
    name = element.get("class")
    if not (
        (name is not None and _TOOLTIP_CLASS.search(name[:1000]))
        or element.get("hidden") is not None
        or element.get("role") == "tooltip"
    ):
        return False
    parent = element.getparent()
    return parent is not None and parent.tag in _INLINE and len(element.text_content()) <= _LONGEST_TOOLTIP
