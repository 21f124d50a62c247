"""kombu's transport over Redis, for a Redis that is away now and then."""

from typing import Any

from kombu import transport
from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError  # noqa: A004 - redis's own name


def use() -> None:
    """Make kombu speak to every Redis by this transport."""
    for scheme in ("redis", "rediss"):
        transport.TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"


class Channel(kombu_redis.Channel):
    """A channel that says so where its connection is closed, and makes one client of its connections.

    kombu's raises AttributeError there, which nobody expects: a worker that loses its Redis while tasks run would end,
    and they with it. And it makes a client anew for every message that it publishes, takes or acknowledges, which is an
    eighth of a fetch worker's CPU.
    """

    _pooled: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous)  # type: ignore[no-untyped-call]
        if self._pooled is None or self._pooled.connection_pool is not self.pool:
            self._pooled = super()._create_client()  # type: ignore[no-untyped-call]
        return self._pooled

    def _connparams(self, asynchronous: bool = False) -> Any:
        if self.connection.client is None:
            raise ConnectionError("the connection is closed")
        return super()._connparams(asynchronous)  # type: ignore[no-untyped-call]


class Transport(kombu_redis.Transport):
    """The transport (kombu.transport.TRANSPORT_ALIASES)."""

    Channel = Channel
