"""kombu's transport over Redis, for a Redis that is full or away, and with one client a channel.

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

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from kombu import transport
from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError  # noqa: A004 - redis's own name

from workers.ledger.compat import DirectRedis
from workers.ledger.redis_client import pool_of
from workers.redis_address import RedisAddress

#: The scheme of the URL that Celery is given. It is for people: the address is a transport option.
SCHEME = "redis"
#: kombu's options of a channel that are redis-py's options of a connection.
_POOL_OPTIONS = ("socket_timeout", "socket_connect_timeout", "health_check_interval")


def use() -> None:
    """Make kombu speak to Redis by this transport."""
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


class Channel(kombu_redis.Channel):
    """A channel with one client, which raises ConnectionError once its connection is closed."""

    QoS = QoS
    from_transport_options: tuple[str, ...] = (*kombu_redis.Channel.from_transport_options, "address")  # type: ignore[assignment]
    address: RedisAddress
    _pooled: Client | None = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous)  # type: ignore[no-untyped-call]
        if self._pooled is None or self._pooled.connection_pool is not self.pool:
            self._pooled = Client(global_keyprefix=self.global_keyprefix, connection_pool=self.pool)  # type: ignore[no-untyped-call]
        return self._pooled

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
