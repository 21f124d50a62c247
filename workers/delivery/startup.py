"""Start of a worker or a scheduler: wait for Redis and the database, migrate the store, check that both belong together."""

import time
from collections.abc import Callable

import structlog
from redis.exceptions import RedisError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from workers.errors import UserError
from workers.ledger.content_servers import check_content_servers
from workers.ledger.entries import Policy
from workers.ledger.frontier import Frontier
from workers.ledger.pair import Pair, pair
from workers.ledger.redis_client import connect
from workers.settings import Settings
from workers.store.faults import Fault, fault_of
from workers.store.postgresql_tls import UNVERIFIED, is_elsewhere, mode_of
from workers.store.store import open_store

#: Seconds between two tries to connect to a server.
_AGAIN = 1.0

log = structlog.get_logger(__name__)


def prepare(
    settings: Settings,
    sleep: Callable[[float], object] = time.sleep,
    *,
    take_over: bool = False,
    contents: bool = False,
) -> Pair:
    """Migrate the store to this version, check that the ledger is not of a newer version, and make them a pair.

    With `contents` the servers of the index of contents, too. Waits for Redis and the database if they cannot be reached.
    Raises UserError for a store or a ledger that this version cannot work with, for a Redis of another store unless
    `take_over`, and for a database that refuses, for want of a privilege, say.
    """
    _warn_of_unchecked(settings)
    while (prepared := _prepared(settings, take_over=take_over, contents=contents)) is None:
        sleep(_AGAIN)
    if prepared.note:
        log.warning(prepared.note)
    return prepared


def _prepared(settings: Settings, *, take_over: bool, contents: bool) -> Pair | None:
    """Return the pair, None if a server cannot be reached."""
    try:
        with open_store(settings.database_url.get_secret_value()) as store, connect(settings) as client:
            Frontier(client, settings.key_prefix, Policy.of(settings)).check_version()
            found = pair(client, settings, store, take_over=take_over)
            if contents:
                check_content_servers(settings, found.store, take_over=take_over)
            return found
    except RedisError as error:
        log.warning("Cannot connect to Redis, trying again", error=str(error))
    except DBAPIError as error:
        if fault_of(error) is not Fault.OUTAGE:
            raise UserError(f"The database refused a statement: {error.orig}") from error
        log.warning("Cannot use the database, trying again", error=str(error.orig))
    return None


def _warn_of_unchecked(settings: Settings) -> None:
    """Log which servers need not prove who they are, since their URLs say so."""
    urls = [None, *(one.get_secret_value() for one in settings.content_redis_urls)]
    for address in map(settings.redis_address, urls):
        if not address.is_verified:
            log.warning("The certificate of this Redis is not checked", redis=address.shown)
    database = make_url(settings.database_url.get_secret_value())
    if (
        database.get_backend_name() == "postgresql"
        and is_elsewhere(database)
        and mode_of(database) in UNVERIFIED
    ):
        log.warning("This PostgreSQL need not prove who it is", sslmode=mode_of(database), host=database.host)
