"""The `<meta>` elements of a page."""

from collections.abc import Mapping

from lxml.html import HtmlElement

from tasks.extract.statement.nodes import plain_line

_NAMES = ("property", "name", "itemprop", "http-equiv")
#: Characters of one content, and contents of one name.
_LONGEST, _MOST = 2_500, 50


def metas_in(tree: HtmlElement) -> Mapping[str, tuple[str, ...]]:
    """Return the contents of the `<meta>` elements by their names in lower case, each on one line, in document order.

    The name is that of `property`, `name`, `itemprop` or `http-equiv`; an element may have several. An `itemprop` counts in
    the head alone: elsewhere it says something of an item, perhaps of a related story.
    """
    found: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        content = plain_line((meta.get("content") or "")[:_LONGEST])
        if not content:
            continue
        parent = meta.getparent()
        in_head = parent is not None and parent.tag == "head"
        named = (meta.get(name) for name in _NAMES if name != "itemprop" or in_head)
        for name in {one.strip().lower() for one in named if one}:
            contents = found.setdefault(name, [])
            if len(contents) < _MOST and content not in contents:
                contents.append(content)
    return {name: tuple(contents) for name, contents in found.items()}
