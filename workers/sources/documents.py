"""Local documents: which files are documents, their URLs and their content."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from tasks.extract.url_lists import is_url_list
from tasks.fetch.fetchers import document_suffixes
from workers.errors import UserError
from workers.sources.bounds import EXAMINED_BYTES
from workers.sources.encodings import in_utf8
from workers.sources.regular_files import Open, open_regular, opener_in, real
from workers.sources.source import Argument, Item, LocalDocument, ReadOnce, Refusal, Source
from workers.sources.unpacked import PACKED, blocks_of, open_any, without_packing

#: Maximum size of an unpacked document in bytes; a larger one is refused (a page of 3 MB is rejected anyway).
LARGEST_DOCUMENT = 64 * 1024 * 1024
#: Why a text is not submitted as the text of an article.
IS_LIST = "is a list of URLs, and no article: name it as an argument, without --documents, to read it"


class DocumentError(UserError):
    """A document cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Document(ReadOnce):
    """One document."""

    path: Path

    def read(self, position: str | None) -> Iterator[Item]:
        """Yield the document, or a refusal if it is a list of URLs."""
        del position
        yield checked(self.path)

    def size(self) -> int | None:
        """Return 1."""
        return 1


def open_document(argument: Argument) -> Source | None:
    """Return the source for a file whose suffix is a document's, packed or not; None for anything else."""
    path = Path(argument.text)
    return Document(path) if path.is_file() and suffix_of(path) in document_suffixes() else None


def checked(path: Path, folder: Path | None = None) -> LocalDocument | Refusal:
    """Return the document at `path`, or its refusal: a .txt that is mostly URLs is no article.

    `folder` is the one in which it was found, if it was not named itself.
    """
    if suffix_of(path) == ".txt":
        with suppress(UserError):  # whoever reads it says what is wrong
            if is_url_list(head_of(path, opened=opener_in(folder))):
                return Refusal(str(path), IS_LIST, "")
    return LocalDocument(path, folder)


def suffix_of(path: Path) -> str:
    """Return the suffix that says what the file is, in lower case: `.html` of `a.HTML.gz`."""
    return without_packing(path).suffix.lower()


def document_url(path: Path) -> str:
    """Return the `file:` URL of a document; packed or not, it is the same."""
    return without_packing(real(path)).as_uri()


def path_of(url: str) -> Path | None:
    """Return the file that `document_url` gave this URL to, None if the file does not exist any more."""
    path = Path(url2pathname(urlsplit(url).path))
    packed = (path.with_name(path.name + suffix) for suffix in PACKED)
    return next((one for one in (path, *packed) if one.is_file()), None)


def head_of(path: Path, encoding: str | None = None, *, opened: Open = open_any) -> str:
    """Return the first EXAMINED_BYTES of a text, which `opened` opens. Raises UserError if it cannot be read."""
    head = b""
    try:
        for block in in_utf8(blocks_of(path, opened=opened), encoding):
            head += block
            if len(head) >= EXAMINED_BYTES:
                break
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}. Check the file.") from error
    return head[:EXAMINED_BYTES].decode(errors="replace")


def read_document(path: Path, opened: Open = open_regular) -> bytes:
    """Return the bytes, unpacked, of a document that `opened` opens; DocumentError, with the reason, if it cannot be read."""
    body = bytearray()
    try:
        for block in blocks_of(path, opened=opened):
            body += block
            if len(body) > LARGEST_DOCUMENT:
                raise DocumentError(f"is larger than {LARGEST_DOCUMENT} bytes")
    except OSError as error:
        raise DocumentError(error.strerror or str(error)) from None
    return bytes(body)
