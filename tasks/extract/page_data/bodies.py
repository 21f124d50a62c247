"""The text of an article as systems keep it: HTML, lists of paragraphs, nodes of rich text. Told by its shape, not by its system.

A node is an object with a type and, in it, a text or other nodes. Contentful, Sanity, Slate, ProseMirror, Draft.js, Editor.js,
Lexical, Arc and Gutenberg differ in the names of these three.
"""

# ruff: noqa: RUF001 - punctuation of several scripts

import html as entities
import re
from collections.abc import Callable, Iterator
from typing import Any

from tasks.extract.markup import remove_code
from tasks.extract.page_data.scripts import parsed
from tasks.extract.page_data.words import (
    ASIDE,
    HEADING,
    INLINE,
    ITEM,
    NOT_TEXT,
    QUOTE,
    in_order,
    named,
    words_of,
)

#: Words of keys by which nodes name their type, and keys under which they have their text or further nodes, the surest first.
_TYPES = named("type kind class cls component is element tag name layout role typename")
_INNER = in_order(
    "children content content_elements blocks body paragraphs items nodes elements components model data attributes fields props "
    "root value json document doc html text raw richText markup copy paragraph rendered innerHTML innerBlocks runs spans textRuns "
    "bodyText contentHtml"
)
#: Other keys of a node; an object that has only these and the above needs no type.
_OTHERS = named("id _id _key key style marks markDefs bold italic order index depth version")
#: Keys of what is a link to another article, or the word of a reader.
_OF_OTHERS = named("url slug permalink excerpt user username avatar likes replies price commenter teaser")
#: Words of keys of a node that are said of it, and shortest text under a key that is not known.
_NO_TEXT = named("title headline alt description summary url href src id lang slug date")
_LINE = 40
#: What a type is called.
_NAME = re.compile(r"[\w.:/-]{1,120}")
#: Items of a list by which it is told what it has.
_COMPARED = 500
#: How deep nodes are read, and how many of a page; 57 pages of news have 10,512 at most.
_DEEPEST, MOST_NODES = 24, 100_000

