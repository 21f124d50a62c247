"""The frontier and the store for who asks: opened, closed, and at once, without waiting for servers that are away."""

from collections.abc import Iterator
from contextlib import contextmanager

from workers.ledger.entries import Policy
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient, connect
from workers.settings import Settings, SettingsError
from workers.store.store import Store, open_to_read


@contextmanager
def open_redis(settings: Settings) -> Iterator[RedisClient]:
    """Yield a client that fails at once where there is no Redis; SettingsError for a URL that is none."""
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
    """Yield the store to read from; looking never makes one.

    UserError where there is none, but with `empty_ok` an empty one.
    """
    with open_to_read(settings.database_url.get_secret_value(), empty_ok=empty_ok) as store:
        yield store
