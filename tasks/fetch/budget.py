"""The limits of one fetch, in seconds and bytes. They are enforced at the socket, below every parser."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tasks.errors import Reason, Rejected


@dataclass(frozen=True)
class FetchLimits:
    """Limits of one page; real news pages stay within the defaults."""

    #: Seconds for the DNS look-up, then for each address tried, then for the TLS handshake.
    connect: float = 5.0
    #: Seconds that the server may stay silent.
    read: float = 10.0
    #: Seconds in total: redirects, headers and body, but not the wait for robots.txt and the rate limit.
    total: float = 30.0
    #: Bytes of status line and headers; real ones stay under 20 KB.
    header_bytes: int = 65_536
    #: Bytes of a body as sent, compressed or not.
    wire_bytes: int = 3_000_000
    #: Bytes of a decompressed body. The largest of 181 news pages has 1.5 MB.
    decoded_bytes: int = 3_000_000
    #: Redirects followed: five for robots.txt by RFC 9309, 2.3.1.2, and as many for pages.
    redirects: int = 5

    def check_size(self, body: bytes) -> None:
        """Raise Rejected(TOO_LARGE) for a decompressed body over the limit."""
        if len(body) > self.decoded_bytes:
            raise Rejected(Reason.TOO_LARGE, f"The page is larger than {self.decoded_bytes} bytes.")


class Budget:
    """What is left of the limits of one fetch, over all its requests; used by one thread at a time."""

    def __init__(self, limits: FetchLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self._deadline = clock() + limits.total
        self._bytes_left = 0
        #: What is being received: "headers" or "body".
        self.part = ""

    def seconds(self, most: float) -> float:
        """Return how long the next wait may take, up to `most`; Rejected(TOO_SLOW) after the deadline."""
        left = self._deadline - self._clock()
        if left <= 0:
            raise Rejected(Reason.TOO_SLOW, f"The page took longer than {self.limits.total:g} s.")
        return min(most, left)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the clock during a wait that is not for the page."""
        began = self._clock()
        try:
            yield
        finally:
            self._deadline += self._clock() - began

    def allow(self, size: int, part: str) -> None:
        """Allow `size` more bytes; `part` ("headers", "body") names them in the detail of a rejection."""
        self._bytes_left = size
        self.part = part

    def receive(self, size: int) -> None:
        """Count `size` bytes received."""
        self._bytes_left -= size

    def check_bytes(self) -> None:
        """Raise Rejected(TOO_LARGE) if more bytes were received than allowed."""
        if self._bytes_left < 0:
            raise Rejected(Reason.TOO_LARGE, f"The size of the {self.part} is over the limit.")
