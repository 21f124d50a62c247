"""A connection that goes only where the guard lets it, and costs only what the budget allows.

urllib3's connection classes make the connection and its TLS (host name and SNI are the URL's); where to, `_new_conn`
decides. http.client reads the answer, through a meter: deadlines and sizes are kept below every parser, so a status
line, a header or a chunk size that drips is bounded like a body that does.
"""

import io
import socket
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from tasks.fetch.addresses import AddressGuard
from tasks.fetch.budget import Budget

#: Bytes asked of the socket at once; headers may overrun their limit by no more than this.
_READ_AHEAD = 16_384
#: Answers before the answer, of which http.client knows 100 only: processing, early hints (RFC 8297).
_HINTS = frozenset({102, 103})
#: Addresses of one name that are tried: one dead data centre must not use up the page's time.
_MOST_ADDRESSES = 4


class GuardedConnection(HTTPConnection):
    """An HTTP connection to addresses that `guard` checked; `budget` is that of the page being fetched."""

    def __init__(self, host: str, port: int, *, guard: AddressGuard, budget: Budget, **options: Any) -> None:
        super().__init__(host, port, **options)
        self.guard = guard
        self.budget = budget

    def ask(self, request: bytes, budget: Budget) -> HTTPResponse:
        """Send a GET request and return its response, the headers read.

        `budget` pays for it: the limits of its headers, then those of its body. Raises OSError and
        http.client.HTTPException. The connection is the response's until that has been read to its end.
        """
        self.budget = budget
        budget.allow(budget.limits.header_bytes, "headers")
        assert self.sock is not None  # noqa: S101 - it is connected
        self.sock.settimeout(budget.seconds(budget.limits.read))
        self.sock.sendall(request)
        response = _MeteredResponse(self.sock, budget)
        try:
            response.begin_final()
        except BaseException:
            response.close()
            raise
        budget.allow(budget.limits.wire_bytes, "body")
        return response

    def _new_conn(self) -> socket.socket:
        patience = self.budget.limits.connect
        trouble: OSError = OSError("no address")
        for address in self.guard.addresses(self.host, self.budget.seconds(patience))[:_MOST_ADDRESSES]:
            try:
                sock = socket.create_connection((address, self.port), self.budget.seconds(patience))
            except OSError as error:
                trouble = error
            else:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock  # its timeout is the TLS handshake's as well
        raise trouble


class GuardedTLSConnection(GuardedConnection, HTTPSConnection):
    """The same over TLS."""


class _MeteredResponse(HTTPResponse):
    """A response that is read through a meter."""

    def __init__(self, sock: socket.socket, budget: Budget) -> None:
        super().__init__(sock, method="GET")
        self.fp = io.BufferedReader(_Meter(self.fp.detach(), sock, budget), _READ_AHEAD)

    def begin_final(self) -> None:
        """Read status and headers of the answer itself, past hints of it."""
        self.begin()
        while self.status in _HINTS:
            self.headers = None  # type: ignore[assignment] # as it was before it had begun
            self.begin()
        if len(set(self.headers.get_all("content-length", ()))) > 1:
            raise HTTPException("two lengths of one body")  # RFC 9112, 6.3: unrecoverable


class _Meter(io.RawIOBase):
    """The raw stream of a socket; each receive gets the time, and counts against the bytes, left."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, budget: Budget) -> None:
        self._raw = raw
        self._sock = sock
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        budget = self._budget
        budget.check_bytes()
        self._sock.settimeout(budget.seconds(budget.limits.read))
        try:
            size = self._raw.readinto(buffer)
        except TimeoutError:
            budget.seconds(0)  # whose time was it that ran out: the page's, or this receive's
            raise
        if not size and budget.part == "headers":
            # http.client takes the end of the connection for the end of the headers.
            raise RemoteDisconnected("the connection was closed before the headers were over")
        budget.receive(size or 0)
        if budget.part == "body":  # headers are read ahead, into the body
            budget.check_bytes()
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()
