"""The prose of a page: runs of text as long as a sentence, outside of links. Menus have none, stories little else.

By it a text is judged without knowing the true one: how much of the page's prose is in it, and how much of it is prose.
"""

# ruff: noqa: RUF001 - punctuation of several scripts

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lxml.etree import XPath
from lxml.html import HtmlElement

from tasks.extract.characters import latin_length
from tasks.extract.reader.stated_bodies import bodies_in

#: Least length of a run in Latin letters: a sentence of ten words. Labels and headlines in menus are shorter, or links.
SENTENCE = 60
# A character of Han or kana counts for three (`latin_length`).
_RUNS = XPath(
    f".//text()[string-length(.) >= {SENTENCE // 3} and string-length(normalize-space(.)) >= {SENTENCE // 3}]"
    "[not(ancestor::a or parent::script or parent::style or parent::title)]",
    smart_strings=False,
)
#: Runs that are looked for in a text, evenly chosen, and the characters of each that are: this bounds the search.
_SAMPLE, _KEY = 64, 40
#: A text is believed with this much of the page's prose, and with this much prose in it. Of 304 news pages, 18 have a text of
#: .9 to 1 with less than .5 of the prose (teasers and comments are the rest), one with .14. Four texts are less than .3 prose.
_LEAST_COVERAGE, _LEAST_PURITY = 0.125, 0.35
#: Characters of a short text, its share of the page's prose and its share of prose, from which all rules find no more.
_LEAST_SURE, _SURE = 250, 0.85
#: Share of a text in lines that end like a sentence, and its share of all characters of the page, with which it is believed at
#: once. Lists of headlines have few such lines.
_PLAIN_PROSE, _PLAIN_PART = 0.7, 0.25
_SENTENCE_ENDS = (*".!?…。！？।؟", '."', ".”", ".»", '?"', "?”", '!"', "!”", ".)")
#: Share of the words of JSON-LD's body that a believed text has, and the length from which such a body counts.
_LEAST_AGREEMENT, _LEAST_BODY = 0.5, 500

_BODY_WORD = re.compile(r"\w+")


def prose_in(element: HtmlElement) -> list[str]:
    """Return the runs of prose in `element`, in order, each on one line."""
    runs = (" ".join(run.split()) for run in _RUNS(element))
    return [
        run for run in runs if len(run) >= SENTENCE or (not run.isascii() and latin_length(run) >= SENTENCE)
    ]


def prose_length(element: HtmlElement) -> int:
    """Return the characters of the prose in `element`."""
    return sum(map(len, prose_in(element)))


@dataclass(frozen=True)
class Evidence:
    """What there is to judge a text of the page `tree` by."""

    tree: HtmlElement

    @cached_property
    def _runs(self) -> Sequence[str]:
        return prose_in(self.tree)

    @cached_property
    def _body_words(self) -> frozenset[str]:
        """The words of the longest body in JSON-LD; none where that is short."""
        body = max(bodies_in(self.tree), key=len, default="")
        return frozenset(_BODY_WORD.findall(body)) if len(body) >= _LEAST_BODY else frozenset()

    def share_of_prose(self, text: str) -> tuple[float, float]:
        """Return which share of the page's prose is in `text`, and which share of `text` is prose; 1 and 1 without prose."""
        if not self._runs:
            return 1.0, 1.0
        line = " ".join(text.split())
        sample = self._runs[:: len(self._runs) // _SAMPLE + 1]
        there = sum(len(run) for run in sample if run[:_KEY] in line)
        coverage = there / sum(map(len, sample))
        return coverage, min(coverage * sum(map(len, self._runs)) / max(len(line), 1), 1.0)

    def believes(self, text: str) -> bool:
        """Return whether `text` has enough of what the page has to give, and not too much else."""
        if self._is_plainly_prose(text):
            return self.agrees(text)
        coverage, purity = self.share_of_prose(text)
        return coverage >= _LEAST_COVERAGE and purity >= _LEAST_PURITY and self.agrees(text)

    def is_sure_of(self, text: str) -> bool:
        """Return whether a short `text` has nearly all prose of the page and little else, so that there is no more to find.

        Never on a page without prose: a list of links has none.
        """
        if not self._runs:
            return False
        coverage, purity = self.share_of_prose(text)
        return len(text) >= _LEAST_SURE and min(coverage, purity) >= _SURE and self.agrees(text)

    def _is_plainly_prose(self, text: str) -> bool:
        """Return whether `text` is sentences, and no small part of the page: then its prose is not measured."""
        sentences = sum(
            len(line)
            for line in text.split("\n")
            if len(line) >= SENTENCE and line.rstrip().endswith(_SENTENCE_ENDS)
        )
        return sentences >= _PLAIN_PROSE * len(text) and len(text) >= _PLAIN_PART * len(
            self.tree.text_content()
        )

    def agrees(self, text: str) -> bool:
        """Return whether `text` has most words of the body that JSON-LD gives, if it gives one."""
        words = self._body_words
        return not words or len(words.intersection(_BODY_WORD.findall(text))) >= _LEAST_AGREEMENT * len(words)

    def prefers(self, text: str, other: str) -> bool:
        """Return whether `text` is at least as good as `other`."""
        if self.agrees(text) != self.agrees(other):
            return self.agrees(text)
        return self._score(text) >= self._score(other)

    def _score(self, text: str) -> float:
        coverage, purity = self.share_of_prose(text)
        return 2 * coverage * purity / (coverage + purity) if coverage and purity else 0.0
