"""Connections to Redis: patient ones, which wait for a Redis that is away, and others, which fail at once."""

from typing import Any

from redis.backoff import ExponentialBackoff
from redis.exceptions import BusyLoadingError, ConnectionError, TimeoutError  # noqa: A004 - redis-py's own names
from redis.retry import Retry

from workers.ledger.compat import DirectRedis
from workers.settings import Settings

#: A client whose replies are bytes. redis-py types them `bytes | str`, whatever the client was told to decode.
RedisClient = Any

#: Tries of a patient client, up to a second apart: it waits about 25 s.
PATIENT_TRIES = 28


def connect(
    settings: Settings, *, patient: bool = False, url: str | None = None, timeout: float | None = None
) -> RedisClient:
    """Return a client of the settings' Redis, or of `url`; `patient` ones wait for one that restarts, others fail.

    `timeout` is how many seconds a connection or an answer may take, instead of 5 and 30.
    """
    retry = (
        Retry(ExponentialBackoff(cap=1, base=0.05), PATIENT_TRIES)
        if patient
        else Retry(ExponentialBackoff(), 0)
    )
    return DirectRedis.from_url(
        url or settings.redis_url.get_secret_value(),
        socket_timeout=timeout or 30,
        socket_connect_timeout=timeout or 5,
        socket_keepalive=True,
        health_check_interval=25,
        retry=retry,
        retry_on_error=[ConnectionError, TimeoutError, BusyLoadingError] if patient else [],
    )
