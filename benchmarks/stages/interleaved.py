"""CPU of two functions on the same documents, interleaved: a busy machine slows both down alike."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

D = TypeVar("D")
R = TypeVar("R")
S = TypeVar("S")

#: Timed rounds, of which the median counts, and about how many documents a round has at most.
ROUNDS = 5
SAMPLE = 100


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of CPU a document: the median of the rounds, the lowest and the highest."""

    median: float
    least: float
    most: float

    def halved(self) -> "Cost":
        """Return the cost of one document where this is the cost of a pair."""
        return Cost(self.median / 2, self.least / 2, self.most / 2)

    def __str__(self) -> str:
        """Return it as `1.23 (1.20-1.31)`."""
        return f"{self.median:.3g} ({self.least:.3g}-{self.most:.3g})"


def interleaved(
    documents: Sequence[D], ours: Callable[[D], R], bare: Callable[[D], S]
) -> tuple[tuple[list[R], Cost], tuple[list[S], Cost]]:
    """Return the results of each function for every document, and its cost.

    Both process all documents once, untimed. Then about SAMPLE of them, evenly spread, are timed in ROUNDS rounds.
    """
    results, other = [ours(document) for document in documents], [bare(document) for document in documents]
    sample = documents[:: max(1, len(documents) // SAMPLE)]
    spent = [_round(sample, (ours, bare), number) for number in range(ROUNDS)]
    costs = [Cost(median(one), min(one), max(one)) for one in zip(*spent, strict=True)]
    return (results, costs[0]), (other, costs[1])


def _round(documents: Sequence[D], functions: Sequence[Callable[[D], object]], number: int) -> list[float]:
    """Return the mean milliseconds of each function. Which one goes first changes with every document and round."""
    spent = [0] * len(functions)
    for at, document in enumerate(documents, number):
        for turn in range(len(functions)):
            place = (at + turn) % len(functions)
            begin = time.process_time_ns()
            functions[place](document)
            spent[place] += time.process_time_ns() - begin
    return [one / 1e6 / len(documents) for one in spent]
