"""A connection that goes only where the guard lets it, and costs only what the budget allows.

urllib3's connection classes keep their TLS (host name and SNI are the URL's); two seams are used: `_new_conn`,
which makes the socket, and http.client's `response_class`, which reads from it. Deadlines and sizes are kept
below every parser, so a status line, a header or a chunk size that drips is bounded like a body that does.
"""

import http.client
import io
import socket
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from tasks.fetch.addresses import AddressGuard
from tasks.fetch.budget import Budget

#: Bytes asked of the socket at once; headers may overrun their limit by no more than this.
_READ_AHEAD = 16_384
#: Addresses of one name that are tried: one dead data centre must not use up the page's time.
_MOST_ADDRESSES = 4


class GuardedConnection(HTTPConnection):
    """An HTTP connection to addresses that `guard` checked; `budget` is that of the page being fetched."""

    def __init__(self, host: str, port: int, *, guard: AddressGuard, budget: Budget, **options: Any) -> None:
        super().__init__(host, port, **options)
        self.guard = guard
        self.budget = budget

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

    def response_class(self, *args: Any, **options: Any) -> "_MeteredResponse":  # type: ignore[override]
        """Return the reader of the next response; http.client calls it with the socket."""
        return _MeteredResponse(*args, budget=self.budget, **options)


class GuardedTLSConnection(GuardedConnection, HTTPSConnection):
    """The same over TLS."""


class _MeteredResponse(http.client.HTTPResponse):
    """A response that is read through a meter."""

    def __init__(self, sock: socket.socket, *args: Any, budget: Budget, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Meter(self.fp.detach(), sock, budget), _READ_AHEAD)


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
        budget.receive(size or 0)
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()
