"""Which source an argument of `newsmill submit` or `newsmill run` names."""

from collections.abc import Callable, Iterable
from pathlib import Path
from pkgutil import resolve_name

from tasks.fetch.fetchers import document_suffixes
from workers.errors import UserError
from workers.sources.source import Source

#: Returns the source that an argument names, or None for an argument of another kind. The number is the argument's position.
Opener = Callable[[str, int], Source | None]

#: The kinds of arguments: each is the `module:function` of an `Opener`. The first one that returns a source is used.
OPENERS = (
    "workers.sources.lists:open_stdin",
    "workers.sources.urls:open_url",
    "workers.sources.documents:open_folder",
    "workers.sources.lists:open_list",
    "workers.sources.documents:open_document",
)
#: Comes first if every .txt is a document, even one that looks like a list of URLs.
_DOCUMENT = "workers.sources.documents:open_document"


def open_sources(arguments: Iterable[str], *, texts_are_documents: bool = False) -> list[Source]:
    """Return the source that each argument names.

    With `texts_are_documents`, a .txt is a document even if it looks like a list of URLs. Raises UserError for an
    argument that names no source: a path that does not exist, a file that is neither a list nor a document.
    """
    names = (_DOCUMENT, *OPENERS) if texts_are_documents else OPENERS
    openers: list[Opener] = [resolve_name(name) for name in names]
    return [_open(argument, number, openers) for number, argument in enumerate(arguments, 1)]


def _open(argument: str, number: int, openers: Iterable[Opener]) -> Source:
    found = next(filter(None, (opener(argument, number) for opener in openers)), None)
    if found is not None:
        return found
    if not Path(argument).exists():
        raise UserError(
            f"{argument} does not exist. Name a file, a folder, or a URL that begins with http:// or https://."
        )
    raise UserError(
        f"{argument} is neither a list (.txt, .csv, .jsonl) nor a document ({', '.join(sorted(document_suffixes()))}). "
        "Rename or convert it."
    )
