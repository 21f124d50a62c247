"""Local documents: which files are ones, what URL each has, and what is in it."""

import gzip
import zlib
from pathlib import Path
from typing import IO, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

#: A page, and an article's text as it is.
PAGES = frozenset({".html", ".htm", ".xhtml"})
TEXTS = frozenset({".txt"})

#: Bytes of a document that are read, unpacked; what is longer is refused (a page of 3 MB is rejected anyway).
LARGEST_DOCUMENT = 64 * 1024 * 1024


class DocumentError(Exception):
    """A document cannot be read; the message says why."""


def suffix_of(path: Path) -> str:
    """Return the suffix that tells what is in the file, in lower case: `.html` of `a.HTML.gz`."""
    return _unpacked(path).suffix.lower()


def documents_in(folder: Path) -> list[Path]:
    """Return the documents in `folder` and below it, sorted by name; hidden ones are left out."""
    found = (path for path in folder.rglob("*") if suffix_of(path) in PAGES | TEXTS and path.is_file())
    return sorted(path for path in found if not _is_hidden(path.relative_to(folder)))


def document_url(path: Path) -> str:
    """Return the `file:` URL of a document; packed or not, it is the same one."""
    return _unpacked(path.resolve()).as_uri()


def path_of(url: str) -> Path | None:
    """Return the file that `document_url` gave this URL to, None if it is gone."""
    path = Path(url2pathname(urlsplit(url).path))
    packed = path.with_name(path.name + ".gz")
    return next((one for one in (path, packed) if one.is_file()), None)


def open_unpacked(path: Path) -> IO[bytes]:
    """Return the file, open to read; unpacked if it is a .gz. Reading may raise OSError, EOFError, zlib.error."""
    return cast("IO[bytes]", gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")


def read_document(path: Path) -> bytes:
    """Return the document's bytes, unpacked; DocumentError with a sentence if that cannot be."""
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
