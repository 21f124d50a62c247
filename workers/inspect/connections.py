"""Connections to Redis and the store for the questions of this package. They fail at once if a server is down."""

from collections.abc import Iterator
from contextlib import contextmanager

from workers.ledger.entries import Policy
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient, connect
from workers.settings import Settings, SettingsError
from workers.store.store import Store, open_to_read


@contextmanager
def open_redis(settings: Settings) -> Iterator[RedisClient]:
    """Yield a client that fails at once if there is no Redis; SettingsError for an invalid URL."""
    try:
        client = connect(settings)
    except ValueError as error:
        raise SettingsError(f"NEWSMILL_REDIS_URL: {error}") from None
    try:
        yield client
    finally:
        client.close()


def frontier_on(client: RedisClient, settings: Settings) -> Frontier:
    """Return the frontier of the settings in a Redis."""
    return Frontier(client, settings.key_prefix, Policy.of(settings))


@contextmanager
def open_rows(settings: Settings, *, empty_ok: bool = False) -> Iterator[Store]:
    """Yield the store, to read from; it is never created.

    Raises UserError if there is no store; with `empty_ok`, yields an empty one instead.
    """
    with open_to_read(settings.database_url.get_secret_value(), empty_ok=empty_ok) as store:
        yield store
