"""A response on its way: headers first, then as much of the body as the reader wants."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.client import HTTPException, HTTPMessage, HTTPResponse
from threading import BoundedSemaphore
from types import TracebackType
from typing import Self

from tasks.errors import Reason, TryLater
from tasks.fetch.decoding import WIDE, decoded

#: Bytes of a page that any thread may hold. Of 181 news pages 12 in 100 are larger, the largest 1.5 MB.
_SMALL = 262_144
#: Bytes of a body taken from the connection at once: as it is, nearly all pages, so that they are not put together from
#: pieces; encoded, what unpacks to as much.
_CHUNK, _ENCODED_CHUNK = 262_144, 65_536


class Answer:
    """An HTTP response whose headers have arrived; a context manager, to be left exactly once.

    `release(reusable)` is told on leaving whether the connection can carry another request: half a body left
    on it would be taken for the next answer. A body that outgrows _SMALL, or needs a window as large, waits for one of the places in `large`, and the
    deadline with it (`pause`): that keeps the threads of a worker from holding as many large pages at once.
    """

    def __init__(
        self,
        url: str,
        response: HTTPResponse,
        release: Callable[[bool], None],
        *,
        large: BoundedSemaphore,
        pause: Callable[[], AbstractContextManager[None]],
    ) -> None:
        #: The canonical URL that was asked for.
        self.url = url
        self.status: int = response.status
        #: Names in any case. `get` gives the first of several with one name, `get_all` all.
        self.headers: HTTPMessage = response.headers
        self._response = response
        self._release = release
        self._ended = response.length == 0
        encoding = self._joined("content-encoding")
        self._rest = decoded(self._wire(), encoding)
        self._is_encoded = bool(encoding)
        self._is_wide = encoding.strip().lower() in WIDE
        self._read: list[bytes] = []
        self._size = 0
        self._large = large
        self._pause = pause
        self._has_place = False

    def peek(self, least: int) -> bytes:
        """Return the beginning of the body, `least` bytes or more; fewer only if there are no more.

        Raises as `read` does.
        """
        self._gather(least)
        return b"".join(self._read)

    def read(self, most: int) -> bytes:
        """Return the body, its Content-Encoding undone, up to `most` bytes.

        Raises Rejected(TOO_LARGE) and Rejected(TOO_SLOW) once the budget is used up, TryLater(BAD_RESPONSE)
        for a body that breaks off or cannot be decoded.
        """
        self._gather(most)
        body = b"".join(self._read)
        self._read.clear()
        return body[:most]

    def _gather(self, least: int) -> None:
        if self._is_wide:
            self._take_place()
        while self._size < least and (piece := next(self._rest, None)) is not None:
            self._read.append(piece)
            self._size += len(piece)
            if self._size > _SMALL:
                self._take_place()

    def _take_place(self) -> None:
        if not self._has_place:
            with self._pause():
                self._has_place = self._large.acquire()

    def _joined(self, name: str) -> str:
        return ", ".join(self.headers.get_all(name, ()))

    def _wire(self) -> Iterator[bytes]:
        """Yield the body as sent, its framing undone."""
        response = self._response
        size = _ENCODED_CHUNK if self._is_encoded or response.chunked else _CHUNK
        try:
            while chunk := response.read(size):
                yield chunk
        except (HTTPException, OSError, ValueError) as error:  # ValueError: a chunk of less than no bytes
            raise TryLater(Reason.BAD_RESPONSE, f"The body breaks off: {error}.") from error
        if response.length:  # http.client does not mind
            raise TryLater(Reason.BAD_RESPONSE, f"The body breaks off: {response.length} bytes are missing.")
        self._ended = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The rest is read by a method of this object: dropped here, or both would wait for the garbage collector, and a
        # bomb's 3 MB with them.
        self._read.clear()
        self._rest = iter(())
        if self._has_place:
            self._large.release()
        self._response.close()
        self._release(self._ended and not self._response.will_close)
