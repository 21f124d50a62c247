"""Undo Content-Encoding piece by piece, so that a bomb costs one piece of memory, not what it unpacks to."""

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import brotli

from tasks.errors import Reason, TryLater

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: What is asked for (RFC 9110, 12.5.3). Brotli and Zstandard would save a tenth of the bytes, but need windows of
#: megabytes where gzip needs 32 KB, times the threads of a worker; they are undone where they are sent all the same.
ACCEPT_ENCODING = "gzip, deflate"
#: What needs such a window.
WIDE = frozenset({"br", "zstd"})

#: Bytes that one step gives; Brotli's may give twice as many.
_PIECE = 65_536
_GZIP = 16 + zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"
#: Members of one stream. Servers send one, or a few where they put parts together; each costs a copy of what follows,
#: so that 200,000 empty ones, 4 MB, would take seconds.
_MOST_MEMBERS = 100
_ZLIB = zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS
#: log2 of the largest window, and so of the memory, that a Zstandard stream may ask for: RFC 9659, 3 has 8 MB. Of Brotli
#: 4 MB are taken, which is its compressors' default.
_ZSTD_WINDOW = 23
#: Encodings nobody asked for, yet some servers send.
_FOREIGN = frozenset({"compress", "x-compress", "dcb", "dcz"})


class _Decoder(Protocol):
    """One stream, or one member of it."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` unpacks to, a piece at a time; nothing is unpacked ahead of the reader."""

    @property
    def over(self) -> bool:
        """Whether the stream has ended."""

    @property
    def rest(self) -> bytes:
        """What of the last data lies beyond the end."""


def decoded(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the content of `chunks`, which are encoded as the Content-Encoding `encoding` says.

    A token that names no encoding ("none", "utf-8") means the content as it is, as browsers have it. Raises
    TryLater(BAD_RESPONSE) for an encoding that was not asked for, for broken data, and for data cut short.
    """
    if not encoding:
        return iter(chunks)
    tokens = [token for token in (part.strip().lower() for part in encoding.split(",")) if token]
    known = [token for token in (token.removeprefix("x-") for token in tokens) if token in _DECODERS]
    if len(known) > 1 or _FOREIGN.intersection(tokens):
        return _unpacked(chunks, encoding)
    return _unpacked(chunks, known[0]) if known else iter(chunks)


def _unpacked(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    if encoding not in _DECODERS:
        raise TryLater(Reason.BAD_RESPONSE, f"Encoded as {encoding[:40]!r}, which was not asked for.")
    try:
        yield from _members(chunks, encoding)
    except (zlib.error, brotli.error, zstd.ZstdError) as error:
        raise TryLater(Reason.BAD_RESPONSE, f"Broken {encoding} data: {error}.") from error


def _members(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    make, magic = _DECODERS[encoding]
    decoder, held, members = None, b"", 0
    for chunk in chunks:
        data, held = held + chunk, b""
        while data:
            if decoder is None:
                decoder = make(data)
            elif decoder.over:
                if len(data) < len(magic):
                    held = data  # it cannot be told yet what follows
                    break
                if not magic or not data.startswith(magic):
                    return  # padding
                members += 1
                if members == _MOST_MEMBERS:
                    raise TryLater(
                        Reason.BAD_RESPONSE, f"The {encoding} data is in more than {members} pieces."
                    )
                decoder = make(data)  # another member: RFC 1952, 2.2; RFC 8878, 3
            yield from decoder.pieces(data)
            data = decoder.rest if decoder.over else b""
    if decoder is not None and not decoder.over:
        raise TryLater(Reason.BAD_RESPONSE, f"The {encoding} data breaks off.")


class _Zlib:
    """gzip or deflate."""

    def __init__(self, window_bits: int) -> None:
        self._inflater = zlib.decompressobj(window_bits)

    def pieces(self, data: bytes) -> Iterator[bytes]:
        inflater = self._inflater
        piece = inflater.decompress(data, _PIECE)
        yield piece
        while not inflater.eof and (inflater.unconsumed_tail or len(piece) == _PIECE):
            piece = inflater.decompress(inflater.unconsumed_tail, _PIECE)
            yield piece

    @property
    def over(self) -> bool:
        return self._inflater.eof

    @property
    def rest(self) -> bytes:
        return self._inflater.unused_data


class _Brotli:
    """br. It refuses by itself what follows its end."""

    rest = b""

    def __init__(self, data: bytes) -> None:
        # The stream begins with its window's size (RFC 7932, 9.1): 0bxxxx1101 is 2^23, 0bxxxx1111 2^24.
        if data[0] & 0x0F in {0x0D, 0x0F}:
            raise brotli.error("its window is larger than 4 MB")
        self._decoder = brotli.Decompressor()

    def pieces(self, data: bytes) -> Iterator[bytes]:
        decoder = self._decoder
        piece = decoder.process(data, output_buffer_limit=_PIECE)
        # It can accept more while it still holds some of what it has made: only an empty piece is the last.
        while piece or not decoder.can_accept_more_data():
            yield piece
            piece = decoder.process(b"", output_buffer_limit=_PIECE)

    @property
    def over(self) -> bool:
        return bool(self._decoder.is_finished())


class _Zstd:
    """zstd."""

    def __init__(self, _data: bytes) -> None:
        options = {int(zstd.DecompressionParameter.window_log_max): _ZSTD_WINDOW}
        self._decoder = zstd.ZstdDecompressor(options=options)

    def pieces(self, data: bytes) -> Iterator[bytes]:
        decoder = self._decoder
        yield decoder.decompress(data, _PIECE)
        while not decoder.eof and not decoder.needs_input:
            yield decoder.decompress(b"", _PIECE)

    @property
    def over(self) -> bool:
        return bool(self._decoder.eof)

    @property
    def rest(self) -> bytes:
        return self._decoder.unused_data


def _deflate_format(start: bytes) -> int:
    """Return zlib's window bits for "deflate" data: zlib's format (RFC 9110, 8.4.1.2), or bare as some send."""
    is_zlib = start[0] & 0x0F == zlib.DEFLATED and (len(start) == 1 or int.from_bytes(start[:2]) % 31 == 0)
    return _ZLIB if is_zlib else _RAW_DEFLATE


#: How each encoding is undone, and the bytes that begin another member behind the first.
_DECODERS: dict[str, tuple[Callable[[bytes], _Decoder], bytes]] = {
    "gzip": (lambda _data: _Zlib(_GZIP), _GZIP_MAGIC),
    "deflate": (lambda data: _Zlib(_deflate_format(data)), b""),
    "br": (_Brotli, b""),
    "zstd": (_Zstd, b"\x28\xb5\x2f\xfd"),
}
