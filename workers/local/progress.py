"""What `newsmill run` shows: a bar for each outcome while it runs, and a report at the end."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from rich import progress as bars
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tasks.article import Outcome
from workers.ledger.entries import Snapshot
from workers.ledger.submit import Submitted
from workers.sources.source import Refusal, Source
from workers.store.filters import Filter
from workers.store.store import Store

#: Colours of the outcomes on a terminal.
STYLES = {
    Outcome.ENRICHED: "green",
    Outcome.DUPLICATE: "cyan",
    Outcome.REJECTED: "yellow",
    Outcome.FAILED: "red",
}
#: Number of titles in the report.
TITLES = 10
#: Characters shown of a refused line.
SHOWN = 200


class Progress:
    """A bar for each outcome and one for what is in progress."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = bars.Progress(
            bars.TextColumn("{task.description}"),
            bars.BarColumn(bar_width=None),
            bars.TextColumn("{task.completed:>8,.0f}"),
            bars.TextColumn("[dim]{task.fields[note]}"),
            bars.TimeElapsedColumn(),
            console=console,
        )
        self._tasks = {
            outcome: self._bars.add_task(f"[{style}]{outcome.value}", total=1, note="")
            for outcome, style in STYLES.items()
        }
        self._in_progress = self._bars.add_task("in progress", total=1, note="")

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def show(self, now: Snapshot) -> None:
        """Show the frontier's numbers."""
        total = max(now.settled + now.unsettled, 1)
        for outcome, task in self._tasks.items():
            self._bars.update(task, total=total, completed=now.outcomes[outcome])
        note = f"{now.waiting:,} waiting, {now.in_flight:,} in flight, {now.deferred:,} deferred"
        self._bars.update(self._in_progress, total=total, completed=now.unsettled, note=note)


@contextmanager
def submitting(console: Console, sources: Sequence[Source]) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal while sources are submitted; yields a function to call with the size of each batch."""
    with bars.Progress(
        bars.TextColumn("submitting"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        bar = progress.add_task("", total=_size_of(sources) if console.is_terminal else None)
        yield lambda size: progress.advance(bar, size)


def show_refusal(console: Console) -> Callable[[Refusal], None]:
    """Return a function that prints an item that cannot be submitted: its place, the reason, and its beginning."""

    def show(refusal: Refusal) -> None:
        # A list may have any characters: repr() keeps control characters from the terminal.
        shown = repr(refusal.text[:SHOWN])[1:-1]
        line = ": ".join(filter(None, (refusal.place, refusal.reason, shown)))
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    return show


def _size_of(sources: Sequence[Source]) -> int | None:
    """Return about how many items the sources have, None if that is unknown."""
    sizes = [source.size() for source in sources]
    return None if None in sizes else sum(filter(None, sizes))


def print_report(console: Console, store: Store, now: Snapshot, submitted: Submitted) -> None:
    """Print outcomes and reasons, and the first enriched articles."""
    if submitted.total and submitted.settled == submitted.total and not now.unsettled:
        console.print(f"All {submitted.total:,} URLs were already done. --again fetches them again.")
    console.print(_outcomes(store))
    rows = list(store.rows(Filter(outcome=Outcome.ENRICHED), limit=TITLES))
    links = _copies(store, rows)
    if rows:
        console.print(_titles(rows, links))


def _outcomes(store: Store) -> Table:
    table = Table(title="Outcomes of the URLs", title_justify="left")
    table.add_column("outcome")
    table.add_column("reason")
    table.add_column("URLs", justify="right")
    order = list(Outcome)
    tally = sorted(store.statistics.tally(), key=lambda row: (order.index(Outcome(row[0])), -row[2]))
    for outcome, reason, count in tally:
        table.add_row(f"[{STYLES[Outcome(outcome)]}]{outcome}", reason or "", f"{count:,}")
    table.add_section()
    table.add_row("all", "", f"{sum(row[2] for row in tally):,}")
    return table


def _titles(rows: Sequence[Any], copies: dict[str, list[str]]) -> Table:
    table = Table(title=f"The first {len(rows)} enriched articles", title_justify="left")
    for name in ("title", "language", "topics", "copies"):
        table.add_column(name, overflow="fold")
    for row in rows:
        record = row["record"]
        topics = ", ".join(f"{one['label']} {one['score']:.2f}" for one in record.get("topics", ())[:3])
        title = escape(record.get("title") or "(no title)")
        table.add_row(
            title, row["language"] or "", escape(topics), escape("\n".join(copies.get(row["url"], [])))
        )
    return table


def _copies(store: Store, rows: Sequence[Any]) -> dict[str, list[str]]:
    """Return, for each of the rows' URLs, the URLs of its exact copies."""
    copies: dict[str, list[str]] = {}
    for original, copy in store.copies_of([row["url"] for row in rows]):
        copies.setdefault(original, []).append(copy)
    return copies
