"""The rows that the bench prints: a figure, its spread, and the goal it is held against."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: the median of `values` in `unit`; `goal` as (">=" or "<=", number), None for what is only told."""

    what: str
    values: Sequence[float]
    unit: str
    goal: tuple[str, float] | None = None
    note: str = ""

    @property
    def met(self) -> str:
        """Return "yes", "no", or nothing without a goal."""
        if self.goal is None:
            return ""
        sign, bound = self.goal
        value = median(self.values)
        return "yes" if (value >= bound if sign == ">=" else value <= bound) else "no"

    def cells(self) -> tuple[str, ...]:
        """Return what stands in the table."""
        low, high = min(self.values), max(self.values)
        spread = f"{_number(low)} to {_number(high)} of {len(self.values)}" if len(self.values) > 1 else ""
        goal = f"{self.goal[0]} {_number(self.goal[1])}" if self.goal else ""
        return (self.what, f"{_number(median(self.values))} {self.unit}".strip(), spread, goal, self.met)


HEAD = ("what", "median", "spread", "goal", "met")


def markdown(rows: Iterable[Row]) -> str:
    """Return the table."""
    lines = [HEAD, ("---", "---:", "---", "---", "---"), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(value: float) -> str:
    """Return three digits that count; whole numbers from 100 on."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
