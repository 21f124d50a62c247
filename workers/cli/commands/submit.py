"""`newsmill submit`: queue URLs and documents."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from pathlib import Path
from typing import Annotated

import typer

from workers.cli.advice import print_next_step, print_note
from workers.cli.common import read_settings
from workers.cli.options import (
    AgainOption,
    JsonOption,
    PriorityOption,
    SourcesArgument,
    TakeOverOption,
    option,
    priority_of,
)
from workers.cli.streams import notes, print_summary, say


def submit(
    sources: SourcesArgument = None,
    *,
    priority: PriorityOption = "normal",
    again: AgainOption = False,
    documents: Annotated[
        bool, option("Read .txt files as texts of articles, not as lists of URLs.", "--documents")
    ] = False,
    take_over: TakeOverOption = False,
    json: JsonOption = False,
) -> None:
    """Queue URLs and local documents for the workers.

    A list is a .txt file (one URL per line, # comments), a .csv file (column url) or a .jsonl file (key url). Other
    columns and keys are kept with the article as its source. A document is an .html, .htm or .xhtml file, or a .txt file
    without URLs. A folder stands for the documents in it. All files may be .gz. A line that is not an http(s) URL is
    refused and reported; the others are queued. The exit code is 1 if every line was refused.

    Example: `newsmill submit urls.txt more.csv.gz https://example.com/story --priority high`
    """
    from workers.inspect.connections import frontier_on
    from workers.ledger.pair import check_ledger, pair
    from workers.local.folder import shown
    from workers.local.folder_redis import ledger_to_write, own_redis
    from workers.local.progress import show_refusal, submitting
    from workers.sources.arguments import open_sources
    from workers.sources.submit import submit_sources
    from workers.store.store import Store

    settings, console = read_settings(), notes()
    opened = open_sources(_required(sources), texts_are_documents=documents)

    folder = own_redis(settings)

    def prepare(store: Store) -> None:
        store.migrate()
        print_note(pair(client, settings, store, take_over=take_over, folder=folder))

    store = Store(settings.database_url.get_secret_value())

    def moved(place: Path) -> None:
        say(f"Moved the demo to {shown(place)}.")

    with ledger_to_write(settings, moved=moved) as client, submitting(console, opened) as progress:
        frontier = frontier_on(client, settings)
        frontier.check_version()
        if settings.has_database or not settings.has_redis:
            # With a Redis alone, the database of this folder is not meant.
            check_ledger(client, settings, take_over=take_over, folder=folder)
        result = submit_sources(
            frontier,
            store,
            opened,
            refuse=show_refusal(console),
            again=again,
            priority=priority_of(priority),
            progress=progress,
            prepare=prepare,
        )
    store.close()
    print_summary(result, as_json=json)
    print_next_step(settings)
    raise typer.Exit(1 if result.refused and result.refused == result.total else 0)


def _required(sources: list[str] | None) -> list[str]:
    if not sources:
        raise typer.BadParameter("name what to submit: URLs, lists, documents, or - for standard input")
    return sources
