"""Parts of the live screen that fill the space they get: sparklines, bars, tables.

They are ASCII if the terminal's encoding is not UTF-8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

#: Share of a limit from which its bar is yellow.
_HIGH = 0.8


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Counts as a line of blocks over the whole width: the newest on the right, the largest a full block."""

    counts: Sequence[int]
    style: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield one line."""
        del console
        ramp = "_.-:=+*#" if options.ascii_only else "▁▂▃▄▅▆▇█"
        yield Text(spark(self.counts, options.max_width, ramp), self.style, no_wrap=True, end="")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Return any width."""
        del console
        return Measurement(1, options.max_width)


def spark(counts: Sequence[int], width: int, ramp: str) -> str:
    """Return `counts` in at most `width` characters of `ramp`; if there are more counts, each character is the mean of several."""
    width = min(max(width, 1), len(counts))
    edges = [at * len(counts) // width for at in range(width + 1)] if width else []
    means = [sum(counts[first:last]) / (last - first) for first, last in pairwise(edges)]
    top = max(means, default=0) or 1
    # A mean above 0 is never drawn as 0.
    return "".join(ramp[ceil(mean / top * (len(ramp) - 1))] for mean in means)


@dataclass(frozen=True, slots=True)
class Gauge:
    """How much of a limit is used: a bar over the whole width, and the limit in the format `form`."""

    used: float
    limit: float
    form: str
    warn: bool = True

    def __rich__(self) -> RenderableType:
        """Return the bar and the limit."""
        line = Table.grid(padding=(0, 1), expand=True)
        line.add_column(ratio=1)
        high = self.warn and self.used >= _HIGH * self.limit
        style = "yellow" if high else "blue"
        bar = ProgressBar(total=self.limit, completed=self.used, complete_style=style, finished_style=style)
        if not self.form:
            line.add_row(bar)
            return line
        line.add_column(no_wrap=True, overflow="crop", style="dim")
        line.add_row(bar, "of " + self.form.format(self.limit))
        return line


@dataclass(frozen=True, slots=True)
class Fitting:
    """A table that shows as many rows as fit; `empty` is its text without rows."""

    heads: tuple[str, ...]
    rows: Sequence[tuple[RenderableType, ...]]
    stretched: str
    empty: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table."""
        del console
        if not self.rows:
            yield Text(self.empty, "dim")
            return
        table = Table(box=None, expand=True, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
        for number, head in enumerate(self.heads):
            stretched = head == self.stretched
            table.add_column(
                head,
                justify="left" if number == 0 or stretched else "right",
                ratio=1 if stretched else None,
                no_wrap=True,
                # An ellipsis is one character, which ASCII does not have.
                overflow="crop" if options.ascii_only else "ellipsis",
            )
        for row in self.rows[: max((options.height or len(self.rows) + 1) - 1, 1)]:
            table.add_row(*row)
        yield table
