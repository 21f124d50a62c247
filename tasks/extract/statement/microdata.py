"""Microdata and RDFa: nodes that the elements of a page name by attributes."""

from itertools import islice
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement

from tasks.extract.statement.nodes import Node, plain_line

_MARKED = XPath(
    "//*[@itemscope or @itemprop or @typeof or (@property and not(self::meta[not(ancestor::*[@typeof])]))]"
)
#: What an element with an item has, in the cases that are in use.
_ATTRIBUTES = ("itemscope", "itemScope", "typeof")
#: Marked elements that are looked at; a news page has up to some hundred, of its related stories, too.
_MAX_MARKED = 3_000
#: Values whose text is that of the whole element: longer than any other, and not needed.
_NO_VALUE = frozenset(("articlebody", "text", "reviewbody", "comment"))
#: Pieces of text, and characters, of one value.
_PIECES, _LONGEST = 40, 1_000
#: Attributes that have a value in place of the text (HTML, 5.2.3.5), in this order.
_VALUES = ("content", "datetime", "href", "src", "resource", "data", "value")
#: Elements up to which an element's own item is looked for.
_MAX_DEPTH = 100


def may_have_items(markup: str) -> bool:
    """Tell whether `markup` has microdata or RDFa; 99 of 123 news pages have none."""
    return any(attribute in markup for attribute in _ATTRIBUTES)


def items_in(tree: HtmlElement) -> list[Node]:
    """Return the items of `tree` that are not within another one, in document order, with those within them beneath.

    Microdata (itemscope, itemprop) and RDFa (typeof, property) are read alike. A value that occurs several times is a list.
    """
    top: list[Node] = []
    items: dict[HtmlElement, Node] = {}
    for element in islice(_MARKED(tree), _MAX_MARKED):
        names = (element.get("itemprop") or element.get("property") or "").split()
        owner = _owner(element, items) if items else None
        value: Any = None
        if element.get("itemscope") is not None or element.get("typeof") is not None:
            value = items[element] = _item(element)
            if owner is None:
                top.append(value)
        if owner is None:
            continue
        for name in names[:3]:
            plain = name.rpartition("/")[2].rpartition(":")[2]
            if plain.lower() in _NO_VALUE:
                continue
            _add(owner, plain, _value(element) if value is None else value)
    return top


def _item(element: HtmlElement) -> Node:
    types = (element.get("itemtype") or element.get("typeof") or "").split()
    item: Node = {"@type": [one.rstrip("/").rpartition("/")[2].rpartition(":")[2] for one in types]}
    own = element.get("itemid") or element.get("resource")
    return {**item, "@id": own} if own else item


def _owner(element: HtmlElement, items: dict[HtmlElement, Node]) -> Node | None:
    """Return the item that an element is in."""
    return next((items[one] for one in islice(element.iterancestors(), _MAX_DEPTH) if one in items), None)


def _add(item: Node, name: str, value: Any) -> None:
    if name not in item:
        item[name] = value
    elif isinstance(item[name], list):
        item[name].append(value)
    else:
        item[name] = [item[name], value]


def _value(element: HtmlElement) -> str:
    given = next((found for name in _VALUES if (found := element.get(name)) is not None), None)
    if given is not None and not (element.tag == "a" and element.get("content") is None):
        return str(given)[:_LONGEST]
    text = plain_line("".join(islice(element.itertext(), _PIECES)))[:_LONGEST]
    return text or str(given or "")[:_LONGEST]
