"""`newsmill try`: documents and URLs through all stages; nothing is stored."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from typing import Annotated

from workers.cli.common import read_settings
from workers.cli.options import JsonOption, argument
from workers.cli.streams import notes, nothing, print_json, show


def try_(
    sources: Annotated[
        list[str],
        argument("Documents, folders, URLs, or - for a page on standard input.", metavar="source"),
    ],
    *,
    json: JsonOption = False,
) -> None:
    """Enrich documents and show the result. Nothing is stored, and no Redis is needed.

    A document is an .html, .htm or .xhtml file, or a .txt file with the text of an article; each may be .gz. The
    documents of one call are compared with each other for duplicates. JSON is a line a document. The exit code is 1 if there
    is no document in the folders.

    Example: `newsmill try page.html folder/ https://example.com/story --json`
    """
    from workers.cli.tables import tried_document
    from workers.delivery.http_client import NO_CONTACT
    from workers.local import try_documents

    settings = read_settings()
    expanded = try_documents.expand(sources)
    if not expanded:
        nothing(f"There is no document in {', '.join(sources)}.")
    if not settings.contact and any(one.startswith(("http:", "https:")) for one in expanded):
        notes().print(NO_CONTACT, soft_wrap=True)
    if settings.has_database:
        notes().print("`newsmill try` stores nothing: NEWSMILL_DATABASE_URL is not used.", soft_wrap=True)
    tools = try_documents.MemoryTools.load(settings)
    for tried in try_documents.Pipeline(tools).run(expanded):
        if json:
            print_json(try_documents.as_json(tried))
        else:
            show(tried_document(tried))
