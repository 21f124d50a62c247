"""`newsmill status --watch`: the state of the system on one screen. workers/inspect/live_status.py reads it, rich draws it.

The screen follows the terminal's size. From 80 columns on it has two columns of panels, below that one; lists show as
many rows as fit. No information is in colours alone. If the terminal's encoding is not UTF-8, the screen is ASCII.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from redis.exceptions import RedisError
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.layout import Layout
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import DBAPIError

from monitoring.backlog import RedisState
from tasks.article import Outcome
from workers.cli.widgets import Fitting, Gauge, Sparkline
from workers.inspect.live_status import Hosts, LiveStatus, Rates, StatusReader
from workers.inspect.status import Status
from workers.inspect.working import slots
from workers.local.progress import STYLES
from workers.output.printable import printable
from workers.output.terminal import shown
from workers.output.words import counted
from workers.times import span

#: Minimum width for two columns of panels: the usual width of a terminal.
TWO_COLUMNS = 80
#: Frames a second, so that the screen follows when the terminal is resized.
FRAMES = 2


def watch(
    console: Console, reader: StatusReader, *, every: float, sleep: Callable[[float], object] = time.sleep
) -> None:
    """Show the live status, read every `every` seconds, until Ctrl-C.

    Raises redis.RedisError or sqlalchemy.exc.DBAPIError if the first reading fails. If a later one fails, the screen
    says so and keeps the last reading.
    """
    live = reader.read()
    with Live(
        Screen(live), console=console, screen=console.is_terminal, refresh_per_second=FRAMES
    ) as display:
        while True:
            sleep(every)
            trouble = ""
            try:
                live = reader.read()
            except (RedisError, DBAPIError) as error:
                trouble = f"No answer: {error}".splitlines()[0]
            display.update(Screen(live, trouble), refresh=True)


@dataclass(frozen=True, slots=True)
class Screen:
    """The whole screen. `trouble` says why it does not show the current state."""

    live: LiveStatus
    trouble: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the layout that fits."""
        height = options.height or console.height
        screen = Layout()
        lines = (self._headline(), _working(self.live.status))
        screen.split_column(*(Layout(one, size=1) for one in lines), Layout(name="parts"))
        if options.max_width >= TWO_COLUMNS:
            _side_by_side(screen["parts"], self.live)
        else:
            _stacked(screen["parts"], self.live, height - len(lines))
        yield screen

    def _headline(self) -> RenderableType:
        trouble = self.trouble or " ".join(self.live.status.troubles)
        if trouble:
            return Text(printable(trouble), style="bold red", no_wrap=True, overflow="crop")
        now = self.live.status.now
        line = Table.grid(expand=True, padding=(0, 2, 0, 0))
        line.add_column(no_wrap=True, overflow="crop")
        line.add_column(justify="right", no_wrap=True, overflow="crop")
        left = "nothing left to do" if not now.unsettled else f"{counted(now.unsettled, 'URL')} to go"
        line.add_row(Text.assemble(("newsmill", "bold"), "  ", left), Text(f"{now.settled:,} settled", "dim"))
        return line


def _working(status: Status) -> Text:
    """Return a line that says who works, or what to start."""
    advice = status.working.advice(status.now.unsettled)
    if advice:
        return Text(printable(advice.replace("`", "")), style="bold yellow", no_wrap=True, overflow="crop")
    who = ", ".join(
        f"{count:,} {name}" + (f" ({slots(size, pool)})" if size else "")
        for name, count, size, pool in status.working.counts()
    )
    return Text(printable(f"working: {who or 'nobody'}"), style="dim", no_wrap=True, overflow="crop")


def _side_by_side(place: Layout, live: LiveStatus) -> None:
    left, right = Layout(), Layout()
    left.split_column(_in_progress(live), _stages(live), _hosts(live.hosts))
    right.split_column(_outcomes(live), _reasons(live))
    place.split_row(left, right)


def _stacked(place: Layout, live: LiveStatus, height: int) -> None:
    """Stack as many parts as fit into `height` rows."""
    parts = [_in_progress(live), _outcomes(live), _stages(live), _reasons(live), _hosts(live.hosts)]
    fitting: list[Layout] = []
    for part in parts:
        height -= part.size or 4
        if height >= 0 or not fitting:
            fitting.append(part)
    place.split_column(*fitting)


