"""Connections that are kept open for the next page of a host, so that TCP and TLS are set up once."""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from tasks.fetch.connection import GuardedConnection

#: Connections kept: two for each of a worker's 32 threads. The rate limit of a host lets it have few of them.
_MOST_KEPT = 64
#: Seconds that a connection is kept. Servers close after 5 (Apache) to 75 (nginx); NATs forget after minutes.
_KEPT_SECONDS = 30.0


class Origin(NamedTuple):
    """What a connection is made for (RFC 6454)."""

    scheme: str
    host: str
    port: int


class _Kept(NamedTuple):
    origin: Origin
    connection: GuardedConnection
    since: float


class ConnectionPool:
    """The idle connections of a client; shared by its threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: list[_Kept] = []  # oldest first

    def take(self, origin: Origin) -> GuardedConnection | None:
        """Remove a live connection to `origin` from the pool and return it; None if there is none."""
        self._drop_old()
        while (connection := self._pop(origin)) is not None:
            if connection.is_connected:
                return connection
            connection.close()
        return None

    def put(self, origin: Origin, connection: GuardedConnection) -> None:
        """Keep `connection`, whose last response has been read to its end."""
        with self._lock:
            self._kept.append(_Kept(origin, connection, self._clock()))
        self._drop_old()

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            dropped, self._kept = self._kept, []
        for kept in dropped:
            kept.connection.close()

    def _pop(self, origin: Origin) -> GuardedConnection | None:
        with self._lock:
            for index in reversed(range(len(self._kept))):  # the latest is the likeliest to be alive
                if self._kept[index].origin == origin:
                    return self._kept.pop(index).connection
        return None

    def _drop_old(self) -> None:
        oldest = self._clock() - _KEPT_SECONDS
        with self._lock:
            count = max(0, len(self._kept) - _MOST_KEPT)
            while count < len(self._kept) and self._kept[count].since < oldest:
                count += 1
            dropped, self._kept = self._kept[:count], self._kept[count:]
        for kept in dropped:
            kept.connection.close()
