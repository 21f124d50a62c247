"""The table of `make bench`: each figure with its range and its goal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """A figure: the median of `values` in `unit`. `goal` is (">=" or "<=", number), or None where there is none."""

    name: str
    values: Sequence[float]
    unit: str
    goal: tuple[str, float] | None = None

    @property
    def met(self) -> str:
        """Return "yes" or "no", or an empty text without a goal."""
        if self.goal is None:
            return ""
        sign, bound = self.goal
        value = median(self.values)
        return "yes" if (value >= bound if sign == ">=" else value <= bound) else "no"

    def cells(self) -> tuple[str, ...]:
        """Return the columns of the row."""
        low, high = min(self.values), max(self.values)
        spread = (
            f"{_number(low)} to {_number(high)}, {len(self.values)} values" if len(self.values) > 1 else ""
        )
        goal = f"{self.goal[0]} {_number(self.goal[1])}" if self.goal else ""
        return (self.name, f"{_number(median(self.values))} {self.unit}".strip(), spread, goal, self.met)


HEAD = ("measurement", "median", "lowest to highest", "goal", "goal met")


def markdown(rows: Iterable[Row]) -> str:
    """Return the table in Markdown."""
    lines = [HEAD, ("---", "---:", "---", "---", "---"), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(value: float) -> str:
    """Return the number with three significant digits; from 100 on as a whole number."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