def _in_progress(live: LiveStatus) -> Layout:
    status, now = live.status, live.status.now
    due = "" if status.next_due_seconds is None else f"in {span(status.next_due_seconds)}"
    oldest = "-" if status.oldest_seconds is None else span(status.oldest_seconds)
    drained = "-" if live.drained_seconds is None else span(live.drained_seconds)
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, overflow="crop")
    table.add_column(justify="right", no_wrap=True, overflow="crop")
    table.add_column(ratio=1, no_wrap=True, overflow="crop")
    table.add_row("waiting", f"{now.waiting:,}", "")
    table.add_row("in flight", f"{now.in_flight:,}", Gauge(now.in_flight, live.in_flight_limit, "{:,.0f}"))
    table.add_row("deferred", f"{now.deferred:,}", Text(due, "dim"))
    table.add_row("oldest URL", oldest, "")
    table.add_row("done in about", drained, "")
    table.add_row("Redis", f"{live.redis.memory / 1e6:,.1f} MB", _redis(live.redis))
    return _panel("Is it keeping up?", table, rows=6)


def _redis(redis: RedisState) -> RenderableType:
    if not redis.aof_ok:
        return Text("cannot save", "bold red")
    if not redis.memory_limit:
        return Text("no limit", "dim")
    return Gauge(redis.memory / 1e6, redis.memory_limit / 1e6, "{:,.0f} MB")


def _outcomes(live: LiveStatus) -> Layout:
    now, rates = live.status.now, live.rates
    table = Table(box=None, expand=True, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("", no_wrap=True)
    table.add_column("rate", justify="right", no_wrap=True)
    table.add_column(_look_back(rates), ratio=1, no_wrap=True, overflow="crop")
    table.add_column("URLs", justify="right", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    for outcome, style in STYLES.items():
        counts, settled = rates.counts[outcome], now.outcomes[outcome]
        rate, line = f"{rates.per_second(counts):,.1f}", Sparkline(counts, style)
        share = Text(f"{settled / (now.settled or 1):.0%}", "dim")
        table.add_row(Text(outcome.value, style), rate, line, f"{settled:,}", share)
    table.add_row("all", f"{live.rate:,.1f}", Sparkline(rates.all(), ""), f"{now.settled:,}", "")
    return _panel("Articles a second", table, rows=6)


def _look_back(rates: Rates) -> str:
    return f"last {span(rates.step * len(rates.all())).removesuffix(' 0 s')}"


def _stages(live: LiveStatus) -> Layout:
    rows = [
        (one.stage, f"{one.mean_ms:,.1f}", Gauge(one.share, 1.0, "", warn=False), f"{one.share:.0%}")
        for one in live.stages
    ]
    table = Fitting(("stage", "mean ms", "share", ""), rows, stretched="share", empty="nothing settled yet")
    return _panel("Where does the time go?", table, rows=6)


def _reasons(live: LiveStatus) -> Layout:
    rows = [
        (shown(reason, STYLES[Outcome(outcome)]), outcome, f"{count:,}")
        for outcome, reason, count in live.status.tally
        if reason
    ]
    table = Fitting(
        ("reason", "outcome", "URLs"), rows, stretched="reason", empty="no article was rejected or failed"
    )
    return _panel("Reasons", table)


def _hosts(hosts: Hosts) -> Layout:
    rows = [
        (shown(one.host or "(documents)"), span(one.seconds), f"{one.failures:,}" if one.failures else "")
        for one in hosts.longest
    ]
    table = Fitting(("host", "due in", "failures"), rows, stretched="host", empty="no host is held back")
    return _panel(f"Hosts: {hosts.due:,} due, {hosts.paced:,} held back", table)


def _panel(title: str, content: RenderableType, *, rows: int | None = None) -> Layout:
    """Return a part of the screen: `rows` lines inside its frame, or the remaining height."""
    panel = Panel(content, title=title, title_align="left", border_style="dim")
    return Layout(panel, size=None if rows is None else rows + 2)
