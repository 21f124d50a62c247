"""What `newsmill run` shows while it runs: bars on a terminal, a line a minute elsewhere."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tasks.article import Outcome
from workers.ledger.entries import Snapshot
from workers.local.pace import Pace
from workers.output.blocks import Paragraph
from workers.output.terminal import is_live
from workers.output.words import counted
from workers.sources.source import Source
from workers.times import roughly, span

#: Colours of the outcomes on a terminal.
STYLES = {
    Outcome.ENRICHED: "green",
    Outcome.DUPLICATE: "cyan",
    Outcome.REJECTED: "yellow",
    Outcome.FAILED: "red",
}
#: Seconds between two lines where there is no terminal: a log of a day has 1,440 of them.
LINE_EVERY = 60.0


@dataclass
class EveryMinute:
    """Prints a line a minute."""

    console: Console
    clock: Callable[[], float] = time.monotonic
    _due: float | None = None

    def offer(self, line: Callable[[], str]) -> None:
        """Print the line if it is time for one."""
        now = self.clock()
        if self._due is None:
            self._due = now + LINE_EVERY
        if now >= self._due:
            self._due = now + LINE_EVERY
            self.console.print(line(), soft_wrap=True)


@dataclass
class Progress:
    """The progress of a run on a console."""

    console: Console
    clock: Callable[[], float] = time.monotonic
    _live: Live | None = None
    _pace: Pace = field(init=False)
    _lines: EveryMinute = field(init=False)

    def __post_init__(self) -> None:
        self._pace = Pace(self.clock)
        self._lines = EveryMinute(self.console, self.clock)

    def __enter__(self) -> Self:
        self._live = _live_on(self.console)
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def show(self, now: Snapshot) -> None:
        """Show the frontier's numbers."""
        self._pace.note(now.settled)
        if self._live:
            self._live.update(bars(now, self._pace))
        else:
            self._lines.offer(lambda: line(now, self._pace))


def line(now: Snapshot, pace: Pace) -> str:
    """Return the progress in a line."""
    total = now.settled + now.unsettled
    outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in now.outcomes.items() if count)
    done = f"{now.settled:,} of {counted(total, 'URL')} done"
    return (
        f"After {span(pace.elapsed)}: " + "; ".join(filter(None, (done, outcomes, _speed(now, pace)))) + "."
    )


def _speed(now: Snapshot, pace: Pace) -> str:
    """Return the rate and the time left, as far as they are known."""
    if pace.rate is None:
        return ""
    left = pace.seconds_for(now.unsettled) if now.unsettled else None
    return f"{pace.rate:,.1f} a second" + ("" if left is None else f", done in {roughly(left)}")


def bars(now: Snapshot, pace: Pace) -> RenderableType:
    """Return a bar for each outcome and one for what is left, with the rate and the time left below."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    table.add_column(justify="right", no_wrap=True)
    total = max(now.settled + now.unsettled, 1)
    for outcome, style in STYLES.items():
        table.add_row(Text(outcome, style), *_bar(now.outcomes[outcome], total, style))
    table.add_row("left", *_bar(now.unsettled, total, "blue"))
    where = f"{now.waiting:,} waiting, {now.in_flight:,} in flight, {now.deferred:,} deferred"
    speed = ", ".join(filter(None, (_speed(now, pace), f"{_to_the_second(pace.elapsed)} so far")))
    return Group(table, Paragraph(Text(where, "dim")), Paragraph(Text(speed)))


def _to_the_second(seconds: float) -> str:
    return span(seconds) if seconds >= 60 else f"{seconds:.0f} s"  # noqa: PLR2004 - a minute


def _bar(count: int, total: int, style: str) -> tuple[RenderableType, RenderableType]:
    return ProgressBar(total, count, complete_style=style, finished_style=style), f"{count:,}"


@contextmanager
def submitting(
    console: Console, sources: Sequence[Source], clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[int], None]]:
    """Show how many items of the sources are submitted; yields a function to call with the size of each batch."""
    live, lines, submitted = _live_on(console, transient=True), EveryMinute(console, clock), 0
    size = _size_of(sources) if live else None

    def count(batch: int) -> None:
        nonlocal submitted
        submitted += batch
        if live:
            live.update(_submitting_bar(submitted, size))
        else:
            lines.offer(lambda: f"{counted(submitted, 'line')} submitted.")

    with live or nullcontext():
        yield count


def _submitting_bar(submitted: int, size: int | None) -> RenderableType:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    table.add_column(justify="right", no_wrap=True)
    of = "" if size is None else f" of {size:,}"
    table.add_row("submitting", ProgressBar(size, submitted, pulse=size is None), f"{submitted:,}{of}")
    return table


def _live_on(console: Console, *, transient: bool = False) -> Live | None:
    """Return a display that is drawn over, None where that cannot be or nothing is to be shown."""
    return None if console.quiet or not is_live(console) else Live(console=console, transient=transient)


def _size_of(sources: Sequence[Source]) -> int | None:
    """Return about how many items the sources have, None if that is unknown."""
    sizes = [source.size() for source in sources]
    return None if None in sizes else sum(filter(None, sizes))
