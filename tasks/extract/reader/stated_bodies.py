"""The texts that JSON-LD has of an article: its body with paragraphs, and the updates of a live blog in order of time."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from lxml.etree import ParserError
from lxml.html import HtmlElement, document_fromstring

from tasks.extract.statement.json_ld import parsed

#: Objects and lists that are looked at; at most 2,600 in the data of a news page.
_MOST_NODES = 10_000
_BLOCK_TAGS = (
    "br",
    "blockquote",
    "dd",
    "div",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "p",
    "td",
    "tr",
    "ul",
    "ol",
)
_MARKUP_TAG = re.compile(r"<[a-zA-Z/]")
# Where the paragraphs of a body on one line met: two spaces and more after a sentence, or none.
_GLUED = re.compile(r"(?<=[.!?\"”»])[ \t\u00a0]{2}[ \t\u00a0]*+|(?<=[a-zà-ÿ)][.!?])(?=[A-ZÀ-Þ][a-zà-ÿ])")


def live_updates(tree: HtmlElement) -> str:
    """Return the updates of the live blog in the JSON-LD of `tree`, the oldest first; empty where there is none."""
    for node in _nodes(tree, "liveBlogUpdate"):
        updates = node.get("liveBlogUpdate")
        entries = [one for one in updates if isinstance(one, dict)] if isinstance(updates, list) else []
        dates = [one.get("datePublished") for one in entries]
        if all(isinstance(date, str) for date in dates):
            entries.sort(key=lambda one: one["datePublished"])
        if text := "\n".join(filter(None, map(_update, entries))):
            return text
    return ""


def _update(entry: dict[str, Any]) -> str:
    body = _paragraphs(entry.get("articleBody"))
    headline = entry.get("headline")
    title = " ".join(headline.split()) if isinstance(headline, str) else ""
    return f"{title}\n{body}" if title and body and not body.startswith(title) else body


def bodies_in(tree: HtmlElement) -> Iterator[str]:
    """Yield the bodies of articles that the JSON-LD of `tree` has, as they are there: they may be HTML."""
    for node in _nodes(tree, "articleBody"):
        if isinstance(body := node["articleBody"], str):
            yield body


def with_paragraphs(text: str, tree: HtmlElement) -> str:
    """Return `text`; where it is the body that JSON-LD has, on one line, that body with its paragraphs."""
    line = _letters(text)
    for node in _nodes(tree, "articleBody"):
        body = _paragraphs(node.get("articleBody"))
        if "\n" in body and _letters(body) == line:
            return body
    return text


def _letters(text: str) -> str:
    return "".join(text.split())


def _paragraphs(body: object) -> str:
    """Return the text of `body`, a line for each paragraph; `body` may be HTML."""
    if not isinstance(body, str):
        return ""
    text = unescape(body)
    if _MARKUP_TAG.search(text):
        try:
            tree = document_fromstring(f"<div>{text}</div>")
        except (ParserError, ValueError):
            return ""
        for element in tree.iter(*_BLOCK_TAGS):
            element.text, element.tail = f"\n{element.text or ''}", f"\n{element.tail or ''}"
        text = tree.text_content()
    lines = [
        " ".join(line.split())
        for line in (text if "\n" in text.strip() else _GLUED.sub("\n", text)).split("\n")
    ]
    return "\n".join(filter(None, lines))


def _nodes(tree: HtmlElement, key: str) -> Iterator[dict[str, Any]]:
    """Yield the objects with `key` in the JSON-LD of `tree`, in document order."""
    for script in tree.iter("script"):
        if key not in (script.text or ""):
            continue
        waiting: list[object] = parsed(script.text)[::-1]
        for _ in range(_MOST_NODES):
            if not waiting:
                break
            node = waiting.pop()
            if isinstance(node, dict):
                if key in node:
                    yield node
                waiting.extend(reversed([one for one in node.values() if isinstance(one, (dict, list))]))
            elif isinstance(node, list):
                waiting.extend(reversed([one for one in node if isinstance(one, (dict, list))]))
