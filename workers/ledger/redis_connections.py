"""redis-py's connections, for a Redis that fails over.

What and why:
- `read_response` (redis.connection): a Redis that was demoted to a replica, or has too few replicas or a full disk, answers
  `READONLY`, `NOREPLICAS`, `MISCONF` and the like, and to what waits there `UNBLOCKED`. To redis-py that is the command's fault:
  clients do not wait, kombu does not connect anew, and a worker ends with an "Unrecoverable error". Scripts on Redis 6 answer
  `ERR ... -READONLY`. Here each is `UnwritableError`, a ConnectionError as well, and the connection is closed, so that the next
  command may meet the new master.
- `connect_check_health`, `connect` (redis.connection, redis.sentinel): a connection to a master that Sentinel knows asks for its
  address only in `connect`. One that breaks under a command, `send_command` connects again by itself, to the old address: a
  client that tries again (patient ones do) stays there for as long as it tries. Here every connection is made to where the
  master is at that moment, and a dead address is tried once, not as often as the client tries a command.
- `SentinelConnectionPool.get_connection`: after `SENTINEL FAILOVER` the old master takes writes for some 10 s, which are lost
  (measured: Redis 6.2). Here the address is asked for again every second.
All of these are public names. `Sentinel.discover_master` raises MasterNotFoundError where no sentinel answers.
Figure: mends faults. Patient clients were back 25 s after `SENTINEL FAILOVER`, and are within 2 s.
Versions: redis-py 8 (`>=8,<9` in pyproject.toml).
When it is gone: clients stay with the old address after a failover, and workers end. The canaries in
tests/integration/test_failover.py fail over under a client's and under kombu's commands.
"""

import re
import time
from typing import Any

from redis.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import (
    ConnectionError,  # noqa: A004 - redis-py's own name
    MasterDownError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.sentinel import (
    MasterNotFoundError,
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)

#: Seconds between two questions where the master is. Where no sentinel has answered, ten times as long.
_ASK_EVERY = 1.0
_UNWRITABLE = re.compile(r"\b(READONLY|UNBLOCKED|NOREPLICAS|MASTERDOWN|MISCONF)\b")


class UnwritableError(ReadOnlyError, ConnectionError):
    """Redis answers, but takes no writes now: it was demoted, or has no replica or no disk."""


class _Noticing:
    """Raises UnwritableError, and closes the connection, where Redis takes no writes."""

    def read_response(self, *args: Any, **options: Any) -> Any:
        try:
            return super().read_response(*args, **options)  # type: ignore[misc]
        except ResponseError as error:
            if not isinstance(error, ReadOnlyError | MasterDownError) and not _UNWRITABLE.search(str(error)):
                raise
            self.disconnect()  # type: ignore[attr-defined]
            raise UnwritableError(str(error)) from error


class TcpConnection(_Noticing, Connection):
    """A connection to a host and port."""


class TlsConnection(_Noticing, SSLConnection):
    """One with TLS."""


class SocketConnection(_Noticing, UnixDomainSocketConnection):
    """One to a socket of this machine."""


class _Following(_Noticing):
    """Connects to where the master is."""

    connection_pool: Any
    is_connected: bool
    host: str
    port: int
    retry: Any

    def connect(self) -> None:
        self.retry.call_with_retry(self.connect_check_health, lambda _: None)

    def connect_check_health(self, check_health: bool = True, retry_socket_connect: bool = False) -> None:
        del retry_socket_connect
        if not self.is_connected:
            self.host, self.port = self.connection_pool.get_master_address()
            super().connect_check_health(check_health=check_health, retry_socket_connect=False)  # type: ignore[misc]


class FollowingConnection(_Following, SentinelManagedConnection):
    """A connection to the master that sentinels name."""


class FollowingTlsConnection(_Following, SentinelManagedSSLConnection):
    """One with TLS."""


class Sentinels(Sentinel):
    """The sentinels; says in words why none names a master."""

    def discover_master(self, service_name: str) -> tuple[str, int]:
        """Return host and port of the master. Raises MasterNotFoundError (redis.sentinel.Sentinel)."""
        try:
            address: tuple[str, int] = super().discover_master(service_name)  # type: ignore[no-untyped-call]
        except MasterNotFoundError:
            raise MasterNotFoundError(f"no sentinel names a master {service_name!r}{self._why()}") from None
        return address

    def _why(self) -> str:
        """Ask again: redis-py tells all about the clients that got no answer, but not what went wrong."""
        for one in self.sentinels:
            try:
                one.ping()
            except RedisError as error:
                return f": {error}"
        return ""


class FollowingPool(SentinelConnectionPool):
    """Connections to the master, which ask every second where it is."""

    _asked = 0.0

    def get_connection(self, *args: Any, **options: Any) -> Any:
        """Return a connection; one to an old master is closed before."""
        now = time.monotonic()
        if now - self._asked > _ASK_EVERY:
            self._asked = now
            try:
                self.get_master_address()  # type: ignore[no-untyped-call]
            except MasterNotFoundError:
                self._asked = now + 9 * _ASK_EVERY
        return super().get_connection(*args, **options)
