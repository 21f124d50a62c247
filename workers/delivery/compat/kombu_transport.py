"""kombu's transport over Redis, for a Redis that is full or away, for messages of any kind, with one client a channel.

What and why:
- `QoS.pipe_or_acquire` (kombu.transport.redis): kombu copies a message that is taken, and deletes the copy when it is
  acknowledged, in a transaction. A Redis at its `maxmemory` refuses whatever is queued in a transaction, even deletions,
  so that no message could be acknowledged. Here both are pipelines without a transaction. A process that dies between two
  commands leaves an index entry without a copy, or a copy without an entry; the scheduler deletes either
  (kombu_unacked.py).
- `Channel._get_pool`: kombu reads a broker's URL by itself: it checks no certificate behind `rediss://` unless told to, and
  finds `sentinel://` another class of channel. Here a channel's connections are those of the ledger's client, to the address
  in the transport option `address` (workers/redis_address.py); the URL that Celery knows has no password in it, since Celery
  prints it. kombu's own method also raises AttributeError where a channel's connection is closed. Nobody expects that: a
  worker that loses its Redis while tasks run would end, and its tasks with it. Here it is redis-py's ConnectionError.
  As kombu's, the connections of the event loop tell the channel when they are closed (`Channel._on_connection_disconnect`).
- `Channel.from_transport_options`: the options that become attributes of a channel.
- `Channel._create_client`: kombu makes a new client for every message that it publishes, takes or acknowledges. Here a
  channel keeps one, and it is one that an interrupted command does not spoil (workers/ledger/compat.py).
- `parse_response` of a channel's `client`, which takes messages by BRPOP: an item that is no message of newsmill's raises
  whatever it likes in kombu and Celery, and the worker ends with exit code 0. Here it is as if there were none
  (workers/delivery/inbox.py, handed over as the transport option `inbox`).
- `Transport._deliver`, `Channel._receive_one`, `QoS.restore_by_tag`: the same for what the broadcast of remote control and
  events carries, for copies of messages, and for what the check has let through. A broadcast that is compressed is
  dropped: kombu would unpack it without a limit.
- `kombu.serialization.register` (public): JSON is read as JSON. kombu's own reader makes objects of `{"__type__": ...}`,
  which a column of a list may contain, and fails where it cannot.
- `kombu.transport.TRANSPORT_ALIASES`, `_transport_cache`: which class speaks to a URL's scheme.
Figure: 115 to 180 us of CPU less for each of the six clients that a page would take, .7 ms of a page's 20: 3.5 % (thread
CPU of single commands in turns in one process, medians of 100 blocks of 20). The other two are about faults. Taken out
again, for under 3 %: a message copied and forgotten past redis-py's pipeline (.15 ms), and readers of the event loop
that are not registered again on each round (.03 ms).
Versions: kombu 5.7 (`>=5.7,<5.8` in pyproject.toml).
When it is gone: a renamed method would be called no more, silently: workers that end with their Redis, messages that
are not acknowledged in a full one, a client for every message. The canaries in tests/integration/test_compat_kombu.py
count the calls of a real worker, close a connection, and fill a Redis.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty
from typing import Any, Protocol
from urllib.parse import quote

import msgspec
from kombu import serialization, transport
from kombu.transport import redis as kombu_redis
from kombu.utils.json import dumps
from redis.exceptions import ConnectionError, RedisError  # noqa: A004 - redis's own name

from monitoring.unexpected import unexpected
from workers.ledger.compat import DirectRedis
from workers.ledger.redis_client import pool_of
from workers.redis_address import RedisAddress

#: The scheme of the URL that Celery is given. It is for people: the address is a transport option.
SCHEME = "redis"
#: kombu's options of a channel that are redis-py's options of a connection.
_POOL_OPTIONS = ("socket_timeout", "socket_connect_timeout", "health_check_interval")

#: What says that the connection is gone, and not that a message is odd. Celery connects again.
_CONNECTION = (RedisError, OSError)


class Gate(Protocol):
    """Decides which messages Celery gets (workers/delivery/inbox.py)."""

    def takes(self, queue: str, item: bytes) -> bool:
        """Return whether an item of a queue may go on to Celery."""

    def refuse(self, queue: str, item: bytes, error: Exception) -> None:
        """Keep a message that Celery could not take."""


def use() -> None:
    """Make kombu speak to Redis by this transport."""
    serialization.register("json", dumps, msgspec.json.decode, "application/json", "utf-8")  # type: ignore[no-untyped-call]
    transport.TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
    # kombu keeps the class that a scheme's first connection got: one made before this would decide for all.
    transport._transport_cache.pop(SCHEME, None)  # noqa: SLF001


def broker_url(address: RedisAddress) -> str:
    """Return the URL that Celery knows and prints: where messages go, without user, password and TLS."""
    if address.socket:
        return f"{SCHEME}://{quote(address.socket, safe='')}/{address.db}"
    host, port = address.nodes[0]
    return f"{SCHEME}://{f'[{host}]' if ':' in host else host}:{port}/{address.db}"


class Client(kombu_redis.PrefixedStrictRedis, DirectRedis):
    """kombu's client, which puts the prefix in front of keys, safe against interruptions."""


