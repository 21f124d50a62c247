"""An HTTP response whose headers have arrived, and whose body is read as far as it is needed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from threading import BoundedSemaphore
from types import TracebackType
from typing import Self

from tasks.errors import Reason, TryLater
from tasks.fetch.headers import Headers
from tasks.fetch.layers import decoded
from tasks.fetch.message import Message, MessageError

#: Bytes of a page that every thread may hold. Of 181 news pages 12 in 100 are larger, the largest 1.5 MB.
_SMALL = 262_144
#: Bytes of a body read from the connection at once. Nearly all pages fit into the first, so that they are not put
#: together from pieces; the second, for encoded bodies, decodes to about as much.
_CHUNK, _ENCODED_CHUNK = 262_144, 65_536


class Response:
    """An HTTP response; a context manager, to be left exactly once.

    `release(reusable)` is called on leaving and says whether the connection can carry another request: what is left of
    a body would be taken for the next response. `most` is how many bytes an encoded body inside of another encoding may
    have. A body larger than _SMALL, or one whose decoder needs a large window, waits for `large` before it is read on, so
    that few large pages are held at once. `pause` holds the deadline meanwhile.
    """

    def __init__(
        self,
        url: str,
        stream: Message,
        release: Callable[[bool], None],
        *,
        most: int,
        large: BoundedSemaphore,
        pause: Callable[[], AbstractContextManager[None]],
    ) -> None:
        #: The URL of the request.
        self.url = url
        self.status = stream.status
        self.headers: Headers = stream.headers
        self._stream = stream
        self._release = release
        self._is_complete = stream.bytes_left == 0
        # A transfer coding is the last that was applied (RFC 9112, 7).
        encodings = self.headers.tokens("content-encoding") + self.headers.tokens("transfer-encoding")
        self._chunk_size = _ENCODED_CHUNK if encodings else _CHUNK
        self._rest = decoded(self._wire(), encodings, most=most, before_large=self._wait_for_large)
        self._read: list[bytes] = []
        self._size = 0
        self._large = large
        self._pause = pause
        self._holds_large = False

    def peek(self, least: int) -> bytes:
        """Return the beginning of the body, `least` bytes or more; fewer only if the body is shorter.

        Raises as `read` does.
        """
        self._gather(least)
        return b"".join(self._read)

    def read(self, most: int) -> bytes:
        """Return the decoded body, up to `most` bytes.

        Raises Rejected(TOO_LARGE) and Rejected(TOO_SLOW) when the budget is used up, TryLater(BAD_RESPONSE)
        for a body that breaks off or cannot be decoded.
        """
        self._gather(most)
        body = b"".join(self._read)
        self._read.clear()
        return body[:most]

    def _gather(self, least: int) -> None:
        while self._size < least and (piece := next(self._rest, None)) is not None:
            self._read.append(piece)
            self._size += len(piece)
            if self._size > _SMALL:
                self._wait_for_large()

    def _wait_for_large(self) -> None:
        if not self._holds_large:
            with self._pause():
                self._holds_large = self._large.acquire()

    def _wire(self) -> Iterator[bytes]:
        """Yield the body as sent, without its framing."""
        stream = self._stream
        try:
            while chunk := stream.read(self._chunk_size):
                yield chunk
        except (MessageError, OSError) as error:
            raise TryLater(Reason.BAD_RESPONSE, f"The body breaks off: {error}.") from error
        if stream.bytes_left:
            raise TryLater(
                Reason.BAD_RESPONSE, f"The body breaks off: {stream.bytes_left} bytes are missing."
            )
        self._is_complete = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # `_rest` refers to this object, and so keeps it, with up to 3 MB, until the garbage collector runs.
        self._read.clear()
        self._rest = iter(())
        if self._holds_large:
            self._large.release()
        self._stream.close()
        self._release(self._is_complete and not self._stream.ends_connection)
