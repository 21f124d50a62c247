"""What a stage's module yields, and how it is printed."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.eval.race import Cost

#: Heads of the columns, and how wide each is.
HEAD = ("stage", "set", "n", "measure", "newsmill", "bare", "ms", "bare ms")
_WIDTHS = (8, 34, 5, 20, 8, 6, 19, 0)


@dataclass(frozen=True, slots=True)
class Row:
    """A measure on a set. Scores are 0 to 1; what is None was not measured, and is printed as a dash."""

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
    """A set that is not on this machine."""

    stage: str
    set: str


@dataclass(frozen=True, slots=True)
class Note:
    """What is printed below the table."""

    stage: str
    text: str


def line(cells: Sequence[str]) -> str:
    """Return the cells in columns."""
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()
