"""A response of HTTP/1 (RFC 9112) as it comes from a connection: status, headers, and the body without its framing.

http.client reads headers with the parser for e-mail, which ends at the first line that is no header: the lengths and
encodings behind it are lost. Browsers leave that line out.
"""

import re
from typing import BinaryIO

from tasks.fetch.headers import Headers, parse_headers

_STATUS_LINE = re.compile(rb"HTTP/1\.([0-9]{1,3})[ \t]++([1-9][0-9]{2})(?:[ \t].*+)?", re.DOTALL)
#: Interim responses before the final one: continue, processing, early hints (RFC 8297).
_INTERIM = frozenset({100, 102, 103})
#: Responses without a body, whatever their headers say (RFC 9112, 6.3).
_BODILESS = frozenset({204, 304})
_CHUNK = re.compile(rb"[ \t]*+([0-9A-Fa-f]{1,15}+)[ \t]*+(?:;[^\n]*+|\r*+)\n")
#: Longest line within a chunked body, in bytes; it is the size of a chunk and its extensions, or a trailer.
_LONGEST_LINE = 65_536
#: Digits of a length: 10^15 bytes are more than any limit.
_LONGEST_LENGTH = 15
_LINE_END = b"\r\n"
_LINE_ENDS = frozenset({b"\r\n", b"\n"})
#: What trailers end with; some servers close the connection in their place.
_LAST_LINES = frozenset({*_LINE_ENDS, b""})


class MessageError(Exception):
    """What was sent is no response, or its body breaks off; the message says why."""


class Message:
    """One final response, read from `stream`, whose reads may raise.

    `stream` itself raises if it ends within the headers; within a body its end is seen here.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.status, version = self._status_line()
        self.headers = self._header_section()
        while self.status in _INTERIM:
            self.status, version = self._status_line()
            self.headers = self._header_section()
        codings = self.headers.tokens("transfer-encoding")
        #: Whether the body comes in chunks (RFC 9112, 7.1). Browsers look for this coding anywhere in the list.
        self.is_chunked = "chunked" in codings
        #: Bytes of the body still to be read; None where its length was not sent.
        self.bytes_left = _content_length(self.headers)
        #: Whether the connection can carry no other request after this response.
        self.ends_connection = _closes(self.headers, version) or not self.headers.is_sound
        if self.status in _BODILESS or self.status < 200:  # noqa: PLR2004 - 101, and those that nobody knows
            self.ends_connection |= bool(codings or self.bytes_left)
            self.is_chunked, self.bytes_left = False, 0
        else:
            # Without a length the body ends with the connection; with two, others may see another end (RFC 9112, 6.3).
            self.ends_connection |= (self.bytes_left is None) is not self.is_chunked
        if self.is_chunked:
            self.bytes_left = None
        self._chunk_left = 0
        self._is_over = False

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes of the body, fewer only at its end. Raises MessageError for an invalid chunk.

        `bytes_left` tells whether a body with a length has ended too early.
        """
        if self.is_chunked:
            return self._read_chunks(size)
        if self.bytes_left is None:
            return self._stream.read(size)
        if not self.bytes_left:
            return b""
        data = self._stream.read(min(size, self.bytes_left))
        self.bytes_left -= len(data)
        return data

    def close(self) -> None:
        """Close the stream, not its connection."""
        self._stream.close()

    def _status_line(self) -> tuple[int, int]:
        """Return the status and the minor version of HTTP/1."""
        line = self._stream.readline().rstrip(_LINE_END)
        found = _STATUS_LINE.fullmatch(line)
        if found is None:
            raise MessageError(f"the status line is {line[:60]!r}")
        return int(found[2]), int(found[1])

    def _header_section(self) -> Headers:
        readline = self._stream.readline
        lines = []
        while line := readline().rstrip(_LINE_END):
            lines.append(line)
        return parse_headers(lines)

    def _read_chunks(self, size: int) -> bytes:
        pieces = []
        read, left = self._stream.read, self._chunk_left
        while size and not self._is_over:
            if not left:
                left = self._next_chunk()
                continue
            wanted = min(size, left)
            piece = read(wanted)
            if len(piece) < wanted:
                raise MessageError("the connection was closed within a chunk")
            pieces.append(piece)
            size -= wanted
            left -= wanted
            if not left and self._line() not in _LINE_ENDS:
                raise MessageError("a chunk is longer than its size")
        self._chunk_left = left
        return b"".join(pieces)

    def _next_chunk(self) -> int:
        """Return the size of the next chunk; 0 at the end, with the trailers left out."""
        line = self._line()
        found = _CHUNK.fullmatch(line)
        if found is None:
            raise MessageError(f"the size of a chunk is {line[:60]!r}")
        size = int(found[1], 16)
        if not size:
            self._is_over = True
            while self._line(may_end=True) not in _LAST_LINES:
                """Leave it out."""
        return size

    def _line(self, *, may_end: bool = False) -> bytes:
        """Return a line within a chunked body, with its end; one that `may_end` may end with the connection."""
        line = self._stream.readline(_LONGEST_LINE)
        if not line.endswith(b"\n") and not (may_end and len(line) < _LONGEST_LINE):
            raise MessageError("a line of a chunk is too long" if line else "the last chunk is missing")
        return line


def _content_length(headers: Headers) -> int | None:
    """Return the Content-Length; None where there is none, or where it is no number, which browsers ignore."""
    lengths = set(headers.tokens("content-length"))
    if len(lengths) > 1:
        raise MessageError("different Content-Lengths")  # RFC 9112, 6.3: unrecoverable
    length = lengths.pop() if lengths else ""
    if not (length.isascii() and length.isdigit()):
        return None
    if len(length) > _LONGEST_LENGTH:
        raise MessageError("a Content-Length without end")
    return int(length)


def _closes(headers: Headers, version: int) -> bool:
    """Return whether the server closes the connection after a response of HTTP/1.`version` (RFC 9112, 9.3)."""
    options = headers.tokens("connection")
    if version:
        return "close" in options
    return "keep-alive" not in options and "keep-alive" not in headers
