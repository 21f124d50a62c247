"""Scores: true answers against given answers."""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from statistics import mean
from typing import TypeVar

from tasks.normal_form import normal_form

L = TypeVar("L", bound=Hashable)

# Scripts without spaces count by the character: Han, kana, Thai, Lao. What is not seen does not count.
_ONE_BY_ONE = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_ONE_BY_ONE}]|[^\W{_ONE_BY_ONE}]+")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_TOKEN = re.compile(r"\w+")
#: Tokens of a shingle of the article-extraction-benchmark.
_SHINGLE = 4


def shingle_scores(true: str, given: str) -> tuple[float | None, float | None]:
    """Return precision and recall, 0 to 1, of the shingles of four tokens in an extracted text.

    This is the measure of Scrapinghub's article-extraction-benchmark. Shingles count as often as they occur. A text of
    fewer than four tokens is one shingle. None where there is nothing to divide by.
    """
    wanted, found = _shingles(true), _shingles(given)
    shared = (wanted & found).total()
    precision = shared / found.total() if found else None
    return precision, shared / wanted.total() if wanted else None


def word_f1(true: str, given: str) -> float:
    """Return the F1, 0 to 1, of the words of `given`, which count as often as they occur, in any order and case."""
    wanted, found = _words(true), _words(given)
    shared = (wanted & found).total()
    return 2 * shared / (wanted.total() + found.total()) if shared else 0.0


def mean_f1(pages: Iterable[tuple[float | None, float | None]]) -> float:
    """Return the F1 of the mean precision and the mean recall, as the article-extraction-benchmark computes it."""
    precisions, recalls = zip(*pages, strict=True)
    precision = mean(one for one in precisions if one is not None)
    recall = mean(one for one in recalls if one is not None)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def macro_accuracy(true: Sequence[L], given: Sequence[L]) -> float:
    """Return the mean accuracy over the labels in `true`: each label counts the same."""
    right = defaultdict(list)
    for label, answer in zip(true, given, strict=True):
        right[label].append(label == answer)
    return mean(mean(one) for one in right.values())


def precision_recall(true: Sequence[bool], given: Sequence[bool]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the positives in `given`; precision is 1 where there are none."""
    hits = sum(t and g for t, g in zip(true, given, strict=True))
    precision = hits / sum(given) if any(given) else 1.0
    recall = hits / sum(true)
    return precision, recall, 2 * hits / (sum(given) + sum(true))


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(_UNSEEN.sub("", normal_form("NFKC", text)).casefold()))


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    tokens = _TOKEN.findall(text)
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[at : at + _SHINGLE]) for at in range(max(1, len(tokens) - _SHINGLE + 1)))
