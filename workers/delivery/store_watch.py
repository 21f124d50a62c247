"""Whether the store takes rows: while it does not, nothing is claimed, so that nothing is fetched only to be put back."""

import time
from collections.abc import Callable

import structlog
from sqlalchemy.exc import DBAPIError

from workers.ledger.frontier import Frontier
from workers.store.migrations import StoreError
from workers.store.store import Store

log = structlog.get_logger(__name__)

#: Seconds between two looks.
_LOOK_EVERY = 1.0
#: Longest pause in seconds after which claiming goes on once the store answers. It doubles from one second each time that
#: the store answers here and still takes no rows of workers: a privilege is missing, or there is no room for whole rows.
_LONGEST_PAUSE = 60.0


class StoreWatch:
    """What one scheduler knows of the store. Workers note in the ledger when a row could not be written (defer.lua)."""

    def __init__(self, frontier: Frontier, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._frontier = frontier
        self._store = store
        self._clock = clock
        self._is_away = False
        self._look_at = self._since = 0.0
        self._pause = _LOOK_EVERY

    def takes_rows(self) -> bool:
        """Return whether articles may be claimed. Asks at most once a second. Raises redis.RedisError."""
        now = self._clock()
        if now < self._look_at:
            return not self._is_away
        self._look_at = now + _LOOK_EVERY
        if self._frontier.store_away():
            self._away(now)
        elif self._is_away:
            log.info("The store takes rows again")
            self._is_away = False
        return not self._is_away

    def _away(self, now: float) -> None:
        """Note that the store was away; forget it where it takes a row of ours, so that the next look goes on."""
        if not self._is_away:
            log.warning("The store does not take rows, claiming nothing until it does")
            again = now - self._since < 2 * _LONGEST_PAUSE
            self._pause = min(self._pause * 2, _LONGEST_PAUSE) if again else _LOOK_EVERY
            self._is_away, self._since = True, now
        try:
            self._store.probe()
        except (DBAPIError, StoreError) as error:
            log.debug("The store does not take rows", error=str(error))
        else:
            self._frontier.store_back()
            self._look_at = now + self._pause
