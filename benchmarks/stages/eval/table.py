"""The rows and notes that a stage's module yields, and how they are printed."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.stages.interleaved import Cost

#: Headings of the columns, and their widths. *Library* is the bare library that a note below the table names.
HEAD = ("stage", "test set", "texts", "score", "newsmill", "library", "CPU ms", "library CPU ms")
_WIDTHS = (8, 34, 5, 20, 8, 7, 19, 0)


@dataclass(frozen=True, slots=True)
class Row:
    """A score on a test set, 0 to 1. None means not measured, and is printed as a dash."""

    stage: str
    set: str
    #: Documents, or pairs of them.
    count: int
    measure: str
    score: float | None
    bare: float | None = None
    cost: Cost | None = None
    bare_cost: Cost | None = None

    def cells(self) -> tuple[str, ...]:
        """Return the row's columns as they are printed."""
        scores = ("-" if score is None else f"{score:.4f}" for score in (self.score, self.bare))
        costs = ("-" if cost is None else str(cost) for cost in (self.cost, self.bare_cost))
        return self.stage, self.set, f"{self.count:,}", self.measure, *scores, *costs


@dataclass(frozen=True, slots=True)
class Missing:
    """A test set that is not on this machine."""

    stage: str
    set: str


@dataclass(frozen=True, slots=True)
class Note:
    """A text that is printed below the table."""

    stage: str
    text: str


def line(cells: Sequence[str]) -> str:
    """Return the cells in columns."""
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()
