"""kombu's transport over Redis, for messages whose articles are leased, and for a Redis that is away now and then."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from celery.worker import state
from kombu import transport
from kombu.transport import redis as kombu_redis
from kombu.transport import virtual
from redis.exceptions import ConnectionError  # noqa: A004 - redis's own name

from workers.redis_client import DirectRedis

#: Header of a message whose article comes back with its lease if a worker takes the message and dies.
LEASED = "leased"


def use() -> None:
    """Make kombu speak to every Redis by this transport."""
    for scheme in ("redis", "rediss"):
        transport.TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"


#: kombu's two ways, which have no types: in memory only, and with a copy in Redis.
_InMemory: Any = virtual.QoS
_WithCopies: Any = kombu_redis.QoS


class QoS(_WithCopies):  # type: ignore[misc]
    """What a worker took and did not acknowledge yet.

    kombu keeps a copy of each such message in Redis, for the worker that dies: two transactions a message. Of a leased
    article's nothing is kept but in memory, to put it back when the worker ends in order: its lease is what brings it
    back when the worker does not. Nor is it put back when only the connection is lost: its task may still run, and by
    the time that Redis is back its lease may be another's. Others (`celery call` with a URL) are kept as kombu does.

    The transport option `still_leased` says of an article, as a message has it, whether its lease is the message's.
    """

    def append(self, message: Any, delivery_tag: str) -> None:
        """Note a message that was taken."""
        (_InMemory if _is_leased(message) else _WithCopies).append(self, message, delivery_tag)

    def ack(self, delivery_tag: str) -> None:
        """Forget a message."""
        leased = _is_leased(self._delivered.get(delivery_tag))
        (_InMemory if leased else _WithCopies).ack(self, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Forget a message, or put it back."""
        leased = _is_leased(self._delivered.get(delivery_tag))
        (_InMemory if leased else _WithCopies).reject(self, delivery_tag, requeue)

    def restore_unacked(self, client: Any = None) -> None:
        """Put back what a worker that ends had not finished; of one that lost its connection, what is no article's."""
        self._flush()
        for delivery_tag, message in self._delivered.items():
            if not _is_leased(message):
                self.restore_by_tag(delivery_tag, client)
            elif _ends() and self.channel.still_leased(json.loads(message.body)[0][0]):
                self.channel._restore(message)  # noqa: SLF001 - as kombu's own does
        self._delivered.clear()


class Client(kombu_redis.PrefixedStrictRedis, DirectRedis):
    """kombu's client, whose keys have a prefix, on the short way."""


class Channel(kombu_redis.Channel):
    """A channel that says so where its connection is closed, and makes one client of its connections.

    kombu's raises AttributeError there, which nobody expects: a worker that loses its Redis while tasks run would end,
    and they with it. And it makes a client anew for every message that it publishes, takes or acknowledges, which is an
    eighth of a fetch worker's CPU.
    """

    QoS = QoS
    from_transport_options = (*kombu_redis.Channel.from_transport_options, "still_leased")  # type: ignore[assignment]
    _pooled: Any = None

    @staticmethod
    def still_leased(article: Mapping[str, Any]) -> bool:
        """Return True: where nobody says so, start.lua finds out."""
        del article
        return True

    def _get_client(self) -> Any:
        return partial(Client, global_keyprefix=self.global_keyprefix)

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous)  # type: ignore[no-untyped-call]
        if self._pooled is None or self._pooled.connection_pool is not self.pool:
            self._pooled = super()._create_client()  # type: ignore[no-untyped-call]
        return self._pooled

    def _restore(self, message: Any, leftmost: bool = False) -> None:
        delivery = message.delivery_info
        with self.conn_or_acquire() as client:
            self._do_restore_message(  # type: ignore[no-untyped-call]
                message.serializable(), delivery["exchange"], delivery["routing_key"], client, leftmost
            )

    def _connparams(self, asynchronous: bool = False) -> Any:
        if self.connection.client is None:
            raise ConnectionError("the connection is closed")
        return super()._connparams(asynchronous)  # type: ignore[no-untyped-call]


class Transport(kombu_redis.Transport):
    """The transport (kombu.transport.TRANSPORT_ALIASES)."""

    Channel = Channel


def _ends() -> bool:
    """Whether this worker was told to end (celery.worker.state: None, False, or an exit code that may be 0)."""
    told = (state.should_stop, state.should_terminate)
    return any(one is not None and one is not False for one in told)


def _is_leased(message: Any) -> bool:
    return message is not None and message.headers.get(LEASED) is True
