"""The `<meta>` elements of a page."""

from collections.abc import Mapping

from lxml.html import HtmlElement

from tasks.extract.statement.nodes import plain_line

_NAMES = ("property", "name", "http-equiv")
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
        names = [name for attribute in _NAMES if (name := meta.get(attribute))]
        if (
            (name := meta.get("itemprop"))
            and (parent := meta.getparent()) is not None
            and parent.tag == "head"
        ):
            names.append(name)
        for name in names:
            contents = found.setdefault(name.strip().lower(), [])
            if len(contents) < _MOST and content not in contents:
                contents.append(content)
    return {name: tuple(contents) for name, contents in found.items()}
