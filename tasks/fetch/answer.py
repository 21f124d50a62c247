"""A response on its way: headers first, then as much of the body as the reader wants."""

from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException
from types import TracebackType
from typing import Self

from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from tasks.errors import Reason, TryLater
from tasks.fetch.decoding import decoded

#: Bytes of a body taken from the connection at once.
_CHUNK = 65_536


class Answer:
    """An HTTP response whose headers have arrived; a context manager, to be left exactly once.

    `release(reusable)` is told on leaving whether the connection can carry another request: half a body left
    on it would be taken for the next answer.
    """

    def __init__(self, url: str, response: HTTPResponse, release: Callable[[bool], None]) -> None:
        #: The canonical URL that was asked for.
        self.url = url
        self.status: int = response.status
        #: Names in any case; the values of a header sent twice are joined with a comma.
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._release = release
        self._ended = response.length_remaining == 0
        self._pieces = decoded(self._wire(), self.headers.get("content-encoding", ""))
        self._over = bytearray()

    def read(self, most: int) -> bytes:
        """Return the next `most` bytes of the body, its Content-Encoding undone; fewer only at its end.

        Raises Rejected(TOO_LARGE) and Rejected(TOO_SLOW) once the budget is used up, TryLater(BAD_RESPONSE)
        for a body that breaks off or cannot be decoded.
        """
        while len(self._over) < most:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._over += piece
        taken = bytes(self._over[:most])
        del self._over[:most]
        return taken

    def _wire(self) -> Iterator[bytes]:
        """Yield the body as sent, its framing undone."""
        try:
            yield from self._response.stream(_CHUNK, decode_content=False)
        except (HTTPError, HTTPException, OSError) as error:
            raise TryLater(Reason.BAD_RESPONSE, f"The body breaks off: {error}.") from error
        self._ended = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._response.close()
        self._release(self._ended)
