"""The tables that the commands print: a status, a URL's story, a cluster, dead letters."""

from collections.abc import Sequence

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from tasks.article import Outcome
from workers.inspect.cluster import Member
from workers.inspect.status import Status
from workers.inspect.story import Story
from workers.ledger.entries import Snapshot
from workers.local.try_documents import Tried
from workers.times import iso_ms, span

#: Characters of a text that a panel shows.
_EXCERPT = 500
#: Number of reasons shown; the JSON has all.
REASONS_SHOWN = 12


def status_tables(status: Status) -> RenderableType:
    """Return the status as tables side by side."""
    reasons = _table("why", ("outcome", "reason", "rows"))
    for outcome, reason, count in [row for row in status.tally if row[1]][:REASONS_SHOWN]:
        reasons.add_row(outcome, reason, f"{count:,}")
    return Columns([Group(_in_progress(status)), _outcomes(status.now), reasons], padding=(0, 3))


def _in_progress(status: Status) -> Table:
    now = status.now
    table = _table("in progress", ("", "URLs"))
    table.add_row("waiting", f"{now.waiting:,}")
    table.add_row("in flight", f"{now.in_flight:,}")
    due = "" if status.next_due_seconds is None else f" (next in {span(status.next_due_seconds)})"
    table.add_row(f"deferred{due}", f"{now.deferred:,}")
    table.add_section()
    table.add_row("articles a second", f"{status.rate:,.1f}")
    if status.oldest_seconds is not None:
        table.add_row("age of the oldest", span(status.oldest_seconds))
    if status.drained_seconds is not None:
        table.add_row("done in about", span(status.drained_seconds))
    return table


def _outcomes(now: Snapshot) -> Table:
    table = _table("outcomes", ("", "URLs", "share"))
    for outcome, count in now.outcomes.items():
        table.add_row(outcome.value, f"{count:,}", f"{count / (now.settled or 1):.1%}")
    table.add_section()
    table.add_row("all", f"{now.settled:,}", "")
    return table


def _table(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in columns:
        table.add_column(name, justify="right" if name in {"URLs", "rows", "share"} else "left")
    return table


def story_tables(story: Story) -> RenderableType:
    """Return a URL's story: the facts, then the timeline."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold")
    facts.add_column(overflow="fold")
    for name, value in story.facts:
        facts.add_row(name, escape(value))
    timeline = Table.grid(padding=(0, 2))
    for moment in story.timeline:
        timeline.add_row(iso_ms(moment.at), escape(moment.what))
    return Group(facts, "", timeline) if story.timeline else facts


def cluster_table(members: list[Member]) -> Table:
    """Return a cluster. A copy of another copy says which one."""
    table = Table("", "score", "settled", "URL", "title", pad_edge=False)
    table.columns[3].overflow = "fold"
    original = members[0].url
    for one in members:
        of = f" of {one.copy_of}" if one.copy_of not in {None, original} else ""
        score = f"{one.score:.2f}" if one.score is not None else ""
        table.add_row(one.kind, score, one.settled_at or "", escape(one.url + of), escape(one.title or ""))
    return table


def dead_letter_table(counted: Sequence[tuple[str, str, str, int]]) -> Table:
    """Return dead letters, counted by reason, stage and host (`Articles.dead`)."""
    total = sum(row[-1] for row in counted)
    table = Table(title=f"{total:,} dead letter{'' if total == 1 else 's'}", title_justify="left")
    for name in ("reason", "stage", "host"):
        table.add_column(name)
    table.add_column("URLs", justify="right")
    for reason, stage, host, count in counted:
        table.add_row(reason, stage, host or "(local documents)", f"{count:,}")
    return table


def tried_panel(tried: Tried) -> Panel:
    """Return the result of `newsmill try` for a document, with the beginning of its text."""
    article = tried.article
    confidence = f" ({article.language_confidence:.2f})" if article.language_confidence else ""
    rows = {
        "outcome": " ".join(filter(None, (tried.outcome.value, tried.reason and f"({tried.reason})"))),
        "why": tried.detail,
        "title": article.title,
        "author": article.author,
        "date": article.date,
        "site": article.site,
        "saved from": article.saved_from,
        "language": article.language and article.language + confidence,
        "topics": ", ".join(f"{topic.label} {topic.score:.2f}" for topic in article.topics),
        "duplicate of": article.duplicate_of,
        "near duplicate of": article.near_duplicate_of,
        "text": article.text and _excerpt(article.text),
        "took": f"{sum(article.timings.values()):.0f} ms",
    }
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in rows.items():
        if value:
            table.add_row(name, escape(value))
    style = {Outcome.ENRICHED: "green", Outcome.FAILED: "red"}.get(tried.outcome, "yellow")
    return Panel(table, title=escape(tried.given), title_align="left", border_style=style)


def _excerpt(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]} ... ({len(text):,} characters)"
