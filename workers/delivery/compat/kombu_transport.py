"""kombu's transport over Redis, for a Redis that is away now and then, on a shorter way.

Of the CPU of a fetch worker's event loop, 43 % were for noting messages that were taken and forgetting them again, and 10 %
for registering the same readers on each round. In these ways an article takes .8 ms less, and .2 of Redis's (docs/performance.md).
"""

import json
from time import time
from typing import Any

from kombu import transport
from kombu.transport import redis as kombu_redis
from kombu.transport import virtual
from redis.exceptions import ConnectionError  # noqa: A004 - redis's own name

from workers.ledger.compat import DirectRedis


def use() -> None:
    """Make kombu speak to every Redis by this transport."""
    for scheme in ("redis", "rediss"):
        transport.TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"


class Client(kombu_redis.GlobalKeyPrefixMixin, DirectRedis):
    """A client that goes straight to a connection, and prefixes keys as kombu's does."""

    def __init__(self, global_keyprefix: str, **options: Any) -> None:
        """Take the prefix, and what redis.Redis takes."""
        self.global_keyprefix = global_keyprefix
        super().__init__(**options)

    def send_together(self, *commands: tuple[Any, ...]) -> None:
        """Send commands, keys without the prefix (DirectRedis.send_together)."""
        super().send_together(*map(self._prefix_args, commands))


class QoS(kombu_redis.QoS):
    """The copies of messages that were taken and are not acknowledged yet.

    Written and deleted by two commands in one packet, where kombu has a transaction of four by redis-py's pipeline. And a
    Redis that is full refuses transactions, even of deletions. What is cut off between two commands leaves a copy that
    is in no index; the scheduler forgets it (workers/unacked.py).
    """

    def append(self, message: Any, delivery_tag: str) -> None:
        """Note a message that was taken."""
        route = message.delivery_info
        parts = [message._raw, route["exchange"], route["routing_key"]]  # noqa: SLF001 - as kombu's own does
        self.channel.sync_client.send_together(
            ("HSET", self.unacked_key, delivery_tag, json.dumps(parts)),
            ("ZADD", self.unacked_index_key, time(), delivery_tag),
        )
        virtual.QoS.append(self, message, delivery_tag)  # type: ignore[no-untyped-call]

    def ack(self, delivery_tag: str) -> None:
        """Forget a message that is done with."""
        self.channel.sync_client.send_together(
            ("ZREM", self.unacked_index_key, delivery_tag), ("HDEL", self.unacked_key, delivery_tag)
        )
        virtual.QoS.ack(self, delivery_tag)  # type: ignore[no-untyped-call]


class Channel(kombu_redis.Channel):
    """A channel that says so where its connection is closed, and makes one client of its connections.

    kombu's raises AttributeError there, which nobody expects: a worker that loses its Redis while tasks run would end,
    and they with it. And it makes a client anew for every message that it publishes, takes or acknowledges, which is an
    eighth of a fetch worker's CPU.
    """

    QoS = QoS
    _pooled: Client | None = None

    @property
    def sync_client(self) -> Client:
        """The client for all but waiting for messages."""
        if self._pooled is None or self._pooled.connection_pool is not self.pool:
            self._pooled = Client(self.global_keyprefix, connection_pool=self.pool)
        return self._pooled

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous)  # type: ignore[no-untyped-call]
        return self.sync_client

    def _connparams(self, asynchronous: bool = False) -> Any:
        if self.connection.client is None:
            raise ConnectionError("the connection is closed")
        return super()._connparams(asynchronous)  # type: ignore[no-untyped-call]


class Hub:
    """An event loop that is told of a reader once, not on each round."""

    def __init__(self, hub: Any) -> None:
        """Stand in front of kombu's."""
        self._hub = hub

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hub, name)

    def add_reader(self, fd: int, callback: Any, *args: Any) -> None:
        """Register a reader that is not (kombu.asynchronous.Hub.add_reader)."""
        if self._hub.readers.get(fd) != (callback, args):
            self._hub.add_reader(fd, callback, *args)


class Transport(kombu_redis.Transport):
    """The transport (kombu.transport.TRANSPORT_ALIASES)."""

    Channel = Channel

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Have `loop` watch the connections."""
        super().register_with_event_loop(connection, Hub(loop))  # type: ignore[no-untyped-call]
