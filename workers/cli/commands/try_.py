"""`newsmill try`: documents and URLs through all stages; nothing is stored."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from typing import Annotated

import typer

from workers.cli.common import read_settings
from workers.cli.options import (
    JsonOption,
    print_json,
)


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
