"""What `newsmill run` says at its end: outcomes and reasons, and the first enriched articles with their URLs."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tasks.article import Outcome
from workers.ledger.entries import Snapshot
from workers.ledger.submit import Submitted
from workers.local.progress import STYLES
from workers.output.blocks import Paragraph
from workers.output.terminal import shown
from workers.output.words import counted
from workers.store.filters import Filter
from workers.store.store import Store

#: Number of articles in the report, and of topics of each.
ARTICLES, TOPICS = 10, 3
#: What stands before the lines below a title.
_BELOW = "    "

Tally = Sequence[tuple[str, str | None, int]]


def print_report(console: Console, store: Store, now: Snapshot, submitted: Submitted) -> None:
    """Print outcomes and reasons, and the first enriched articles."""
    if submitted.total and submitted.settled == submitted.total and not now.unsettled:
        done = (
            "The URL was already done."
            if submitted.total == 1
            else f"All {submitted.total:,} URLs were already done."
        )
        console.print(f"{done} --again fetches them again.")
    console.print(_outcomes(in_order(store.statistics.tally())))
    rows = list(store.rows(Filter(outcome=Outcome.ENRICHED), limit=ARTICLES))
    if rows:
        console.print(Group(*_articles(rows, _copies(store, rows))), crop=False)


def in_order(tally: Tally) -> list[tuple[str, str | None, int]]:
    """Return outcomes, reasons and counts in the order of the outcomes, the most frequent reason first."""
    order = list(Outcome)
    return sorted(tally, key=lambda row: (order.index(Outcome(row[0])), -row[2]))


def _outcomes(tally: Tally) -> Table:
    table = Table(title="Outcomes of the URLs", title_justify="left")
    table.add_column("outcome")
    table.add_column("reason")
    table.add_column("URLs", justify="right")
    for outcome, reason, count in tally:
        table.add_row(Text(outcome, STYLES[Outcome(outcome)]), shown(reason or ""), f"{count:,}")
    table.add_section()
    table.add_row("all", "", f"{sum(row[2] for row in tally):,}")
    return table


def _articles(rows: Sequence[Any], copies: dict[str, list[str]]) -> Iterator[RenderableType]:
    first = "first " if len(rows) == ARTICLES else ""
    yield Text(f"\nThe {first}{counted(len(rows), 'enriched article')}", "italic")
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
