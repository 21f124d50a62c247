"""Undo Content-Encoding piece by piece, so that a bomb costs one piece of memory, not what it unpacks to.

Only what zlib can decode with a bound on its output is asked for; Brotli and Zstandard are not.
"""

import zlib
from collections.abc import Iterable, Iterator

from tasks.errors import Reason, TryLater

#: What is asked for (RFC 9110, 12.5.3).
ACCEPT_ENCODING = "gzip, deflate"

#: Bytes that one step gives at most.
_PIECE = 65_536
_GZIP = 16 + zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"
_ZLIB = zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS
#: Encodings nobody asked for, yet some servers send.
_FOREIGN = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})


def decoded(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the content of `chunks`, which are encoded as the Content-Encoding `encoding` says.

    A token that names no encoding ("none", "utf-8") means the content as it is, as browsers have it. Raises
    TryLater(BAD_RESPONSE) for an encoding that was not asked for, for broken data, and for data cut short.
    """
    tokens = [token for token in (part.strip().lower() for part in encoding.split(",")) if token]
    known = [token.removeprefix("x-") for token in tokens if token in {"gzip", "x-gzip", "deflate"}]
    if len(known) > 1 or _FOREIGN.intersection(tokens):
        raise TryLater(Reason.BAD_RESPONSE, f"Encoded as {encoding[:40]!r}, which was not asked for.")
    if not known:
        yield from chunks
        return
    try:
        yield from _inflated(chunks, known[0])
    except zlib.error as error:
        raise TryLater(Reason.BAD_RESPONSE, f"Broken {known[0]} data: {error}.") from error


def _inflated(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    inflater = None
    for chunk in chunks:
        data = chunk
        if inflater is None:
            inflater = zlib.decompressobj(_GZIP if encoding == "gzip" else _deflate_format(data))
        while data:
            yield from _pieces(inflater, data)
            data = inflater.unused_data
            if len(data) < len(_GZIP_MAGIC):
                break  # not over yet, or it cannot be told yet what follows
            if encoding != "gzip" or not data.startswith(_GZIP_MAGIC):
                return  # over, and followed by padding
            inflater = zlib.decompressobj(_GZIP)  # another member: RFC 1952, 2.2
    if inflater is not None and not inflater.eof:
        raise TryLater(Reason.BAD_RESPONSE, f"The {encoding} data breaks off.")


def _pieces(inflater: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    """Yield what `data` unpacks to, a piece at a time; nothing is unpacked ahead of the reader."""
    piece = inflater.decompress(data, _PIECE)
    yield piece
    while not inflater.eof and (inflater.unconsumed_tail or len(piece) == _PIECE):
        piece = inflater.decompress(inflater.unconsumed_tail, _PIECE)
        yield piece


def _deflate_format(start: bytes) -> int:
    """Return zlib's window bits for "deflate" data: zlib's format (RFC 9110, 8.4.1.2), or bare as some send."""
    is_zlib = start[0] & 0x0F == zlib.DEFLATED and (len(start) == 1 or int.from_bytes(start[:2]) % 31 == 0)
    return _ZLIB if is_zlib else _RAW_DEFLATE
