"""What the store knows of URLs that are submitted: a Redis that has forgotten them must not have them fetched again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from tasks.article import Outcome
from workers.settings import Settings
from workers.store.migrations import StoreError
from workers.store.store import Store

#: Seconds to wait for a database that a submission can do without.
_PATIENCE = 2
_CANNOT_ASK = "The database cannot be asked, so URLs that have a row may be queued again: "


class KnownRows:
    """Asks the store; once it does not answer, `tell` gets a sentence, and nothing is known any more."""

    def __init__(self, store: Store, tell: Callable[[str], object]) -> None:
        self._known = store.known
        self._tell = tell
        self._answers = True

    def outcomes(self, ids: Sequence[str]) -> Mapping[str, Outcome | None]:
        """Return the outcome of each article that has a row, None for one whose row was deleted."""
        if self._answers:
            try:
                return self._known.outcomes(ids)
            except DBAPIError as error:
                self._answers = False
                self._tell(_CANNOT_ASK + str(error.orig))
        return {}

    @property
    def notes_deletes(self) -> bool:
        """Return whether the store answers, and knows what was deleted: one that is missing was never there then."""
        return self._answers and self._known.notes_changes


@contextmanager
def known_rows(settings: Settings, tell: Callable[[str], object]) -> Iterator[KnownRows | None]:
    """Yield what the settings' store knows. It is not created; None where it cannot be asked, which `tell` gets to know."""
    try:
        store = Store.read_only(settings.database_url.get_secret_value(), empty_ok=True, seconds=_PATIENCE)
    except (DBAPIError, StoreError) as error:
        tell(_CANNOT_ASK + str(error.orig if isinstance(error, DBAPIError) else error))
        yield None
        return
    try:
        yield KnownRows(store, tell)
    finally:
        store.close()
