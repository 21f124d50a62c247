"""Connections to Redis, all of them made here: ours and, through their pools, kombu's.

Patient clients wait for a Redis that is away, or that fails over; others fail at once.
"""

from typing import Any

from redis.backoff import ExponentialBackoff
from redis.connection import ConnectionPool
from redis.exceptions import BusyLoadingError, ConnectionError, TimeoutError  # noqa: A004 - redis-py's own names
from redis.retry import Retry

from workers.ledger.compat import DirectRedis
from workers.ledger.redis_connections import (
    FollowingConnection,
    FollowingPool,
    FollowingTlsConnection,
    Sentinels,
    SocketConnection,
    TcpConnection,
    TlsConnection,
)
from workers.redis_address import RedisAddress
from workers.settings import Settings

#: A client whose replies are bytes. redis-py types them `bytes | str`, whatever the client was told to decode.
RedisClient = Any

#: Tries of a patient client, up to a second apart: it waits about 25 s.
PATIENT_TRIES = 28
#: Seconds that a sentinel may take to answer. The next one is asked then; all of them are seldom away.
_SENTINEL_TIMEOUT = 1.0


def connect(
    settings: Settings, *, patient: bool = False, url: str | None = None, timeout: float | None = None
) -> RedisClient:
    """Return a client of the settings' Redis, or of `url`; `patient` ones wait for one that restarts, others fail.

    `timeout` is how many seconds a connection or an answer may take, instead of 5 and 30. Raises ValueError for a URL that is
    none (RedisAddress).
    """
    retry = (
        Retry(ExponentialBackoff(cap=1, base=0.05), PATIENT_TRIES)
        if patient
        else Retry(ExponentialBackoff(), 0)
    )
    pool = pool_of(
        settings.redis_address(url),
        socket_timeout=timeout or 30,
        socket_connect_timeout=timeout or 5,
        # A Redis whose disk is full refuses PING, by which a connection is checked, and still answers questions.
        health_check_interval=25 if patient else 0,
        retry=retry,
        retry_on_error=[ConnectionError, TimeoutError, BusyLoadingError] if patient else [],
    )
    return DirectRedis.from_pool(pool)


def pool_of(address: RedisAddress, **options: Any) -> ConnectionPool:
    """Return a pool of connections to the Redis at `address`; `options` are redis-py's for each connection."""
    if address.socket:
        return ConnectionPool(connection_class=SocketConnection, **address.server(), **options)
    options["socket_keepalive"] = True
    if not address.master:
        kind = TlsConnection if address.tls else TcpConnection
        return ConnectionPool(connection_class=kind, **address.server(), **options)
    short = {"socket_timeout": _SENTINEL_TIMEOUT, "socket_connect_timeout": _SENTINEL_TIMEOUT}
    options_of_sentinels = {**address.sentinel(), **short, "retry": Retry(ExponentialBackoff(), 0)}
    sentinel = Sentinels(list(address.nodes), sentinel_kwargs=options_of_sentinels)  # type: ignore[no-untyped-call]
    server = {**address.server(), **options}
    server["connection_class"] = FollowingTlsConnection if address.tls else FollowingConnection
    return FollowingPool(address.master, sentinel, **server)  # type: ignore[no-untyped-call]


def beginning_with(text: str) -> str:
    """Return the pattern of Redis (SCAN) for keys that begin with a text, whatever is in it."""
    return "".join(f"[{one}]" if one in "*?[" else one for one in text).replace("\\", "\\\\") + "*"
