"""A connection to addresses that the guard has checked, and that keeps to the page's budget.

urllib3 sets up the connection and its TLS; host name and SNI are the URL's. message.py reads the response. Time and
bytes are counted below it, at the socket, so that a slow or endless status line, header or chunk size is bounded
like a body.
"""

import io
import socket
from typing import Any

from urllib3.connection import HTTPSConnection

from tasks.fetch.addresses import AddressGuard
from tasks.fetch.budget import Budget
from tasks.fetch.compat import OwnSocketConnection
from tasks.fetch.message import Message

#: Bytes asked of the socket at once; headers may exceed their limit by no more than this.
_READ_AHEAD = 16_384
#: Addresses of one name that are tried, so that one unreachable data centre does not use up the page's time.
_MOST_ADDRESSES = 4


class GuardedConnection(OwnSocketConnection):
    """An HTTP connection to addresses that `guard` has checked; `budget` is that of the page being fetched."""

    def __init__(self, host: str, port: int, *, guard: AddressGuard, budget: Budget, **options: Any) -> None:
        super().__init__(host, port, **options)
        self.guard = guard
        self.budget = budget

    def ask(self, request: bytes, budget: Budget) -> Message:
        """Send a GET request and return its response, with the headers read.

        `budget` is set to the limits of the headers, then to those of the body. Raises OSError and MessageError.
        Read the response to its end before the next request.
        """
        self.budget = budget
        budget.allow(budget.limits.header_bytes, "headers")
        assert self.sock is not None  # noqa: S101 - it is connected
        self.sock.settimeout(budget.seconds(budget.limits.read))
        self.sock.sendall(request)
        raw = self.sock.makefile("rb", buffering=0)
        stream = io.BufferedReader(_Meter(raw, self.sock, budget), _READ_AHEAD)
        try:
            response = Message(stream)
        except BaseException:
            stream.close()
            raise
        budget.allow(budget.limits.wire_bytes, "body")
        return response

    def open_socket(self) -> socket.socket:
        """Return a socket connected to the first checked address that accepts; OSError if none does."""
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


class _Meter(io.RawIOBase):
    """The raw stream of a socket; each receive may take the time left, and its bytes are counted."""

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
            budget.seconds(0)  # Rejected(TOO_SLOW) if it was the page's time that ran out, not this receive's
            raise
        if not size and budget.part == "headers":
            raise ConnectionResetError("the connection was closed before the end of the headers")
        budget.receive(size or 0)
        if budget.part == "body":  # reading headers may read ahead into the body
            budget.check_bytes()
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()
