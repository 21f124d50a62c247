"""The frontier and the store as the command line uses them: opened, closed, and at once, not patiently."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from workers.ledger.frontier import Frontier
from workers.ledger.entries import Policy
from workers.errors import UserError
from workers.ledger.redis_client import RedisClient, connect
from workers.settings import Settings, SettingsError
from workers.store.store import Store, open_store


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
def open_rows(settings: Settings) -> Iterator[Store]:
    """Yield the store to read from; SourceError where its SQLite file is not there: it is not made by looking."""
    url = settings.database_url.get_secret_value()
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        raise SourceError(
            f"there is no database {parsed.database} yet. Run something, or set NEWSMILL_DATABASE_URL."
        )
    with open_store(url) as store:
        yield store
