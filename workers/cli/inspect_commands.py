"""The commands that show the state of the system: status, why, cluster, export, dead, settings."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

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
    """Return the name of a format; ValueError for an unknown one."""
    if name not in FILE_SINKS:
        raise ValueError(f"{name!r} is not one of {', '.join(FILE_SINKS)}")
    return name


def status(
    *,
    watch: Annotated[bool, option("Update the display until Ctrl-C.", "--watch", "-w")] = False,
    every: Annotated[float, typer.Option(help="Seconds between two updates of --watch.", min=0.1)] = 2.0,
    json: JsonOption = False,
) -> None:
    """Show how many URLs wait, are in progress or are done, with their outcomes, and the throughput.

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
    article: Annotated[str, argument("A URL, an article id, or the path of a document.")],
) -> None:
    """Show all that is known of one URL: where it is or its outcome, and what happened to it.

    The exit code is 1 if it was never submitted.

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
    article: Annotated[str, argument("A URL, an article id, or the path of a document.")],
    *,
    json: JsonOption = False,
) -> None:
    """List the copies of a story: the original article, and its exact and near-duplicates.

    The exit code is 1 if the article has no outcome yet.

    Example: `newsmill cluster https://example.com/story`
    """
    from rich.console import Console

    from workers.cli.tables import cluster_table
    from workers.inspect.cluster import cluster_of
    from workers.inspect.connections import open_rows

    with open_rows(read_settings()) as store:
        members = cluster_of(store, article)
    if not members:
        typer.echo(f"{article} has no outcome yet. `newsmill why` shows where it is.")
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
            "Format of the output. By default the ending of --output decides, else JSON lines.",
            "--format",
            parser=_format,
            metavar="|".join(FILE_SINKS),
        ),
    ] = None,
    output: Annotated[
        Path | None, option("File to write to, instead of standard output.", "--output", "-o")
    ] = None,
    outcome: Annotated[OutcomeName | None, option("Only articles with this outcome.")] = None,
    reason: ReasonOption = None,
    stage: StageOption = None,
    language: Annotated[str | None, option("Only articles in this language, e.g. de.")] = None,
    topic: Annotated[
        str | None, option("Only articles with this topic: its id, or the beginning of its label.")
    ] = None,
    host: HostOption = None,
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
    limit: LimitOption = None,
) -> None:
    """Write the articles, one flat object each, in the order in which they were settled.

    --made-by and --not-made-by compare the fields extractor, detector, deduper, tagger and taxonomy.

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
    dry_run: Annotated[bool, option("Only print how many articles that would be.", "--dry-run")] = False,
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
    """List every setting: its value, where the value comes from, and its meaning. Passwords are masked.

    Example: `NEWSMILL_MAX_IN_FLIGHT=500 newsmill settings`
    """
    from rich.console import Console

    from workers.cli.settings_table import describe, settings_table

    described = describe(read_settings())
    if json:
        print_json([one._asdict() for one in described])
    else:
        Console().print(settings_table(described))