_TAG = re.compile(
    r"<(/?)(?:p|br|div|section|article|h[1-6]|ul|ol|blockquote|span|figure|strong|em|b|i|a)\b[^<>]*>",
    re.IGNORECASE,
)
_CODE_ELEMENT = re.compile(r"<(?:style|script|svg)\b", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")
_ESCAPED = re.compile(r"&lt;/?(?:p|br|div|h[1-6]|strong|em)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…。！？؟।۔][\"'”’»)\]]?(?:\s|$|(?<=[。！？]))")
_CODE = re.compile(r"[{}=;\\]|\w\(\)|=>")
#: Ends of sentences in a text; characters of a sentence, and between two signs of code, on average.
_FEWEST_ENDS, _LONGEST_SENTENCE, _BETWEEN_CODE = 2, 600, 50
_BLANK_LINES = re.compile(r"\n\s*\n")
_MARKDOWN_HEADING = re.compile(r"#{1,6} ")
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
#: HTML elements by whose names JSONML and React's flight data begin a list.
_ELEMENTS = named(
    "p div span section article main h1 h2 h3 h4 h5 h6 ul ol li blockquote em strong b i u a br figure img cite small sub sup"
)
#: Where React's elements have their properties.
_PROPERTIES = 3
_BLOCKS = named("p div section article main h1 h2 h3 h4 h5 h6 ul ol li blockquote figure br")

#: A paragraph's end and the element of the next one, or a piece of it as HTML.
_Piece = tuple[str | None, str]


class Renderer:
    """Renders texts as HTML, up to MOST_NODES nodes, and each value once, so that none may be freed meanwhile.

    `follow` returns what a value refers to, or the value itself.
    """

    def __init__(self, follow: Callable[[Any], Any]) -> None:
        self._follow = follow
        self._left = MOST_NODES
        self._rendered: dict[int, str] = {}

    def html_of(self, value: Any) -> str:
        """Return the paragraphs in `value` as HTML, one after the other; '' where it is no text."""
        value = self._follow(value)
        if isinstance(value, str):
            return self._of_string(value)
        if id(value) not in self._rendered:
            self._rendered[id(value)] = _joined(self._pieces(value, 0))
        return self._rendered[id(value)]

    def _of_string(self, text: str) -> str:
        if text.lstrip()[:1] in {"{", "["} and (value := parsed(text)) is not None:
            return "" if isinstance(value, str) else _joined(self._pieces(value, 0))
        if _ESCAPED.search(text) and not _TAG.search(text):
            text = entities.unescape(text)
        if _CODE_ELEMENT.search(text):
            text = remove_code(text)
        if _TAG.search(text):
            return text
        return "".join(f"<{tag}>{one}</{tag}>" for tag, one in _plain(text))

    def _is_text(self, values: list[Any]) -> bool:
        """Tell whether a list has paragraphs or nodes, and no links, comments or settings; by its first items."""
        values = values[:_COMPARED]
        strings = sum(isinstance(value, str) for value in values)
        if strings * 2 > len(values):
            return (
                sum(isinstance(value, str) and len(value) >= _LINE and " " in value for value in values) * 2
                >= strings
            )
        objects = [value for value in map(self._follow, values) if isinstance(value, dict)]
        if not objects or strings:
            return bool(strings) or any(isinstance(one, list) and _is_element(one) for one in values)
        nodes = sum(_is_node(one) for one in objects)
        others = sum(not _OF_OTHERS.isdisjoint(one) for one in objects)
        return nodes * 5 >= len(objects) * 4 and others * 3 <= len(objects)

    def _pieces(self, value: Any, depth: int, *, in_line: bool = False) -> Iterator[_Piece]:
        value = self._follow(value)
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            return
        if isinstance(value, str):
            yield from self._of_text(value, in_line=in_line)
        elif isinstance(value, list):
            yield from self._of_list(value, depth, in_line=in_line)
        elif isinstance(value, dict):
            yield from self._of_node(value, depth, in_line=in_line)

    def _of_text(self, text: str, *, in_line: bool) -> Iterator[_Piece]:
        if in_line and not (_TAG.search(text) and "</p>" in text):
            yield None, text if _TAG.search(text) else entities.escape(entities.unescape(text), quote=False)
        elif rendered := self._of_string(text):
            yield "", rendered

    def _of_list(self, value: list[Any], depth: int, *, in_line: bool) -> Iterator[_Piece]:
        if _is_element(value):
            yield from self._of_element(value, depth)
        elif in_line or self._is_text(value):
            for one in value:
                yield from self._pieces(one, depth + 1, in_line=in_line)

    def _of_element(self, value: list[Any], depth: int) -> Iterator[_Piece]:
        """Render `["p", {...}, "text", ["em", "more"]]`, or React's `["$", "p", null, {"children": ...}]`."""
        if value[0] == "$":
            properties = value[_PROPERTIES] if len(value) > _PROPERTIES else None
            tag, rest = value[1], [properties.get("children")] if isinstance(properties, dict) else []
        else:
            tag, rest = value[0], value[1:]
        block = tag in _BLOCKS
        if tag in {"figure", "img"}:
            return
        if block:
            yield tag if tag in {"h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote"} else "p", ""
        for one in rest:
            if isinstance(one, (str, list)):
                yield from self._pieces(one, depth + 1, in_line=True)
        if block:
            yield "p", ""

    def _of_node(self, node: dict[str, Any], depth: int, *, in_line: bool) -> Iterator[_Piece]:
        words = _type_of(node)
        if words & NOT_TEXT and not words & QUOTE:
            if in_line and "break" in words:
                yield None, " "
            return
        tag = "h2" if words & HEADING else "blockquote" if words & QUOTE else "li" if words & ITEM else "p"
        block = not (words & INLINE and (in_line or not words & {"text"})) and not (in_line and not words)
        if block:
            yield tag, ""
        leaf = _is_paragraph(words)
        for inner in map(self._follow, _texts_of(node)):
            if not isinstance(inner, (str, list, dict)):
                continue
            pieces = list(
                self._pieces(inner, depth + 1, in_line=in_line or leaf or (not block) or tag != "p")
            )
            if any(html for _, html in pieces):
                yield from pieces
                break
        if block:
            yield "p", ""


def _is_element(value: list[Any]) -> bool:
    if value[:1] == ["$"]:
        return len(value) > 1 and isinstance(value[1], str)
    return len(value) > 1 and isinstance(value[0], str) and value[0] in _ELEMENTS


def _is_node(value: dict[str, Any]) -> bool:
    return len(value) == 1 or bool(_type_of(value)) or value.keys() <= {*_INNER, *_OTHERS}


def _is_paragraph(words: frozenset[str]) -> bool:
    return bool(words & {"paragraph", "p", "block", "unstyled", "paragraphblock"})


def _type_of(node: dict[str, Any]) -> frozenset[str]:
    values = (
        value.get("type") if isinstance(value, dict) else value
        for key, value in node.items()
        if words_of(key) & _TYPES
    )
    names = (value for value in values if isinstance(value, str) and _NAME.fullmatch(value))
    return frozenset(word for name in names for word in words_of(name.rpartition(".")[2]))


def _texts_of(node: dict[str, Any]) -> Iterator[Any]:
    """Yield what may be a node's text, the surest first: what is under a known key, then any text or object."""
    yield from (node[key] for key in _INNER if node.get(key))
    for key, value in node.items():
        if key in _INNER or words_of(key) & (NOT_TEXT | _NO_TEXT) or is_aside(key):
            continue
        if isinstance(value, (dict, list)) or (
            isinstance(value, str) and len(value) >= _LINE and " " in value
        ):
            yield value


def _joined(pieces: Iterator[_Piece]) -> str:
    """Return the paragraphs of the pieces, those without text left out."""
    found: list[str] = []
    tag, paragraph = "p", ""
    for next_tag, html in pieces:
        if next_tag is None:
            paragraph += html
            continue
        if paragraph.strip():
            found.append(f"<{tag}>{paragraph}</{tag}>")
        tag, paragraph = next_tag or "p", ""
        if html:
            found.append(html)
    if paragraph.strip():
        found.append(f"<{tag}>{paragraph}</{tag}>")
    return "".join(found)


def _plain(text: str) -> Iterator[tuple[str, str]]:
    """Yield element and HTML of each paragraph of a plain text or of Markdown."""
    text = text.strip()
    separated = _BLANK_LINES.split(text) if "\n\n" in text or "\n \n" in text else text.split("\n")
    for one in filter(None, map(str.strip, separated)):
        heading = _MARKDOWN_HEADING.match(one)
        plain = _MARKDOWN_LINK.sub(r"\1", one[heading.end() :] if heading else one).replace("**", "")
        yield "h2" if heading else "p", entities.escape(entities.unescape(plain), quote=False)


def text_of(html: str) -> str:
    """Return the text of rendered HTML, on one line."""
    return " ".join(entities.unescape(_ANY_TAG.sub(" ", html)).split())


def is_prose(text: str) -> bool:
    """Tell whether a text is one of sentences: not code, and no list of labels."""
    ends = len(_SENTENCE_END.findall(text))
    code = len(_CODE.findall(text))
    return (
        ends >= _FEWEST_ENDS and ends * _LONGEST_SENTENCE >= len(text) and code * _BETWEEN_CODE <= len(text)
    )


def is_aside(key: str) -> bool:
    """Tell whether a key holds something else than the page's article."""
    return not ASIDE.isdisjoint(words_of(key))