class QoS(kombu_redis.QoS):
    """The copies of messages that are taken and not acknowledged yet, written and deleted without transactions."""

    @contextmanager
    def pipe_or_acquire(self, pipe: Any = None, client: Any = None) -> Iterator[Any]:
        """Give `pipe`, or a pipeline of `client` or the channel's own (kombu.transport.redis.QoS)."""
        if pipe:
            yield pipe
        else:
            with self.channel.conn_or_acquire(client) as found:
                yield found.pipeline(transaction=False)

    def restore_by_tag(self, tag: Any, client: Any = None, leftmost: bool = False) -> None:
        """Put the copy of a message back into its queue; one that nobody can read stays for the scheduler to take out."""
        try:
            super().restore_by_tag(tag, client, leftmost)  # type: ignore[no-untyped-call]
        except _CONNECTION:
            raise
        except Exception as error:  # noqa: BLE001 - whatever somebody has written there
            unexpected("copies of messages", error)


class Channel(kombu_redis.Channel):
    """A channel with one client, which raises ConnectionError once its connection is closed."""

    QoS = QoS
    from_transport_options: Any = (*kombu_redis.Channel.from_transport_options, "address", "inbox")
    address: RedisAddress
    inbox: Gate | None = None
    _pooled: Client | None = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return self._checking(super()._create_client(asynchronous))  # type: ignore[no-untyped-call]
        if self._pooled is None or self._pooled.connection_pool is not self.pool:
            self._pooled = Client(global_keyprefix=self.global_keyprefix, connection_pool=self.pool)  # type: ignore[no-untyped-call]
        return self._pooled

    def _checking(self, client: Any) -> Any:
        """Make a client take nothing but what the inbox lets through."""
        parse = client.parse_response

        def parse_response(connection: Any, command_name: str, **options: Any) -> Any:
            reply = parse(connection, command_name, **options)
            if command_name == "BRPOP" and reply and self.inbox:
                queue = reply[0].decode("utf-8", "replace").rsplit(self.sep, 1)[0]
                return reply if self.inbox.takes(queue, reply[1]) else None
            return reply

        client.parse_response = parse_response
        return client

    def _receive_one(self, c: Any) -> Any:
        try:
            return super()._receive_one(c)  # type: ignore[no-untyped-call]
        except (*_CONNECTION, Empty):
            raise
        except Exception as error:
            # Whatever somebody has sent.
            unexpected("broadcasts", error)
            raise Empty from error

    def _get_pool(self, asynchronous: bool = False) -> Any:
        if self.connection.client is None:
            raise ConnectionError("the connection is closed")
        pool = pool_of(self.address, **{name: getattr(self, name) for name in _POOL_OPTIONS})
        self.keyprefix_fanout = self.keyprefix_fanout.format(db=self.address.db)
        if asynchronous:
            pool.connection_class = _telling(self, pool.connection_class)
        return pool


def _telling(channel: Channel, kind: Any) -> Any:
    """Return a class of connections, `kind`, that tell the channel when they are closed."""

    class Telling(kind):  # type: ignore[misc]
        def disconnect(self, *args: Any, **options: Any) -> None:
            super().disconnect(*args, **options)
            if channel._registered:  # noqa: SLF001 - set once the poller has the channel
                channel._on_connection_disconnect(self)  # type: ignore[no-untyped-call]  # noqa: SLF001

    return Telling


class Transport(kombu_redis.Transport):
    """The transport (kombu.transport.TRANSPORT_ALIASES)."""

    Channel = Channel

    def _deliver(self, message: Any, queue: str) -> None:
        """Hand a message over to its consumer (kombu.transport.virtual.Transport); one that it cannot take is set aside."""
        try:
            _check_uncompressed(message)
            super()._deliver(message, queue)  # type: ignore[no-untyped-call]
        except _CONNECTION:
            raise
        except Exception as error:  # noqa: BLE001 - whatever somebody has sent
            unexpected("messages", error)
            self._set_aside(message, queue, error)

    def _set_aside(self, message: Any, queue: str, error: Exception) -> None:
        for channel in self.channels:
            with suppress(KeyError, TypeError):  # it is not of this channel, or was not taken yet
                tag = message["properties"]["delivery_tag"]
                channel.qos.get(tag)
                channel.basic_reject(tag, requeue=False)
        inbox = next((channel.inbox for channel in self.channels if channel.inbox), None)
        if inbox:
            with suppress(TypeError, ValueError):
                inbox.refuse(queue, json.dumps(message).encode(), error)


def _check_uncompressed(message: Any) -> None:
    """Raise ValueError for a message that kombu would unpack, without a limit, as it is made."""
    if message["headers"].get("compression"):
        raise ValueError("a compressed message")
