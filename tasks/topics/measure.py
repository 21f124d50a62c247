"""Metrics of a tagger on labelled texts: F1, and the calibration of its scores."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.article import Topic
from tasks.topics.stage import Tagger

#: Bins of `reliability`.
_BINS = 10


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, its language, and the ids of its correct topics."""

    text: str
    language: str
    truths: frozenset[str]


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers with a score in one tenth of 0 to 1."""

    #: Bounds of the score; the upper one is in the next bin.
    low: float
    high: float
    count: int
    #: Mean score, and share of correct answers: equal if the scores are calibrated.
    score: float
    right: float


def best_among(topics: Sequence[Topic], wanted: Iterable[str]) -> str | None:
    """Return the id of the first of `topics` (best first) that is in `wanted`, None if none is."""
    chosen = frozenset(wanted)
    return next((topic.id for topic in topics if topic.id in chosen), None)


def macro_f1(truths: Sequence[str], given: Sequence[str | None]) -> float:
    """Return the mean F1, 0 to 1, over the topics in `truths`; None in `given` is a missing answer."""
    hits = Counter(truth for truth, answer in zip(truths, given, strict=True) if truth == answer)
    expected, answered = Counter(truths), Counter(given)
    return sum(2 * hits[topic] / (expected[topic] + answered[topic]) for topic in expected) / len(expected)


def answers(tagger: Tagger, examples: Iterable[Labelled], wanted: Iterable[str]) -> list[tuple[float, bool]]:
    """Return the score of each topic of `wanted` that `tagger` gives, and whether it is correct; for `reliability`."""
    chosen = frozenset(wanted)
    return [
        (topic.score, topic.id in example.truths)
        for example in examples
        for topic in tagger.tag(example.text, example.language)
        if topic.id in chosen
    ]


def reliability(scored: Iterable[tuple[float, bool]]) -> list[Bin]:
    """Return the bins that have answers, lowest score first."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for score, right in scored:
        bins.setdefault(min(int(score * _BINS), _BINS - 1), []).append((score, right))
    return [
        Bin(
            low=tenth / _BINS,
            high=(tenth + 1) / _BINS,
            count=len(found),
            score=sum(score for score, _ in found) / len(found),
            right=sum(right for _, right in found) / len(found),
        )
        for tenth, found in sorted(bins.items())
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error, 0 to 1: the mean difference of score and share of correct answers."""
    total = sum(each.count for each in bins)
    return sum(each.count * abs(each.score - each.right) for each in bins) / total if total else 0.0
