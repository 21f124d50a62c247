"""How deep elements are nested: what is too deep is put beside the elements that it is in.

Elements that are never closed nest without end, and trafilatura reads the text and the links of each element with all that
is in it: 900 lists, each in the one before, took it 10 s.
"""

import re
from functools import cache

from lxml.etree import XPath
from lxml.html import HtmlElement

from tasks.errors import Reason, Rejected

#: Levels below the root that are kept; at most 50 on 181 news pages. Fewer on pages that are so long that this many
#: characters would be read, but not fewer than the least.
MAX_DEPTH, LEAST_DEPTH, READ = 100, 12, 20_000_000
#: Levels of all elements added up; at most 22,000 on a news page.
MAX_NESTING = 300_000
#: Wrappers open at once of which the markup keeps the tags, at most 50 on 181 news pages; libxml2 reads 2,048 levels at all.
_MOST_WRAPPERS = 50
_BLOCK_WRAPPERS = frozenset({"article", "blockquote", "center", "div", "main", "section"})
_WRAPPER = re.compile(
    r"<(/?)(article|b|big|blockquote|center|div|em|font|i|main|section|small|span|strong|u)\b[^<>]*+>",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"(?:<p>){2,}+")


def without_deep_wrappers(html: str) -> str:
    """Return `html` without the tags of wrappers that are nested deeper than libxml2 reads; where it was a block, with `<p>`."""
    open_ = 0
    removed: dict[str, int] = {}

    def kept(match: re.Match[str]) -> str:
        nonlocal open_
        tag = match[2].lower()
        if not match[1]:
            if open_ < _MOST_WRAPPERS:
                open_ += 1
                return match[0]
            removed[tag] = removed.get(tag, 0) + 1
        elif removed.get(tag):
            removed[tag] -= 1
        else:
            open_ = max(open_ - 1, 0)
            return match[0]
        return "<p>" if tag in _BLOCK_WRAPPERS else ""

    return _BREAKS.sub("<p>", _WRAPPER.sub(kept, html))


def flatten(tree: HtmlElement, characters: int) -> None:
    """Put elements that are too deep after those which they are in, so that the order stays.

    How deep an element may be depends on the characters of the page.
    """
    waiting: list[HtmlElement] = _on_level(max(LEAST_DEPTH, min(MAX_DEPTH, READ // characters)))(tree)
    waiting.reverse()
    while waiting:
        element = waiting.pop()
        children = list(element)
        if not children:
            continue
        last, tail = children[-1], element.tail
        element.tail = None
        for child in reversed(children):
            element.addnext(child)
        last.tail = (last.tail or "") + (tail or "") or None
        waiting.extend(reversed(children))


@cache
def _on_level(level: int) -> XPath:
    return XPath("/*" * (level + 1))


def check_nesting(tree: HtmlElement) -> None:
    """Raise Rejected(too_large) where many elements are nested deep."""
    level, depth, nesting = [tree], 0, 0
    while level:
        nesting += depth * len(level)
        level, depth = [child for element in level for child in element], depth + 1
    if nesting > MAX_NESTING:
        raise Rejected(
            Reason.TOO_LARGE, f"{nesting:,} levels of all elements, the maximum is {MAX_NESTING:,}"
        )
