"""Decode a Content-Encoding piece by piece, so that a decompression bomb takes the memory of one piece, not of all."""

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

#: The encodings asked for (RFC 9110, 12.5.3). Brotli and Zstandard would save a tenth of the bytes, but need windows of
#: megabytes where gzip needs 32 KB, times the threads of a worker. They are decoded where a server sends them unasked.
ACCEPT_ENCODING = "gzip, deflate"
#: Encodings with such a window.
LARGE_WINDOW = frozenset({"br", "zstd"})

#: What data in these formats begins with.
_GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"

#: Bytes decoded in one step; Brotli may return twice as many.
_PIECE = 65_536
_GZIP = 16 + zlib.MAX_WBITS
#: Members of one stream. Servers send one, or a few where they concatenate parts. Each member costs a copy of the data
#: that follows it, so that 200,000 empty ones, 4 MB, would take seconds.
_MOST_MEMBERS = 100
_ZLIB = zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS
#: log2 of the largest window, and so of the memory, that a Zstandard stream may ask for: 8 MB, RFC 9659, 3. For Brotli
#: it is 4 MB, the default of its compressors (`_Brotli`).
_ZSTD_WINDOW = 23


class _Decoder(Protocol):
    """One stream, or one member of it."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Yield the decoded `data`, a piece at a time, none before it is asked for."""

    @property
    def over(self) -> bool:
        """Whether the stream has ended."""

    @property
    def rest(self) -> bytes:
        """The part of the last data that follows the end of the stream."""


def unpacked(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield what `chunks`, which are not empty, have in `encoding`, one of ENCODINGS.

    Raises TryLater(BAD_RESPONSE) for an encoding that is not supported, for broken data, and for data that breaks off.
    """
    if encoding not in _DECODERS:
        raise TryLater(Reason.BAD_RESPONSE, f"The Content-Encoding {encoding[:60]!r} is not supported.")
    try:
        yield from _members(chunks, encoding)
    except (zlib.error, brotli.error, zstd.ZstdError) as error:
        raise TryLater(Reason.BAD_RESPONSE, f"The {encoding} data cannot be decoded: {error}.") from error


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
                    held = data  # too short to tell what follows
                    break
                if not magic or not data.startswith(magic):
                    return  # padding
                members += 1
                if members == _MOST_MEMBERS:
                    raise TryLater(
                        Reason.BAD_RESPONSE, f"The {encoding} data has more than {members} members."
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
    """br. The decoder itself refuses data after the end."""

    rest = b""

    def __init__(self, data: bytes) -> None:
        # The stream begins with its window's size (RFC 7932, 9.1): 0bxxxx1101 is 2^23, 0bxxxx1111 2^24.
        if data[0] & 0x0F in {0x0D, 0x0F}:
            raise brotli.error("the window is larger than 4 MB")
        self._decoder = brotli.Decompressor()

    def pieces(self, data: bytes) -> Iterator[bytes]:
        decoder = self._decoder
        piece = decoder.process(data, output_buffer_limit=_PIECE)
        # It may accept more data while it still holds output: only an empty piece is the last.
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
    """Return zlib's window bits for "deflate" data: zlib's format (RFC 9110, 8.4.1.2), or raw, as some servers send."""
    is_zlib = start[0] & 0x0F == zlib.DEFLATED and (len(start) == 1 or int.from_bytes(start[:2]) % 31 == 0)
    return _ZLIB if is_zlib else _RAW_DEFLATE


#: The decoder of each encoding, and the bytes that begin a further member.
_DECODERS: dict[str, tuple[Callable[[bytes], _Decoder], bytes]] = {
    "gzip": (lambda _data: _Zlib(_GZIP), _GZIP_MAGIC),
    "deflate": (lambda data: _Zlib(_deflate_format(data)), b""),
    "br": (_Brotli, b""),
    "zstd": (_Zstd, ZSTD_MAGIC),
}
#: Encodings that a body may have. Those without a decoder are refused, although some servers send them.
ENCODINGS = frozenset({*_DECODERS, "compress", "dcb", "dcz"})
