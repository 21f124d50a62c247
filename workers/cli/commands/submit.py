"""`newsmill submit`: queue URLs and documents."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from workers.cli.advice import print_next_step, print_note
from workers.cli.common import read_settings
from workers.cli.options import (
    AgainOption,
    AssumeHttpsOption,
    ColumnOption,
    DelimiterOption,
    EncodingOption,
    JsonOption,
    PriorityOption,
    RefusedOption,
    SourcesArgument,
    TakeOverOption,
    option,
    priority_of,
)
from workers.cli.streams import notes, print_summary, say
from workers.errors import NOTHING
from workers.output.words import counted


def submit(
    sources: SourcesArgument = None,
    *,
    priority: PriorityOption = "normal",
    again: AgainOption = False,
    documents: Annotated[
        bool, option("Read .txt files as texts of articles, not as lists of URLs.", "--documents")
    ] = False,
    encoding: EncodingOption = None,
    column: ColumnOption = None,
    delimiter: DelimiterOption = None,
    assume_https: AssumeHttpsOption = False,
    refused: RefusedOption = None,
    take_over: TakeOverOption = False,
    without_row: Annotated[
        bool,
        option(
            "Queue URLs again that are done and have no row: after a backup of the store was restored.",
            "--without-row",
        ),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Queue URLs and local documents for the workers.

    A list is a .txt file (one URL per line, # comments), a table (.csv, .tsv) or JSON Lines (.jsonl). The URL is in the
    column or key url, link or href, or in the only column of the first row that has one. Other columns and keys are kept
    with the article as its source. A document is an .html, .htm or .xhtml file, or a .txt file that is not mostly URLs; a
    folder stands for the documents in it. All files may be packed (.gz, .bz2, .xz, .zst). What is no http(s) URL is refused,
    counted and shown; the rest is queued. The exit code is 1 if nothing was taken, or if no replica of Redis has confirmed
    what was queued.

    Example: `newsmill submit urls.txt more.csv.gz https://example.com/story --priority high`

    Example: `newsmill submit export.csv --column 3 --encoding windows-1252 --refused refused.jsonl`
    """
    from workers.inspect.connections import frontier_on
    from workers.ledger.known_rows import known_rows
    from workers.ledger.pair import check_ledger, pair
    from workers.ledger.rekey import check_keys
    from workers.local.folder import quoted
    from workers.local.folder_redis import ledger_to_write, own_redis
    from workers.local.progress import submitting
    from workers.local.refusals import reporting
    from workers.sources.arguments import open_sources
    from workers.sources.reading import Reading
    from workers.sources.submit import submit_sources
    from workers.store.store import Store

    settings, console, named = read_settings(), notes(), _required(sources)
    reading = Reading.of(encoding=encoding, column=column, delimiter=delimiter, assume_https=assume_https)
    opened = open_sources(named, reading=reading, texts_are_documents=documents)
    folder = own_redis(settings)

    def prepare(store: Store) -> None:
        store.migrate()
        print_note(pair(client, settings, store, take_over=take_over, folder=folder))

    store = Store(settings.database_url.get_secret_value())

    def moved(place: Path) -> None:
        say(f"Moved the demo to {quoted(place)}.")

    with (
        reporting(console, named, refused) as report,
        ledger_to_write(settings, moved=moved) as client,
        submitting(console, opened) as progress,
    ):
        frontier = frontier_on(client, settings)
        frontier.check_version()
        check_keys(client, settings)
        # With a Redis alone, the database of this folder is not meant.
        is_meant = settings.has_database or not settings.has_redis
        if is_meant:
            check_ledger(client, settings, take_over=take_over, folder=folder)
        with known_rows(settings, client, say) if is_meant else nullcontext() as rows:
            result = submit_sources(
                frontier,
                store,
                opened,
                report=report,
                again=again,
                priority=priority_of(priority),
                progress=progress,
                prepare=prepare,
                rows=rows,
                without_row=without_row,
            )
    store.close()
    print_summary(result, as_json=json)
    if result.without_row and not without_row:
        say(
            f"{counted(result.without_row, 'URL')} of them the ledger has as done, and the store has no row of. Was a backup of "
            "the store restored? Then submit the list once more with --without-row."
        )
    if result.taken:
        print_next_step(settings)
    raise typer.Exit(NOTHING if result.unconfirmed or report.took_nothing(result.taken) else 0)


def _required(sources: list[str] | None) -> list[str]:
    if not sources:
        raise typer.BadParameter("name what to submit: URLs, lists, documents, or - for standard input")
    return sources
