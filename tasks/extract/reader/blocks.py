"""Blocks as a reader sees them, where trafilatura sees other ones: paragraphs in spans, lists right under `body`, teaser cards.

A layout table is a way to put a menu beside a story. trafilatura would take it for a table of figures, and write each row as
one line.
"""

# ruff: noqa: RUF001 - punctuation of Chinese

import re

from lxml.etree import XPath
from lxml.html import HtmlElement

from tasks.extract.reader.bare_text import wrap_bare_text
from tasks.extract.reader.prose import SENTENCE, prose_length
from tasks.extract.values import DROPPED, strip_dropped

_LONG_SPANS = XPath(f"//span[string-length(.) >= {SENTENCE}]")
_LINKED_PARAGRAPHS = XPath(f"//p[count(.//a) = 1 and string-length(.) >= {SENTENCE}]")
_PARAGRAPH_END = re.compile(r"[.!?…。！？][\"'”’»)」』]*+$")
_LISTS = frozenset({"dl", "ol", "ul"})
#: Characters of prose in a cell from which its table is a layout: two long paragraphs. Cells of data have a phrase.
_CELL = 250
_BLOCKS = XPath("boolean(.//p or .//div or .//br or .//h1 or .//h2 or .//table)")
#: Share of links in a cell of a layout table from which it is a menu.
_MENU = 0.5
#: Cards side by side, at least; the characters that one has at most. So much of the page's prose is in them
#: at most: an index page and a live blog have all of it there.
_CARDS, _LONGEST_CARD, _IN_CARDS = 3, 400, 0.6


def mend_blocks(tree: HtmlElement) -> None:
    """Turn what `tree` shows as paragraphs into paragraphs, take layout tables apart, and remove teaser cards."""
    _open_layout_tables(tree)
    wrap_bare_text(tree)
    _split_spans(tree)
    _unlink_paragraphs(tree)
    _gather_lists(tree)
    _remove_cards(tree)
    strip_dropped(tree)


def _open_layout_tables(tree: HtmlElement) -> None:
    for table in list(tree.iter("table")):
        rows = [
            row for part in table for row in (part if part.tag in ("tbody", "thead", "tfoot") else (part,))
        ]
        cells = [cell for row in rows for cell in row if cell.tag in ("td", "th")]
        if any(len(cell) and _BLOCKS(cell) and prose_length(cell) >= _CELL for cell in cells):
            for cell in cells:
                cell.tag = DROPPED if _is_menu(cell) else "div"
            for element in (table, *table, *rows):
                element.tag = "div" if element.tag != DROPPED else DROPPED


def _is_menu(cell: HtmlElement) -> bool:
    links = sum(len(link.text_content()) for link in cell.iter("a"))
    return links > 0 and links >= _MENU * len(cell.text_content().strip()) and not prose_length(cell)


def _split_spans(tree: HtmlElement) -> None:
    """Make paragraphs of spans as long as sentences that follow each other without a space: otherwise their words are glued."""
    for span in _LONG_SPANS(tree):
        previous = span.getprevious()
        if (
            previous is not None
            and previous.tag in ("span", "p")
            and not previous.tail
            and len(shown := previous.text_content().rstrip()) >= SENTENCE
            and _PARAGRAPH_END.search(shown[-10:])
        ):
            previous.tag = span.tag = "p"
            if (parent := span.getparent()).tag == "p":
                parent.tag = "div"


def _unlink_paragraphs(tree: HtmlElement) -> None:
    """Keep a sentence that is a link as a whole and stands between two paragraphs; trafilatura takes it for a teaser."""
    for paragraph in _LINKED_PARAGRAPHS(tree):
        link = next(paragraph.iter("a"))
        text = paragraph.text_content().strip()
        if len(link.text_content().strip()) >= len(text) - 2 and _PARAGRAPH_END.search(text[-10:]):
            block = paragraph
            while (parent := block.getparent()) is not None and len(parent) == 1 and parent.tag == "div":
                block = parent
            if _is_paragraph(block.getprevious()) and _is_paragraph(block.getnext()):
                link.tag = "span"


def _is_paragraph(element: HtmlElement | None) -> bool:
    return element is not None and element.tag == "p" and prose_length(element) > 0


def _gather_lists(tree: HtmlElement) -> None:
    """Put paragraphs right under `body` into an article with the lists between them, which trafilatura would leave out."""
    body = tree.find("body")
    if (
        body is None
        or not any(child.tag in _LISTS for child in body)
        or next(tree.iter("article", "main"), None) is not None
    ):
        return
    children = list(body)
    prose = [index for index, child in enumerate(children) if _is_paragraph(child)]
    if len(prose) > 1 and any(child.tag in _LISTS for child in children[prose[0] : prose[-1]]):
        article = body.makeelement("article")
        children[prose[0]].addprevious(article)
        article.extend(children[prose[0] : prose[-1] + 1])


def _remove_cards(tree: HtmlElement) -> None:
    """Remove `article` elements side by side that are a linked headline and a line each, where the story is elsewhere."""
    cards = [article for article in tree.iter("article") if _is_card(article)]
    counts: dict[HtmlElement, int] = {}
    for card in cards:
        counts[card.getparent()] = counts.get(card.getparent(), 0) + 1
    cards = [card for card in cards if counts[card.getparent()] >= _CARDS]
    if cards and (
        _beside_main(cards, tree) or sum(map(prose_length, cards)) <= _IN_CARDS * prose_length(tree)
    ):
        for card in cards:
            card.tag = DROPPED


def _beside_main(cards: list[HtmlElement], tree: HtmlElement) -> bool:
    """Return whether the page has a story in `main`, and the cards outside of it."""
    main = next(tree.iter("main"), None)
    return (
        main is not None
        and prose_length(main) >= _CELL
        and all(main not in card.iterancestors() for card in cards)
    )


def _is_card(article: HtmlElement) -> bool:
    link = next(article.iter("a"), None)
    return (
        link is not None
        and not link.get("href", "#").startswith("#")
        and len(article.text_content()) <= _LONGEST_CARD
        and next(article.iterancestors("article"), None) is None
    )
