"""kombu's transport over Redis, for a Redis that is full or away, and with one client a channel.

What and why:
- `QoS.pipe_or_acquire` (kombu.transport.redis): kombu copies a message that is taken, and deletes the copy when it is
  acknowledged, in a transaction. A Redis at its `maxmemory` refuses whatever is queued in a transaction, even deletions,
  so that no message could be acknowledged. Here both are pipelines without a transaction. A process that dies between two
  commands leaves an index entry without a copy, or a copy without an entry; the scheduler deletes either
  (kombu_unacked.py).
- `Channel._connparams`: kombu raises AttributeError where a channel's connection is closed. Nobody expects that: a worker
  that loses its Redis while tasks run would end, and its tasks with it. Here it is redis-py's ConnectionError.
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

from kombu import transport
from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError  # noqa: A004 - redis's own name

from workers.ledger.compat import DirectRedis


def use() -> None:
    """Make kombu speak to every Redis by this transport."""
    for scheme in ("redis", "rediss"):
        transport.TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"
        # kombu keeps the class that a scheme's first connection got: one made before this would decide for all.
        transport._transport_cache.pop(scheme, None)  # noqa: SLF001


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
    _pooled: Client | None = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous)  # type: ignore[no-untyped-call]
        if self._pooled is None or self._pooled.connection_pool is not self.pool:
            self._pooled = Client(global_keyprefix=self.global_keyprefix, connection_pool=self.pool)  # type: ignore[no-untyped-call]
        return self._pooled

    def _connparams(self, asynchronous: bool = False) -> Any:
        if self.connection.client is None:
            raise ConnectionError("the connection is closed")
        return super()._connparams(asynchronous)  # type: ignore[no-untyped-call]


class Transport(kombu_redis.Transport):
    """The transport (kombu.transport.TRANSPORT_ALIASES)."""

    Channel = Channel
