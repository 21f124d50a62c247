"""Which encodings a body has, and how they are undone one after the other: its first bytes overrule its Content-Encoding.

Servers say gzip and send plain text, say nothing and send gzip, or compress twice (curl and browsers take what they
can of that). What is cut off or broken is an error all the same.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterable, Iterator, Sequence

from tasks.errors import Reason, Rejected
from tasks.fetch.decoding import ENCODINGS, LARGE_WINDOW, ZSTD_MAGIC, unpacked

#: Encodings that a body may have in turn: proxies that compress what is compressed. No server has been seen to do it thrice.
_MOST_LAYERS = 2
#: Bytes that are examined. In 64 bytes of compressed data there is a control character but for 6 in 10,000.
_HEAD_BYTES = 64
#: Those that no text has (MIME Sniffing, 3: binary data bytes).
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
#: The beginning of a page, which is no deflate or Brotli: these have no mark of their own, and may begin like a text.
_ASCII = re.compile(rb"[\t\n\f\r -~]{16,64}+")
#: What follows the mark of gzip: the method deflate, and flags of which three are reserved (RFC 1952, 2.3.1).
_GZIP_HEADER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]")
#: The header of zlib's format, with its usual window of 32 KB (RFC 1950, 2.2).
_ZLIB_HEADERS = frozenset({b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"})


def decoded(
    chunks: Iterable[bytes], encodings: Sequence[str], *, most: int, before_large: Callable[[], object]
) -> Iterator[bytes]:
    """Yield the content of `chunks`, to which `encodings`, in lower case, were applied in turn.

    A token that names no encoding ("none", "utf-8") is ignored, as browsers do. `most` is how many bytes a layer inside
    of another one may have. `before_large` is called before a decoder is made that needs megabytes. Raises
    TryLater(BAD_RESPONSE) for encodings that are not supported, for broken data, and for data that breaks off, and
    Rejected(TOO_LARGE) for an inner layer over `most`.
    """
    names = [name for one in encodings if (name := one.removeprefix("x-")) in ENCODINGS]
    if len(names) > _MOST_LAYERS:
        return unpacked(chunks, ", ".join(names))  # which says that this is not supported
    layers = names[::-1] if len(names) == _MOST_LAYERS else [*reversed(names), ""]
    data = iter(chunks)
    for number, name in enumerate(layers):
        data = _layer(data, name, most if number else None, before_large)
    return data


def encoding_of(head: bytes, declared: str) -> str:
    """Return the encoding of data that begins with `head`, 64 bytes where it has as many; '' for none.

    `declared` is one of ENCODINGS, '' for none. It is returned where the bytes do not tell.
    """
    if _GZIP_HEADER.match(head):
        return "gzip"
    if head.startswith(ZSTD_MAGIC):
        return "zstd"
    if not declared or not head:
        return ""
    if declared in {"deflate", "br"}:
        return "" if _ASCII.fullmatch(head.removeprefix(BOM_UTF8)[:_HEAD_BYTES]) else declared
    if _is_text(head):
        return ""
    return "deflate" if declared == "gzip" and head[:2] in _ZLIB_HEADERS else declared


def _is_text(head: bytes) -> bool:
    return head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or not _CONTROL.search(head, 0, _HEAD_BYTES)


def _layer(
    chunks: Iterator[bytes], declared: str, most: int | None, before_large: Callable[[], object]
) -> Iterator[bytes]:
    head = b""
    for chunk in chunks:
        head = head + chunk if head else chunk
        if len(head) >= _HEAD_BYTES:
            break
    encoding = encoding_of(head, declared)
    if not encoding:
        if head:
            yield head
        yield from chunks
        return
    if encoding in LARGE_WINDOW:
        before_large()
    rest = _after(head, chunks)
    yield from unpacked(rest if most is None else _bounded(rest, most), encoding)


def _after(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from chunks


def _bounded(chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
    """Yield the chunks up to `most` bytes: 3 MB may unpack to 3 GB, from which another decoder makes next to nothing."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise Rejected(Reason.TOO_LARGE, f"The body is larger than {most} bytes between its encodings.")
        yield chunk
