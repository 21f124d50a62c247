"""The commands that look at what there is: status, why, cluster, export, dead, settings."""
# ruff: noqa: PLC0415 - the work is imported when a command is called, so that `--help` is at once

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from workers.cli.options import (
    HostOption,
    JsonOption,
    LimitOption,
    OutcomeName,
    ReasonOption,
    StageOption,
    argument,
    filter_of,
    option,
    print_json,
    print_summary,
    read_settings,
)
from workers.sinks.sink import FILE_SINKS
from workers.times import moment

WHEN = "2025-04-16 or 2h"


def _format(name: str) -> str:
    """Return the name of a format; ValueError for one that there is not."""
    if name not in FILE_SINKS:
        raise ValueError(f"{name!r} is not one of {', '.join(FILE_SINKS)}")
    return name


def status(
    *,
    watch: Annotated[bool, option("Keep showing, until Ctrl-C.", "--watch", "-w")] = False,
    every: Annotated[float, typer.Option(help="Seconds between two looks of --watch.", min=0.1)] = 2.0,
    json: JsonOption = False,
) -> None:
    """Show what waits, what is in progress, what became of the rest, and how fast.

    Example: `newsmill status --watch`
    """
    from rich.console import Console

    from workers.cli import live_screen
    from workers.cli.tables import status_tables
    from workers.inspect.connections import frontier_on, open_redis, open_rows
    from workers.inspect.live_status import StatusReader
    from workers.inspect.status import follow, read_status

    settings, console = read_settings(), Console()
    with open_redis(settings) as client, open_rows(settings, empty_ok=True) as store:
        frontier = frontier_on(client, settings)
        if watch and json:
            for one in follow(frontier, store, every=every):
                print_json(one.as_json())
        elif watch:
            live_screen.watch(console, StatusReader(client, frontier, store, settings), every=every)
        elif json:
            print_json(read_status(frontier, store).as_json())
        else:
            console.print(status_tables(read_status(frontier, store)))


def why(
    article: Annotated[str, argument("A URL, an article id, or a document's path.")],
) -> None:
    """Tell the whole story of one URL: where it is now or how it ended, and what happened on the way.

    The exit code is 1 for one that was never submitted.

    Example: `newsmill why https://example.com/story`
    """
    from rich.console import Console

    from workers.cli.tables import story_tables
    from workers.inspect.connections import open_redis, open_rows
    from workers.inspect.story import tell

    settings = read_settings()
    with open_redis(settings) as client, open_rows(settings, empty_ok=True) as store:
        story = tell(client, settings, store, article)
    if story is None:
        typer.echo(f"{article} was never submitted.")
        raise typer.Exit(1)
    Console().print(story_tables(story))


def cluster(
    article: Annotated[str, argument("A URL, an article id, or a document's path.")],
    *,
    json: JsonOption = False,
) -> None:
    """List a story's cluster: the article that came first, and its exact and near copies.

    The exit code is 1 for one that has no outcome yet.

    Example: `newsmill cluster https://example.com/story`
    """
    from rich.console import Console

    from workers.cli.tables import cluster_table
    from workers.inspect.cluster import cluster_of
    from workers.inspect.connections import open_rows

    with open_rows(read_settings()) as store:
        members = cluster_of(store, article)
    if not members:
        typer.echo(f"{article} has no outcome yet. `newsmill why` tells where it is.")
        raise typer.Exit(1)
    if json:
        print_json(members)
    else:
        Console().print(cluster_table(members))


def export(
    *,
    format_: Annotated[
        str | None,
        option(
            "JSON lines unless --output ends otherwise.",
            "--format",
            parser=_format,
            metavar="|".join(FILE_SINKS),
        ),
    ] = None,
    output: Annotated[Path | None, option("A file, instead of standard output.", "--output", "-o")] = None,
    outcome: Annotated[OutcomeName | None, option("Only this outcome.")] = None,
    reason: ReasonOption = None,
    stage: StageOption = None,
    language: Annotated[str | None, option("Only this language, e.g. de.")] = None,
    topic: Annotated[str | None, option("Only this topic: its id, or how its label begins.")] = None,
    host: HostOption = None,
    since: Annotated[datetime | None, option("Settled then or later.", parser=moment, metavar=WHEN)] = None,
    until: Annotated[datetime | None, option("Settled before then.", parser=moment, metavar=WHEN)] = None,
    made_by: Annotated[
        str | None, option("Only where a stage had this version, or one that begins so.", "--made-by")
    ] = None,
    not_made_by: Annotated[
        str | None, option("Only where no stage had this version, or one that begins so.", "--not-made-by")
    ] = None,
    limit: LimitOption = None,
) -> None:
    """Write what became of the URLs, one flat object each, in the order they were settled.

    The versions are the fields extractor, detector, deduper, tagger and taxonomy of what is written.

    Example: `newsmill export --outcome enriched --since 2h | jq .title`

    Example: `newsmill export --outcome enriched --not-made-by minhash-1 | jq -r .url`
    """
    from workers.inspect.connections import open_rows
    from workers.inspect.export import export as write

    filter_ = filter_of(
        outcome=outcome,
        reason=reason,
        stage=stage,
        language=language,
        topic=topic,
        host=host,
        since=since,
        until=until,
        made_by=made_by,
        not_made_by=not_made_by,
    )
    with open_rows(read_settings()) as store:
        write(store, filter_, format_=format_, output=output, limit=limit)


def dead_list(reason: ReasonOption = None, stage: StageOption = None, host: HostOption = None) -> None:
    """Count the failed articles by reason, stage and host.

    Example: `newsmill dead list --reason timeout`
    """
    from rich.console import Console

    from workers.cli.tables import dead_letter_table
    from workers.inspect.connections import open_rows

    with open_rows(read_settings()) as store:
        counted = store.dead(filter_of(reason=reason, stage=stage, host=host))
    Console().print(dead_letter_table(counted))


def dead_replay(
    *,
    reason: ReasonOption = None,
    stage: StageOption = None,
    host: HostOption = None,
    limit: LimitOption = None,
    dry_run: Annotated[bool, option("Only say how many that would be.", "--dry-run")] = False,
) -> None:
    """Submit failed articles again. Their history is kept.

    Example: `newsmill dead replay --reason timeout --limit 100`
    """
    from workers.inspect.connections import frontier_on, open_redis, open_rows
    from workers.inspect.dead_letters import count, replay
    from workers.store.store import open_store

    settings, filter_ = read_settings(), filter_of(reason=reason, stage=stage, host=host)
    with open_rows(settings) as store:
        would_be = count(store, filter_, limit)
    if dry_run:
        typer.echo(f"Would submit {would_be:,} again.")
        return
    with open_store(settings.database_url.get_secret_value()) as store, open_redis(settings) as client:
        frontier = frontier_on(client, settings)
        frontier.check_version()
        print_summary(replay(frontier, store, filter_, limit))


def settings(*, json: JsonOption = False) -> None:
    """List every setting: its value, where that came from, and what it is for. Passwords are masked.

    Example: `NEWSMILL_MAX_IN_FLIGHT=500 newsmill settings`
    """
    from rich.console import Console

    from workers.cli.settings_table import describe, settings_table

    described = describe(read_settings())
    if json:
        print_json([one._asdict() for one in described])
    else:
        Console().print(settings_table(described))
