"""Which source an argument of `newsmill submit` or `newsmill run` names."""

from collections.abc import Callable, Iterable
from pathlib import Path
from pkgutil import resolve_name

from tasks.fetch.fetchers import document_suffixes
from workers.errors import UserError
from workers.sources.listed import is_url
from workers.sources.reading import BY_ITSELF, Reading
from workers.sources.source import Argument, Source

#: Returns the source that an argument names, or None for an argument of another kind.
Opener = Callable[[Argument], Source | None]

#: The kinds of arguments: each is the `module:function` of an `Opener`. The first one that returns a source is used.
OPENERS = (
    "workers.sources.lists:open_stdin",
    "workers.sources.urls:open_url",
    "workers.sources.folders:open_folder",
    "workers.sources.lists:open_list",
    "workers.sources.documents:open_document",
)
#: What to do with lists of other formats.
_CONVERT = {
    **dict.fromkeys((".xlsx", ".xls", ".ods", ".numbers"), "Save the sheet as CSV."),
    **dict.fromkeys((".parquet", ".feather", ".arrow"), "Convert it to CSV."),
    ".zip": "Unpack it.",
}


def open_sources(
    arguments: Iterable[str], *, reading: Reading = BY_ITSELF, texts_are_documents: bool = False
) -> list[Source]:
    """Return the source that each argument names; `reading` says how its lists are read.

    With `texts_are_documents`, a .txt is a document even if it might be a list of URLs. Raises UserError for an
    argument that names no source: a path that does not exist, a file that is neither a list nor a document.
    """
    openers: list[Opener] = [resolve_name(name) for name in OPENERS]
    named = (Argument(text, number, reading, texts_are_documents) for number, text in enumerate(arguments, 1))
    return [_open(argument, openers) for argument in named]


def _open(argument: Argument, openers: Iterable[Opener]) -> Source:
    found = next(filter(None, (opener(argument) for opener in openers)), None)
    if found is not None:
        return found
    path = Path(argument.text)
    if not path.exists():
        name = "Name a file, a folder, or a URL that begins with http:// or https://"
        hint = ", or use --assume-https" if is_url(argument.text, assume_https=True) else ""
        raise UserError(f"{argument.text} does not exist. {name}{hint}.")
    convert = _CONVERT.get(path.suffix.lower(), "Rename or convert it.")
    raise UserError(
        f"{path} is neither a list (.txt, .csv, .tsv, .jsonl) nor a document "
        f"({', '.join(sorted(document_suffixes()))}). {convert}"
    )
