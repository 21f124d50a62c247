"""The text of an article, by trafilatura.

The settings are those with the best F1 on the 181 pages of the article-extraction-benchmark (its own measure):
trafilatura's default .953; without comments .960; `fast` .962, but .934 instead of .953 on another set; `fast`, and all
rules where the text is short, .960, and equal or better on all four sets. `deduplicate` is never used: it remembers
paragraphs from one page to the next. docs/extraction.md says what each step saves.
"""

from copy import copy
from functools import cache

import trafilatura
from lxml.html import HtmlElement
from trafilatura.settings import Document
from trafilatura.settings import Extractor as Options

from tasks.errors import Reason, Rejected
from tasks.extract.characters import printable
from tasks.extract.link_density import MAX_LINK_DENSITY, link_density
from tasks.extract.reader.blocks import mend_blocks
from tasks.extract.reader.house_lines import without_house_lines
from tasks.extract.reader.prose import Evidence
from tasks.extract.reader.removal import remove_without_text
from tasks.extract.reader.sentences import mend_sentences
from tasks.extract.reader.stated_bodies import live_updates, with_paragraphs

#: Characters below which all rules are applied after the fast ones. Few articles are shorter; on most of those pages the
#: fast rules missed something.
SHORT = 1000

#: Elements up to which all rules are applied; 1,570 on the largest of 181 news pages. For some of its classes justext compares
#: each paragraph with all others: 15,000 take 10 s.
MOST_FOR_ALL_RULES = 5_000

# Where the fast rules find nothing, they return the whole page with its menus. A text is taken for that from this share of
# the page's words on, and this link density. Of 181 news pages 18 have .9 of the words in their text; one of them has a
# link density of .53, the others .04 at most.
_WHOLE_PAGE, _MENUS = 0.9, 0.25


def article_text(tree: HtmlElement, url: str) -> str:
    """Return the text by the fast rules; by all rules where that is short, the whole page or not believed.

    Removes elements without text from `tree`. Raises Rejected(no_article) for a list of links.
    """
    remove_without_text(tree)
    mend_sentences(tree)
    mend_blocks(tree)
    text = _bare_text(tree, url, fast=True)
    short = len(text) < SHORT or _is_whole_page(text, tree)
    evidence = Evidence(tree)
    if not evidence.is_sure_of(text) if short else not evidence.believes(text):
        if sum(1 for _ in tree.iter()) <= MOST_FOR_ALL_RULES:
            other = _bare_text(tree, url, fast=False)
            if other and (short or evidence.prefers(other, text)):
                text = other
        density = link_density(text, tree)
        if density > MAX_LINK_DENSITY:
            raise Rejected(Reason.NO_ARTICLE, f"a list of links: they are {density:.0%} of the text")
    if short or "\n" not in text:
        text = _stated(text, tree)
    return without_house_lines(printable(text)).strip()


def _stated(text: str, tree: HtmlElement) -> str:
    """Return `text`, or what JSON-LD has of it that is longer or has paragraphs."""
    updates = live_updates(tree)
    if len(updates) > len(text):
        return updates
    return text if "\n" in text else with_paragraphs(text, tree)


def _is_whole_page(text: str, tree: HtmlElement) -> bool:
    words = len(text.split())
    return words > len(tree.text_content().split()) * _WHOLE_PAGE and link_density(text, tree) > _MENUS


def _bare_text(tree: HtmlElement, url: str, *, fast: bool) -> str:
    options = copy(_options(fast=fast))
    options.url = options.source = url
    try:
        found = trafilatura.bare_extraction(tree, url=url, options=options)
    except RecursionError:  # trafilatura processes nested lists by recursion
        return str(trafilatura.baseline(tree)[1])
    return (found.text or "") if isinstance(found, Document) else ""


@cache
def _options(*, fast: bool) -> Options:
    """Return trafilatura's options, which it would otherwise read from its configuration for each page."""
    return Options(fast=fast, comments=False, output_format="python")
