"""`newsmill why` and `newsmill cluster`: one URL, and the copies of its story."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from typing import Annotated

import typer

from workers.cli.common import read_settings
from workers.cli.options import (
    JsonOption,
    argument,
    print_json,
    warn_of_foreign,
)


def why(
    article: Annotated[str, argument("A URL, an article id, or the path of a document.")],
) -> None:
    """Show all that is known of one URL: where it is or its outcome, and what happened to it.

    The exit code is 1 if it was never submitted.

    Example: `newsmill why https://example.com/story`
    """
    from rich.console import Console

    from workers.cli.tables import story_tables
    from workers.inspect.connections import open_rows
    from workers.inspect.story import tell
    from workers.local.folder_redis import ledger_to_read

    settings = read_settings()
    with ledger_to_read(settings) as client, open_rows(settings, empty_ok=True) as store:
        story = tell(client, settings, store, article)
        warn_of_foreign(client, settings, store)
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
