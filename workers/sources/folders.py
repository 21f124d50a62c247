"""Folders: the documents in them, and what else is there."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.fetch.fetchers import document_suffixes
from workers.sources.documents import checked, suffix_of
from workers.sources.sidecars import is_sidecar
from workers.sources.source import Argument, Item, ReadOnce, Skipped, Source
from workers.sources.unpacked import without_packing

#: What browsers append to a page's name for the folder with its parts, in the languages of Windows ("connected files"),
#: in lower case.
_PARTS = (
    *(
        "_files",
        ".files",
        "-dateien",
        "_fichiers",
        "_bestanden",
        "_file",
        "_archivos",
        "-filer",
        "_tiedostot",
    ),
    *(
        "_pliki",
        "_soubory",
        "_elemei",
        "_ficheiros",
        "_arquivos",
        "_dosyalar",
        "_datoteke",
        "_fitxers",
        "_failid",
    ),
    *("_fails", "_bylos", "_fajlovi", "_fitxategiak"),
)
#: Longest suffix of a file that is named as its kind.
_LONGEST_SUFFIX = 8

HIDDEN, UNREADABLE, LINKED, PART, NO_SUFFIX, SPECIAL, OTHER = (
    *("hidden", "unreadable", "linked folders", "parts of saved pages", "without a suffix"),
    *("no regular files", "other"),
)


@dataclass(frozen=True, slots=True)
class Folder(ReadOnce):
    """The documents in a folder and below it."""

    path: Path

    def read(self, position: str | None) -> Iterator[Item]:
        """Yield the documents, sorted by name; a refusal for each list of URLs, and every other file as skipped."""
        del position
        for found in _walk(self.path):
            yield found if isinstance(found, Skipped) else checked(found, self.path)

    def size(self) -> int | None:
        """Return the number of documents."""
        return len(documents_in(self.path))


def open_folder(argument: Argument) -> Source | None:
    """Return the source for a folder: the documents in it; None for anything else."""
    path = Path(argument.text)
    return Folder(path) if path.is_dir() else None


def documents_in(folder: Path) -> list[Path]:
    """Return the documents in `folder` and below it, sorted by name; without hidden ones and parts of saved pages."""
    return [found for found in _walk(folder) if not isinstance(found, Skipped)]


@dataclass(frozen=True, slots=True)
class _Inner:
    """A folder in a folder; whether what is in it belongs to a saved page."""

    path: Path
    is_part: bool


def _walk(folder: Path) -> Iterator[Path | Skipped]:
    """Yield documents and what is skipped, sorted by name. What only has a document's name is refused by whoever reads it.

    Folders may be nested as deeply as the disk allows.
    """
    waiting: list[Path | Skipped | _Inner] = [_Inner(folder, is_part=False)]
    while waiting:
        found = waiting.pop()
        if isinstance(found, _Inner):
            waiting += reversed(_content(found))
        else:
            yield found


def _content(folder: _Inner) -> list[Path | Skipped | _Inner]:
    """Return what is in the folder itself, sorted by name, without sidecars."""
    try:
        with os.scandir(folder.path) as entries:
            content = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return [Skipped(folder.path, UNREADABLE)]
    names = {entry.name.lower() for entry in content}
    stems = {
        without_packing(Path(name)).stem for name in names if suffix_of(Path(name)) in document_suffixes()
    }
    return [_found(entry, folder, stems) for entry in content if not is_sidecar(entry.name.lower(), names)]


def _found(entry: "os.DirEntry[str]", folder: _Inner, stems: set[str]) -> Path | Skipped | _Inner:
    """Return the document, the folder or the skipped file; `stems` are the names of the documents beside it."""
    path = Path(entry.path)
    if entry.name.startswith("."):
        return Skipped(path, HIDDEN)
    if entry.is_dir():
        if entry.is_symlink():  # may lead back
            return Skipped(path, LINKED)
        return _Inner(path, folder.is_part or _is_for_parts(entry.name, stems))
    if suffix_of(path) not in document_suffixes():
        is_special = not (entry.is_file() or entry.is_symlink())
        return Skipped(path, SPECIAL if is_special else _kind(path))
    if not path.exists():  # a link to nowhere, or to itself
        return Skipped(path, UNREADABLE)
    return Skipped(path, PART) if folder.is_part else path


def _is_for_parts(name: str, stems: set[str]) -> bool:
    name = name.lower()
    return any(name.endswith(ending) and name.removesuffix(ending) in stems for ending in _PARTS)


def _kind(path: Path) -> str:
    """Return the kind of a file that is no document: its suffix, where that is one."""
    suffix = suffix_of(path)
    if not suffix:
        return NO_SUFFIX
    return suffix if suffix[1:].isalnum() and len(suffix) <= _LONGEST_SUFFIX else OTHER
