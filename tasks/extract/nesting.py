"""How deep elements are nested: what is too deep is put beside the elements that it is in.

Elements that are never closed nest without end, and trafilatura reads the text and the links of each element with all that
is in it: 900 lists, each in the one before, took it 10 s.
"""

from functools import cache

from lxml.etree import XPath
from lxml.html import HtmlElement

from tasks.errors import Reason, Rejected

#: Levels below the root that are kept; at most 50 on 181 news pages. Fewer on pages that are so long that this many
#: characters would be read, but not fewer than the least.
MAX_DEPTH, LEAST_DEPTH, READ = 100, 12, 20_000_000
#: Levels of all elements added up; at most 22,000 on a news page.
MAX_NESTING = 300_000


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
