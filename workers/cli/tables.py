"""What the commands print: a status, a URL's story, a cluster, dead letters, a tried document. It fits 40 columns."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tasks.article import Outcome
from tasks.hosts import Said
from workers.inspect.cluster import Member
from workers.inspect.status import Status
from workers.inspect.story import Story
from workers.inspect.wall_words import wall_words
from workers.inspect.working import Working, slots
from workers.ledger.entries import Snapshot
from workers.ledger.invalid import InvalidMessage
from workers.ledger.processes import SCHEDULER
from workers.local.try_documents import Tried
from workers.output.blocks import Block, Paragraph
from workers.output.printable import printable
from workers.output.terminal import shown
from workers.output.words import counted
from workers.times import iso_ms, span

#: Characters of a text that a panel shows, and bytes of an invalid message.
_EXCERPT, _BEGINNING = 500, 200
#: Number of reasons, and of processes, that are shown; the JSON has all.
REASONS_SHOWN, PROCESSES_SHOWN = 12, 12
#: Number of hosts shown below a reason and stage; the JSON has all.
HOSTS_SHOWN = 10
#: What stands before the lines below a headline.
_BELOW = "    "


def status_tables(status: Status) -> RenderableType:
    """Return the status as tables side by side."""
    reasons = _table("why", ("outcome", "reason", "rows"))
    for outcome, reason, count in [row for row in status.tally if row[1]][:REASONS_SHOWN]:
        reasons.add_row(outcome, reason, f"{count:,}")
    three = (_in_progress(status), _outcomes(status.now), reasons)
    tables = Columns([Group(one, "") for one in three], padding=(0, 3))
    found = [Paragraph(shown(one, "bold red")) for one in status.troubles]
    walls = [_walls(status)] if status.walls else []
    held = [said for said in status.hosts if said.rule.deny or said.rule.pause]
    hosts = [Text("left alone", "italic"), host_rules(held, HOSTS_SHOWN), ""] if held else []
    parts = [*found, tables, *hosts, *walls, *([_who_works(status.working)] if status.working.seen else [])]
    advice = status.working.advice(status.now.unsettled)
    if advice:
        parts.append(Paragraph(shown(advice, "yellow")))
    elif not status.working.seen:
        parts.append(Text("Nobody works at the moment."))
    return Group(*parts)


def _who_works(working: Working) -> RenderableType:
    rows = []
    for one in (seen.process for seen in working.seen[:PROCESSES_SHOWN]):
        name = one.kind if one.kind == SCHEDULER else f"{one.kind} {', '.join(one.queues)}"
        size = f", {slots(one.size, one.pool)}" if one.size else ""
        rows.append((shown(name), shown(f"{one.host}, pid {one.pid}{size}, version {one.version}")))
    more = len(working.seen) - PROCESSES_SHOWN
    rest = [f"  and {more:,} more; --json lists all"] if more > 0 else []
    return Group(Text("who works", "italic"), Block(rows, 2), *rest)


def host_rules(rules: Sequence[Said], most: int | None = None) -> RenderableType:
    """Return what an operator says of hosts, a line a name, `most` at most."""
    shown_ = rules if most is None else rules[:most]
    block = Block([(shown(said.name), shown(_rule_words(said))) for said in shown_], 2)
    more = len(rules) - len(shown_)
    return Group(
        block, *([Text(f"  and {more:,} more; `newsmill hosts list` has all", "dim")] if more else [])
    )


def _rule_words(said: Said) -> str:
    rule = said.rule
    words = [
        {True: "denied", False: "not denied", None: ""}[rule.deny],
        {True: "paused", False: "not paused", None: ""}[rule.pause],
        "" if rule.interval is None else f"a request every {rule.interval:g} s",
        "" if rule.concurrency is None else f"{rule.concurrency} in flight",
        "" if rule.paths is None else f"denied paths: {' '.join(rule.paths)}",
        f"since {iso_ms(rule.since)}" if rule.since else "",
        "in the file" if said.in_file else "by a command",
        rule.note,
    ]
    return ", ".join(filter(None, words))


def _walls(status: Status) -> RenderableType:
    """Return the hosts that give walls, and how long those that block have done so."""
    rows = [(shown(wall.host), shown(wall_words(wall, status.now.now))) for wall in status.walls]
    return Group(Text("walls instead of pages", "italic"), Block(rows, 2), "")


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
    table = Table(title=title, title_justify="left", box=box.SIMPLE, show_edge=False, pad_edge=False)
    for name in columns:
        # Folded, not cut off: an ellipsis is a character that ASCII does not have.
        table.add_column(
            name, justify="right" if name in {"URLs", "rows", "share"} else "left", overflow="fold"
        )
    return table


def story_tables(story: Story) -> RenderableType:
    """Return a URL's story: the facts, then the timeline."""
    facts = _facts(story.facts)
    timeline = Block([(Text(iso_ms(moment.at)), shown(moment.what)) for moment in story.timeline])
    return Group(facts, "", timeline) if story.timeline else facts


