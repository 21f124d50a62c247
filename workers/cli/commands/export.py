"""`newsmill export`: the articles as a file."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.common import common, read_settings
from workers.cli.options import (
    HostOption,
    LimitOption,
    OutcomeName,
    ReasonOption,
    StageOption,
    filter_of,
    option,
    quoted,
)
from workers.sinks.formats import FILE_SINKS
from workers.times import moment

if TYPE_CHECKING:
    from workers.store.filters import Filter

WHEN = "2025-04-16 or 2h"


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
            "File to write, instead of standard output. Its suffix chooses the format: "
            f"{', '.join(f'.{name}' for name in FILE_SINKS)}; .gz or .zst after that of a text format compresses it.",
            "--output",
            "-o",
            readable=False,  # that it need not be: a pipe may be for others to read
        ),
    ] = None,
    format_: Annotated[
        str | None,
        option(
            "Format, whatever the suffix of --output is. Standard output gets JSON lines by default.",
            "--format",
            parser=_format,
            metavar="|".join(FILE_SINKS),
        ),
    ] = None,
    columns: Annotated[
        str | None, option("Columns, e.g. url,day,title. By default all of docs/columns.md.", "--columns")
    ] = None,
    sort: Annotated[
        str | None,
        option("Column to sort by, e.g. day or title. By default settled_at.", "--sort", metavar="COLUMN"),
    ] = None,
    desc: Annotated[bool, option("Sort in descending order.", "--desc")] = False,
    limit: LimitOption = None,
    raw: Annotated[
        bool,
        option(
            "Write CSV text as it is. By default a cell that a spreadsheet would run gets an apostrophe in front.",
            "--raw",
        ),
    ] = False,
    outcome: Annotated[OutcomeName | None, option("Only articles with this outcome.")] = None,
    reason: ReasonOption = None,
    stage: StageOption = None,
    language: Annotated[str | None, option("Only articles in this language, e.g. de.")] = None,
    topic: Annotated[
        str | None, option("Only articles with this topic: its id, or the beginning of its label.")
    ] = None,
    host: HostOption = None,
    published_since: Annotated[
        datetime | None,
        option(
            "Only articles published at this time or later.", "--published-since", parser=moment, metavar=WHEN
        ),
    ] = None,
    published_until: Annotated[
        datetime | None,
        option("Only articles published before this time.", "--published-until", parser=moment, metavar=WHEN),
    ] = None,
    since: Annotated[
        datetime | None, option("Only articles settled at this time or later.", parser=moment, metavar=WHEN)
    ] = None,
    until: Annotated[
        datetime | None, option("Only articles settled before this time.", parser=moment, metavar=WHEN)
    ] = None,
    made_by: Annotated[
        str | None,
        option("Only articles for which a stage had this version, or one that begins with it.", "--made-by"),
    ] = None,
    not_made_by: Annotated[
        str | None,
        option(
            "Only articles for which no stage had this version, or one that begins with it.", "--not-made-by"
        ),
    ] = None,
) -> None:
    """Write the articles, one flat object each, in the order in which they were settled.

    A file appears, or replaces the one that was there, when it is whole. The exit code is 1 if no article matches; the
    file has no rows then. --made-by and --not-made-by compare the fields extractor, detector, deduper, tagger and taxonomy.

    Example: `newsmill export --outcome enriched --since 2h | jq .title`

    Example: `newsmill export --output rows.parquet --published-since 2025-04-01`

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
    with open_rows(read_settings()) as store, ended_by_signals():
        count = write(store, filter_, wanted)
    _tell(count, filter_, output)


def _tell(count: int, filter_: "Filter", output: Path | None) -> None:
    """Print how many articles went where; typer.Exit(1) for none."""
    lines = []
    if output is not None:
        articles = "1 article" if count == 1 else f"{count:,} articles"
        lines.append(f"{articles} -> {quoted(output)}")
    if not count:
        is_any = filter_ == type(filter_)()
        lines.append("There are no articles yet." if is_any else "No articles match.")
    if lines and not common().quiet:
        typer.echo("\n".join(lines), err=True)
    if not count:
        raise typer.Exit(1)
