"""Start of a worker or a scheduler: wait for Redis and the database, migrate the store, check the ledger's version."""

import time
from collections.abc import Callable

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from workers.errors import UserError
from workers.ledger.entries import Policy
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import connect
from workers.settings import Settings
from workers.store.engine import is_outage
from workers.store.store import open_store

#: Seconds between two tries to connect to a server.
_AGAIN = 1.0

log = structlog.get_logger(__name__)


def prepare(settings: Settings, sleep: Callable[[float], object] = time.sleep) -> None:
    """Migrate the store to this version, and check that the ledger is not of a newer version.

    Waits for Redis and the database if they cannot be reached. Raises UserError for a store or a ledger that this version
    cannot work with, and for a database that refuses, for want of a privilege, say.
    """
    while not _is_prepared(settings):
        sleep(_AGAIN)


def _is_prepared(settings: Settings) -> bool:
    try:
        with open_store(settings.database_url.get_secret_value()):
            pass
        client = connect(settings)
        try:
            Frontier(client, settings.key_prefix, Policy.of(settings)).check_version()
        finally:
            client.close()
    except RedisError as error:
        log.warning("Cannot connect to Redis, trying again", error=str(error))
        return False
    except DBAPIError as error:
        if not is_outage(error):
            raise UserError(f"The database refused a statement: {error.orig}") from error
        log.warning("Cannot use the database, trying again", error=str(error.orig))
        return False
    return True
