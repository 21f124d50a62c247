"""What `newsmill run` says at its end: outcomes and reasons, the first enriched articles, and what to do next."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tasks.article import Outcome
from workers.inspect.dead_letters import failed_by_reason
from workers.ledger.entries import Snapshot
from workers.ledger.submit import Submitted
from workers.local.folder import DataFolder, command_line
from workers.local.progress import STYLES
from workers.masking import masked
from workers.output.blocks import Paragraph
from workers.output.printable import printable
from workers.output.terminal import shown
from workers.output.words import counted
from workers.store.engine import sqlite_file
from workers.store.filters import Filter
from workers.store.store import Store

#: Number of articles in the report, and of topics of each.
ARTICLES, TOPICS = 10, 3
#: Reasons of failures for which the report says how to retry them.
REASONS = 3
#: What stands before the lines below a title.
_BELOW = "    "

Tally = Sequence[tuple[str, str | None, int]]


def print_report(console: Console, store: Store, now: Snapshot, submitted: Submitted) -> None:
    """Print outcomes and reasons, and the first enriched articles."""
    if submitted.total and submitted.settled == submitted.total and not now.unsettled:
        one = "The URL was already done. --again fetches it again."
        all_ = f"All {submitted.total:,} URLs were already done. --again fetches them again."
        console.print(one if submitted.total == 1 else all_)
    console.print(_outcomes(in_order(store.statistics.tally())))
    rows = list(store.rows(Filter(outcome=Outcome.ENRICHED), limit=ARTICLES))
    if rows:
        console.print(Group(*_articles(rows, _copies(store, rows))), crop=False)


def print_next_steps(console: Console, folder: DataFolder, store: Store, database_url: str) -> None:
    """Print where the rows and the logs are, and what to do next."""
    rows = sqlite_file(database_url) or masked(database_url)
    console.print(f"Rows: {rows}   Logs: {folder.logs}", markup=False, soft_wrap=True)
    failed = failed_by_reason(store)
    for reason, count in failed[:REASONS]:
        print_command(console, folder, f"{count:,} {reason}", "run", "--retry-failed", "--reason", reason)
    if len(failed) > 1:
        total = sum(count for _, count in failed)
        print_command(console, folder, f"All {total:,} failed", "run", "--retry-failed")
    print_command(console, folder, "Export", "export", "--output", "articles.csv")


def print_command(console: Console, folder: DataFolder, what: str, *words: str) -> None:
    """Print a command to copy."""
    line = Text(printable(f"{what}: ")).append(printable(command_line(folder, *words)), "bold")
    console.print(line, soft_wrap=True)


def run_record(
    store: Store, now: Snapshot, submitted: Submitted, seconds: float, database: str
) -> dict[str, Any]:
    """Return a run's result as JSON types: the rows of the database by outcome and reason, and what was submitted."""
    tally = in_order(store.statistics.tally())
    outcomes = dict.fromkeys((one.value for one in Outcome), 0)
    for outcome, _, count in tally:
        outcomes[outcome] += count
    return {
        "done": now.unsettled == 0,
        "unsettled": now.unsettled,
        "submitted": submitted.as_json(),
        "outcomes": outcomes,
        "reasons": [{"outcome": one[0], "reason": one[1], "count": one[2]} for one in tally],
        "seconds": round(seconds, 1),
        "database": database,
    }


def in_order(tally: Tally) -> list[tuple[str, str | None, int]]:
    """Return outcomes, reasons and counts in the order of the outcomes, the most frequent reason first."""
    order = list(Outcome)
    return sorted(tally, key=lambda row: (order.index(Outcome(row[0])), -row[2]))


def _outcomes(tally: Tally) -> Table:
    # Without edges it fits 40 columns. Folded, not cut off: an ellipsis is a character that ASCII does not have.
    table = Table(
        title="Outcomes of the URLs", title_justify="left", box=box.SIMPLE, show_edge=False, pad_edge=False
    )
    table.add_column("outcome", no_wrap=True)
    table.add_column("reason", overflow="fold")
    table.add_column("URLs", justify="right", no_wrap=True)
    for outcome, reason, count in tally:
        table.add_row(Text(outcome, STYLES[Outcome(outcome)]), shown(reason or ""), f"{count:,}")
    table.add_section()
    table.add_row("all", "", f"{sum(row[2] for row in tally):,}")
    return table


def _articles(rows: Sequence[Any], copies: dict[str, list[str]]) -> Iterator[RenderableType]:
    several = "enriched article" if len(rows) == 1 else f"first {counted(len(rows), 'enriched article')}"
    yield Text(f"\nThe {several}", "italic")
    for row in rows:
        yield from _article(row, copies.get(row["url"], []))


def _article(row: Any, copies: Sequence[str]) -> Iterator[RenderableType]:
    record = row["record"]
    topics = [f"{one['label']} {one['score']:.2f}" for one in record.get("topics", ())[:TOPICS]]
    yield Paragraph(shown(record.get("title") or "(no title)", "bold"))
    yield Paragraph(shown(row["url"], "cyan"), _BELOW)
    about = ", ".join(filter(None, (row["language"], *topics)))
    if about:
        yield Paragraph(shown(about), _BELOW)
    for url in copies:
        yield Paragraph(Text("and its copy"), _BELOW)
        yield Paragraph(shown(url, "cyan"), _BELOW)


def _copies(store: Store, rows: Sequence[Any]) -> dict[str, list[str]]:
    """Return, for each of the rows' URLs, the URLs of its exact copies."""
    copies: dict[str, list[str]] = {}
    for original, copy in store.copies_of([row["url"] for row in rows]):
        copies.setdefault(original, []).append(copy)
    return copies