def _facts(facts: Sequence[tuple[str, str]]) -> Block:
    return Block([(Text(name, "bold"), shown(value)) for name, value in facts])


def cluster_list(members: Sequence[Member]) -> RenderableType:
    """Return a cluster, a paragraph an article. A copy of another copy says which one."""
    return Group(*(part for one in members for part in _member(one, members[0].url)))


def _member(one: Member, original: str) -> Iterator[RenderableType]:
    score = "" if one.score is None else f" {one.score:.2f}"
    yield Paragraph(Text.assemble((one.kind + score, "bold"), f"  {one.settled_at or 'not settled yet'}"))
    yield Paragraph(shown(one.url), _BELOW)
    if one.title:
        yield Paragraph(shown(one.title, "italic"), _BELOW)
    if one.copy_of not in {None, original}:
        yield Paragraph(Text("a copy of"), _BELOW)
        yield Paragraph(shown(one.copy_of or ""), _BELOW)


def dead_letters(rows: Sequence[tuple[str, str, str, int]]) -> RenderableType:
    """Return dead letters, counted by reason, stage and host (`Articles.dead`), the most frequent first."""
    groups: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for reason, stage, host, count in rows:
        groups.setdefault((reason, stage), []).append((host, count))
    by_size = sorted(groups.items(), key=lambda group: -sum(count for _, count in group[1]))
    parts = [part for (reason, stage), hosts in by_size for part in _dead_group(reason, stage, hosts)]
    return Group(Text(counted(sum(row[-1] for row in rows), "failed article"), "bold"), *parts)


def _dead_group(reason: str, stage: str, hosts: list[tuple[str, int]]) -> Iterator[RenderableType]:
    total = sum(count for _, count in hosts)
    yield Text()
    yield Paragraph(Text.assemble(shown(reason, "bold"), " in ", shown(stage), f": {total:,}"))
    hosts = sorted(hosts, key=lambda host: -host[1])
    width = max(len(f"{count:,}") for _, count in hosts)
    for host, count in hosts[:HOSTS_SHOWN]:
        yield Paragraph(Text.assemble(f"{count:>{width},}  ", shown(host or "(local documents)")), _BELOW)
    if len(hosts) > HOSTS_SHOWN:
        more = counted(len(hosts) - HOSTS_SHOWN, "more host")
        yield Paragraph(Text(f"... and {more}", "dim"), _BELOW)


def invalid_messages(found: Sequence[InvalidMessage]) -> RenderableType:
    """Return the invalid messages that are kept, a paragraph each, the newest last, with their beginnings."""
    return Group(*(part for one in found for part in _invalid_message(one)))


def _invalid_message(one: InvalidMessage) -> Iterator[RenderableType]:
    yield Paragraph(
        Text.assemble((iso_ms(one.at), "bold"), "  ", shown(f"{one.queue}: {one.reason}", "bold"))
    )
    yield Paragraph(shown(f"{one.detail}; {one.size:,} bytes"), _BELOW)
    beginning = one.message[:_BEGINNING].decode("utf-8", "backslashreplace")
    yield Paragraph(shown(beginning, "dim"), _BELOW)


def tried_document(tried: Tried) -> RenderableType:
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
    style = {Outcome.ENRICHED: "bold green", Outcome.FAILED: "bold red"}.get(tried.outcome, "bold yellow")
    facts = [
        (Text(name, "bold"), Text(printable(value, lines=True))) for name, value in rows.items() if value
    ]
    return Group(Paragraph(shown(tried.given, style)), Block(facts, 2), "")


def _excerpt(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]} ... ({counted(len(text), 'character')})"
