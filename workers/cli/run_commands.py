"""The commands that process articles: submit, run, worker, scheduler, try."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from typing import Annotated

import typer

from workers.cli.options import (
    AgainOption,
    JsonOption,
    PriorityOption,
    SourcesArgument,
    argument,
    option,
    print_json,
    print_summary,
    priority_of,
    read_settings,
)


def submit(
    sources: SourcesArgument = None,
    *,
    priority: PriorityOption = "normal",
    again: AgainOption = False,
    documents: Annotated[
        bool, option("Read .txt files as texts of articles, not as lists of URLs.", "--documents")
    ] = False,
) -> None:
    """Queue URLs and local documents for the workers.

    A list is a .txt file (one URL per line, # comments), a .csv file (column url) or a .jsonl file (key url). Other
    columns and keys are kept with the article as its source. A document is an .html, .htm or .xhtml file, or a .txt file
    without URLs. A folder stands for the documents in it. All files may be .gz. A line that is not an http(s) URL is
    refused and reported; the others are queued. The exit code is 1 if every line was refused.

    Example: `newsmill submit urls.txt more.csv.gz https://example.com/story --priority high`
    """
    from rich.console import Console

    from workers.inspect.connections import frontier_on, open_redis
    from workers.local.progress import show_refusal, submitting
    from workers.sources.arguments import open_sources
    from workers.sources.submit import submit_sources
    from workers.store.store import Store

    settings, console = read_settings(), Console(stderr=True)
    opened = open_sources(_required(sources), texts_are_documents=documents)
    store = Store(settings.database_url.get_secret_value())
    with open_redis(settings) as client, submitting(console, opened) as progress:
        frontier = frontier_on(client, settings)
        frontier.check_version()
        result = submit_sources(
            frontier,
            store,
            opened,
            refuse=show_refusal(console),
            again=again,
            priority=priority_of(priority),
            progress=progress,
        )
    store.close()
    print_summary(result)
    raise typer.Exit(1 if result.refused and result.refused == result.total else 0)


def run(
    sources: SourcesArgument = None,
    *,
    demo: Annotated[
        bool, option("Process the demo's URLs, from the demo's own web server.", "--demo")
    ] = False,
    priority: PriorityOption = "normal",
    again: AgainOption = False,
) -> None:
    """Process URLs on this machine until all are done. It starts a Redis, the scheduler and the workers.

    Without sources it continues an earlier run. You can stop it at any time; the next run continues.

    Example: `newsmill run urls.txt`
    """
    from rich.console import Console

    from workers.local.run import LocalRun

    console = Console(stderr=True)
    local = LocalRun(
        read_settings(), sources or (), console, demo=demo, again=again, priority=priority_of(priority)
    )
    raise typer.Exit(local.run())


def worker(
    queue: Annotated[str, argument("fetch, enrich, or a queue in NEWSMILL_QUEUES.")],
) -> None:
    """Process the tasks of one queue until stopped. Any number may run.

    Example: `newsmill worker fetch`
    """
    from workers.delivery.service import run_worker

    run_worker(read_settings(), queue)


def scheduler() -> None:
    """Publish the articles that are due, and put back those whose lease has expired. One is enough; any number may run.

    Example: `newsmill scheduler`
    """
    from workers.delivery.service import run_scheduler

    run_scheduler(read_settings())


def try_(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Documents, folders, URLs, or - for a page on standard input.", show_default=False
        ),
    ],
    *,
    json: JsonOption = False,
) -> None:
    """Enrich documents and show the result. Nothing is stored, and no Redis is needed.

    A document is an .html, .htm or .xhtml file, or a .txt file with the text of an article; each may be .gz. The
    documents of one call are compared with each other for duplicates.

    Example: `newsmill try page.html folder/ https://example.com/story --json`
    """
    from rich.console import Console

    from workers.cli.tables import tried_panel
    from workers.delivery.http_client import NO_CONTACT
    from workers.local import try_documents
    from workers.logs import set_up_logging

    settings = read_settings()
    expanded = try_documents.expand(sources)
    if not settings.contact and any(one.startswith(("http:", "https:")) for one in expanded):
        typer.echo(NO_CONTACT, err=True)
    if settings.has_database:
        typer.echo("`newsmill try` stores nothing: NEWSMILL_DATABASE_URL is not used.", err=True)
    set_up_logging(settings.model_copy(update={"log_level": "WARNING"}))
    console = Console()
    tools = try_documents.MemoryTools.load(settings)
    for tried in try_documents.Pipeline(tools).run(expanded):
        if json:
            print_json(try_documents.as_json(tried))
        else:
            console.print(tried_panel(tried))


def _required(sources: list[str] | None) -> list[str]:
    if not sources:
        raise typer.BadParameter("name what to submit: URLs, lists, documents, or - for standard input")
    return sources
