"""Local documents: which files are documents, their URLs and their content."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

from tasks.fetch.fetchers import document_suffixes
from workers.errors import UserError
from workers.sources.source import Item, LocalDocument, ReadOnce, Source

#: Maximum size of an unpacked document in bytes; a larger one is refused (a page of 3 MB is rejected anyway).
LARGEST_DOCUMENT = 64 * 1024 * 1024


class DocumentError(UserError):
    """A document cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Documents(ReadOnce):
    """One document, or those in a folder."""

    path: Path

    def read(self, position: str | None) -> Iterator[Item]:
        """Yield the document, or those in the folder and below it, sorted by name."""
        del position
        return map(LocalDocument, documents_in(self.path) if self.path.is_dir() else [self.path])

    def size(self) -> int | None:
        """Return the number of documents."""
        return len(documents_in(self.path)) if self.path.is_dir() else 1


def open_folder(argument: str, number: int) -> Source | None:
    """Return the source for a folder: the documents in it; None for anything else."""
    del number
    return Documents(Path(argument)) if Path(argument).is_dir() else None


def open_document(argument: str, number: int) -> Source | None:
    """Return the source for a file whose suffix is a document's, with or without .gz; None for anything else."""
    del number
    path = Path(argument)
    return Documents(path) if path.is_file() and suffix_of(path) in document_suffixes() else None


def suffix_of(path: Path) -> str:
    """Return the suffix that says what the file is, in lower case: `.html` of `a.HTML.gz`."""
    return _unpacked(path).suffix.lower()


def documents_in(folder: Path) -> list[Path]:
    """Return the documents in `folder` and below it, sorted by name; without hidden ones."""
    found = (path for path in folder.rglob("*") if suffix_of(path) in document_suffixes() and path.is_file())
    return sorted(path for path in found if not _is_hidden(path.relative_to(folder)))


def document_url(path: Path) -> str:
    """Return the `file:` URL of a document; with or without .gz, it is the same."""
    return _unpacked(path.resolve()).as_uri()


def path_of(url: str) -> Path | None:
    """Return the file that `document_url` gave this URL to, None if the file does not exist any more."""
    path = Path(url2pathname(urlsplit(url).path))
    packed = path.with_name(path.name + ".gz")
    return next((one for one in (path, packed) if one.is_file()), None)


def open_unpacked(path: Path) -> IO[bytes]:
    """Return the file, open to read; unpacked if it is a .gz. Reading may raise OSError, EOFError, zlib.error."""
    return cast("IO[bytes]", gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")


def read_document(path: Path) -> bytes:
    """Return the document's bytes, unpacked; DocumentError, with the reason, if it cannot be read."""
    try:
        with open_unpacked(path) as file:
            body = file.read(LARGEST_DOCUMENT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DocumentError(getattr(error, "strerror", None) or str(error)) from None
    if len(body) > LARGEST_DOCUMENT:
        raise DocumentError(f"is larger than {LARGEST_DOCUMENT} bytes")
    return body


def _unpacked(path: Path) -> Path:
    return path.with_suffix("") if path.suffix.lower() == ".gz" else path


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
