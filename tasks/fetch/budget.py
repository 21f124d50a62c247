"""What one fetch may cost: seconds and bytes, kept at the socket, where no server can talk its way around."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tasks.errors import Reason, Rejected


@dataclass(frozen=True)
class FetchLimits:
    """Limits of one page; the defaults are what real news pages keep."""

    #: Seconds for the name, then for each address tried, then for the TLS handshake.
    connect: float = 5.0
    #: Seconds that the server may stay silent.
    read: float = 10.0
    #: Seconds in all: every redirect, headers and body; waiting for robots.txt is not the page's time.
    total: float = 30.0
    #: Bytes of status line and headers. http.client takes as much in a single line; real ones stay under 20 KB.
    header_bytes: int = 65_536
    #: Bytes of a body as sent, compressed or not.
    wire_bytes: int = 3_000_000
    #: Bytes of a body once decompressed. Among the pages measured, no real article was larger.
    decoded_bytes: int = 3_000_000
    #: Redirects followed. RFC 9309, 2.3.1.2 asks for five at robots.txt; pages get as many.
    redirects: int = 5


class Budget:
    """What is left of the limits for one fetch, over all its requests; used by one thread at a time."""

    def __init__(self, limits: FetchLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self._deadline = clock() + limits.total
        self._bytes_left = 0
        #: What is being received: "headers" or "body".
        self.part = ""

    def seconds(self, most: float) -> float:
        """Return how long the next wait may be, `most` at the most; Rejected(TOO_SLOW) past the deadline."""
        left = self._deadline - self._clock()
        if left <= 0:
            raise Rejected(Reason.TOO_SLOW, f"The page took longer than {self.limits.total:g} s.")
        return min(most, left)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Hold the deadline while something else than the page is waited for."""
        began = self._clock()
        try:
            yield
        finally:
            self._deadline += self._clock() - began

    def allow(self, size: int, part: str) -> None:
        """Let `size` bytes arrive from here on; `part` ("headers", "body") names them in the refusal."""
        self._bytes_left = size
        self.part = part

    def receive(self, size: int) -> None:
        """Count `size` bytes that arrived."""
        self._bytes_left -= size

    def check_bytes(self) -> None:
        """Raise Rejected(TOO_LARGE) if more has arrived than was allowed."""
        if self._bytes_left < 0:
            raise Rejected(Reason.TOO_LARGE, f"The {self.part} sent are over the limit.")
