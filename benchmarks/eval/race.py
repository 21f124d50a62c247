"""Two ways to do the same, taking turns at each document, so that a busy machine is as hard on one as on the other."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

D = TypeVar("D")
R = TypeVar("R")
S = TypeVar("S")

#: Rounds whose median counts, and about how many documents are in one at most.
ROUNDS = 5
SAMPLE = 100


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of CPU a document: the median round, the least and the most."""

    median: float
    least: float
    most: float

    def halved(self) -> "Cost":
        """Return the cost of one where this is that of a pair."""
        return Cost(self.median / 2, self.least / 2, self.most / 2)

    def __str__(self) -> str:
        """Return it as `1.23 (1.20-1.31)`."""
        return f"{self.median:.3g} ({self.least:.3g}-{self.most:.3g})"


def race(
    documents: Sequence[D], ours: Callable[[D], R], bare: Callable[[D], S]
) -> tuple[tuple[list[R], Cost], tuple[list[S], Cost]]:
    """Return what each of the two makes of every document, and what it costs.

    All documents are done once by each, untimed; then some SAMPLE of them, evenly spread, in ROUNDS rounds.
    """
    made, other = [ours(document) for document in documents], [bare(document) for document in documents]
    sample = documents[:: max(1, len(documents) // SAMPLE)]
    spent = [_round(sample, (ours, bare), number) for number in range(ROUNDS)]
    costs = [Cost(median(one), min(one), max(one)) for one in zip(*spent, strict=True)]
    return (made, costs[0]), (other, costs[1])


def _round(documents: Sequence[D], ways: Sequence[Callable[[D], object]], number: int) -> list[float]:
    """Return the mean milliseconds of each way; who goes first changes with every document and round."""
    spent = [0] * len(ways)
    for at, document in enumerate(documents, number):
        for turn in range(len(ways)):
            place = (at + turn) % len(ways)
            begin = time.process_time_ns()
            ways[place](document)
            spent[place] += time.process_time_ns() - begin
    return [one / 1e6 / len(documents) for one in spent]
