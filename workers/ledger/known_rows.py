"""What the store knows of URLs that are submitted: a Redis that has forgotten them must not have them fetched again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Self

from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from tasks.article import Outcome
from workers.ledger.content_index import ContentIndex
from workers.ledger.redis_client import RedisClient, connect
from workers.settings import Settings
from workers.store.migrations import StoreError
from workers.store.store import Store

#: Seconds to wait for a database that a submission can do without.
_PATIENCE = 2
_CANNOT_ASK = "The database cannot be asked, so URLs that have a row may be queued again: "


class KnownRows:
    """Asks the store; once it does not answer, `tell` gets a sentence, and nothing is known any more."""

    def __init__(
        self, store: Store, tell: Callable[[str], object], contents: ContentIndex | None = None
    ) -> None:
        """`contents` gets back what it has forgotten with the ledger."""
        self._known = store.known
        self._tell = tell
        self._contents = contents
        self._answers = True

    @classmethod
    def of(cls, settings: Settings, client: RedisClient, store: Store, tell: Callable[[str], object]) -> Self:
        """Return what `store` knows, beside the ledger of `client`."""
        urls = [one.get_secret_value() for one in settings.content_redis_urls]
        shards = [connect(settings, url=url) for url in urls]
        return cls(store, tell, ContentIndex(client, settings.key_prefix, store.url_of, shards))

    def outcomes(self, ids: Sequence[str]) -> Mapping[str, Outcome | None]:
        """Return the outcome of each article that has a row, None for one whose row was deleted."""
        if self._answers:
            try:
                return self._known.outcomes(ids)
            except DBAPIError as error:
                self._answers = False
                self._tell(_CANNOT_ASK + str(error.orig))
        return {}

    def claim_contents(self, ids: Sequence[str]) -> None:
        """Claim anew the contents of enriched articles that Redis had forgotten, so that their copies are found."""
        if self._contents is None:
            return
        try:
            self._contents.keep(self._known.contents(ids))
        except (DBAPIError, RedisError) as error:
            self._tell(f"Copies of some articles that are done will not be found: {error}")

    @property
    def notes_deletes(self) -> bool:
        """Return whether the store answers, and knows what was deleted: one that is missing was never there then."""
        return self._answers and self._known.notes_changes


@contextmanager
def known_rows(
    settings: Settings, client: RedisClient, tell: Callable[[str], object]
) -> Iterator[KnownRows | None]:
    """Yield what the settings' store knows, `client` being that of the ledger.

    The store is not created; None where it cannot be asked, which `tell` gets to know.
    """
    try:
        store = Store.read_only(settings.database_url.get_secret_value(), empty_ok=True, seconds=_PATIENCE)
    except (DBAPIError, StoreError) as error:
        tell(_CANNOT_ASK + str(error.orig if isinstance(error, DBAPIError) else error))
        yield None
        return
    try:
        yield KnownRows.of(settings, client, store, tell)
    finally:
        store.close()
