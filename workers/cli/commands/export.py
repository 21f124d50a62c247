"""`newsmill export`: the articles as a file."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

import shlex
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workers.cli.common import read_settings
from workers.cli.options import (
    HostOption,
    LimitOption,
    OutcomeName,
    ReasonOption,
    StageOption,
    choice,
    filter_of,
    number,
    option,
    some_of,
)
from workers.cli.streams import nothing, say
from workers.errors import UserError
from workers.output.words import counted
from workers.sinks.formats import FILE_SINKS
from workers.times import moment

if TYPE_CHECKING:
    from workers.inspect.export import Export
    from workers.store.filters import Filter
    from workers.store.store import Store


def _formats() -> list[str]:
    return list(FILE_SINKS)


def _sorts() -> list[str]:
    from workers.store.order import SORTS

    return list(SORTS)


def _format(name: str) -> str:
    """Return the name of a format; ValueError for an unknown one."""
    if name not in FILE_SINKS:
        raise ValueError(f"{name!r} is not one of {', '.join(FILE_SINKS)}")
    return name


def export(
    *,
    output: Annotated[
        Path | None,
        option(
            "File to write, instead of standard output. Its suffix is its format: "
            f"{', '.join(f'.{name}' for name in FILE_SINKS)}, or a text format with .gz or .zst.",
            "--output",
            "-o",
            metavar="file",
            readable=False,  # that it need not be: a pipe may be for others to read
        ),
    ] = None,
    format_: Annotated[
        str | None,
        option(
            "Format of the output, whatever its suffix. Default for standard output: jsonl, JSON lines.",
            "--format",
            parser=_format,
            metavar="|".join(FILE_SINKS),
            autocompletion=some_of(_formats),
        ),
    ] = None,
    columns: Annotated[
        str | None,
        option("Columns, e.g. url,day,title. Default: all of docs/columns.md.", metavar="names"),
    ] = None,
    sort: Annotated[
        str | None,
        option(
            "Column to sort by, e.g. day or title. Default: settled_at.",
            metavar="name",
            autocompletion=some_of(_sorts),
        ),
    ] = None,
    desc: Annotated[bool, option("Sort in descending order.", "--desc")] = False,
    raw: Annotated[
        bool,
        option(
            "Write text in CSV as it is. By default what a spreadsheet would run gets an apostrophe in front.",
            "--raw",
        ),
    ] = False,
    outcome: Annotated[OutcomeName | None, choice("Only articles with this outcome.", OutcomeName)] = None,
    reason: ReasonOption = None,
    stage: StageOption = None,
    language: Annotated[
        str | None, option("Only articles in this language, e.g. de.", metavar="language")
    ] = None,
    topic: Annotated[
        str | None,
        option("Only articles with this topic: its id, or the beginning of its label.", metavar="topic"),
    ] = None,
    host: HostOption = None,
    published_since: Annotated[
        datetime | None,
        option(
            "Only articles published at this time or later, e.g. 2025-04-16 or 2w.",
            parser=moment,
            metavar="time",
        ),
    ] = None,
    published_until: Annotated[
        datetime | None, option("Only articles published before this time.", parser=moment, metavar="time")
    ] = None,
    since: Annotated[
        datetime | None,
        option(
            "Only articles settled at this time or later, e.g. 2025-04-16 or 2h.",
            parser=moment,
            metavar="time",
        ),
    ] = None,
    until: Annotated[
        datetime | None, option("Only articles settled before this time.", parser=moment, metavar="time")
    ] = None,
    made_by: Annotated[
        str | None,
        option(
            "Only articles for which a stage had this version, or one that begins with it.",
            "--made-by",
            metavar="version",
        ),
    ] = None,
    not_made_by: Annotated[
        str | None,
        option(
            "Only articles for which no stage had this version, or one that begins with it.",
            "--not-made-by",
            metavar="version",
        ),
    ] = None,
    changes: Annotated[
        bool,
        option(
            "Write what has changed since an earlier export, in the order of the changes, instead of what matches.",
            "--changes",
        ),
    ] = False,
    after: Annotated[
        int | None,
        option(
            "With --changes: the number that the earlier export has printed. Default: 0, everything.",
            "--after",
            metavar="number",
            parser=number(int, 0),
        ),
    ] = None,
    limit: LimitOption = None,
) -> None:
    """Write the articles, one flat object each, in the order in which they were settled.

    A file appears, or replaces the one that was there, when it is whole. The exit code is 1 if no article matches; the
    file then has no rows. --made-by and --not-made-by compare the fields extractor, detector, deduper, tagger and taxonomy.

    Example: `newsmill export --outcome enriched --since 2h | jq .title`

    Example: `newsmill export --output rows.parquet --published-since 2025-04-01`

    To read only what is new, and to miss nothing, use --changes: a time cannot do that, since rows appear later than the time
    that they have. With --output the number to go on from is printed on standard output.

    Example: `newsmill export --changes --after 1200 --output changes.jsonl`

    Example: `newsmill export --output titles.csv --columns day,title,url --sort day --desc`
    """
    from workers.inspect.connections import open_rows
    from workers.inspect.export import Export
    from workers.inspect.export import export as write
    from workers.process import ended_by_signals
    from workers.store.order import DEFAULT, Order

    filter_ = filter_of(
        outcome=outcome,
        reason=reason,
        stage=stage,
        language=language,
        topic=topic,
        host=host,
        published_since=published_since,
        published_until=published_until,
        since=since,
        until=until,
        made_by=made_by,
        not_made_by=not_made_by,
    )
    wanted = Export(
        output=output,
        format_=format_,
        names=None if columns is None else [name.strip() for name in columns.split(",")],
        order=Order(sort or DEFAULT, descending=desc),
        limit=limit,
        raw=raw,
    )
    if changes:
        _refuse(sort=sort, desc=desc, since=since, until=until)
    elif after is not None:
        raise UserError("--after is of no use without --changes.")
    with open_rows(read_settings()) as store, ended_by_signals():
        if changes:
            _write_changes(store, filter_, wanted, after or 0)
            return
        count = write(store, filter_, wanted)
    if output is not None:
        say(f"{counted(count, 'article')} -> {shlex.quote(str(output))}")
    if not count:
        nothing("There are no articles yet." if filter_ == filter_of() else "No articles match.")


def _refuse(**given: Any) -> None:
    """Raise UserError for an option that says nothing of changes."""
    for name, value in given.items():
        if value:
            raise UserError(
                f"--{name} and --changes cannot be used together: changes come in their own order."
            )


def _write_changes(store: "Store", filter_: "Filter", wanted: "Export", after: int) -> None:
    from workers.inspect.export import export_changes

    count, last = export_changes(store, filter_, wanted, after)
    if wanted.output is None:
        say(f"{counted(count, 'change')}. Go on with --after {last}.")
    else:
        say(f"{counted(count, 'change')} -> {shlex.quote(str(wanted.output))}")
        typer.echo(last)
