"""New ids for what the ledger and the store have: once the keys of URLs are made in another way, the ids follow.

Keys change with the list of tracking parameters and with newsmill's rules (tasks/url_keys.py). A scheduler notices at its
start that ledger or store note another version of them. It pauses the claims of all schedulers, waits until nothing is in
flight, and gives the waiting URLs, the rows, and what is known of settled ones their new ids. Still each URL has one row.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from uuid import uuid4

import structlog

from tasks.url_keys import UrlKeys
from workers.errors import UserError
from workers.ledger.entries import DELETED, LETTERS
from workers.ledger.lookups import entry_in
from workers.ledger.redis_client import RedisClient, beginning_with
from workers.ledger.scripts import Scripts
from workers.settings import Settings
from workers.store.store import Store

#: Milliseconds after which another scheduler may go on, if the one that has begun died.
_LOCK_MS = 60_000
#: Entries of a queue, or deferred ones, in one step: some 10 ms.
_CHUNK = 1000
#: Seconds between two looks whether another one has ended its work.
_AGAIN = 0.5
#: Seconds between two lines of the log.
_TELL_EVERY = 10.0

log = structlog.get_logger(__name__)


class Rekeying:
    """Brings the ids of a ledger and its store to `keys`, in steps, so that a scheduler's loop goes on."""

    def __init__(self, redis: RedisClient, prefix: str, store: Store, keys: UrlKeys) -> None:
        self._redis = redis
        self._prefix = prefix
        self._store = store
        self._keys = keys
        self._run = Scripts(redis, prefix).run
        self._lock = f"{prefix}rekey"
        self._identity = f"{prefix}identity"
        self._me = uuid4().hex
        self._told = time.monotonic()

    def is_done(self) -> bool:
        """Return whether ledger and store have ids of these keys. Raises redis.RedisError, sqlalchemy.exc.DBAPIError."""
        return self._keys.version == noted_keys(self._redis, self._prefix) == self._store.rekey.version()

    def steps(self) -> Iterator[bool]:
        """Do the work; yield after each step whether there is more to do at once, False where something is waited for.

        Can be stopped after any step, and begun again by any scheduler. Raises redis.RedisError, sqlalchemy.exc.DBAPIError.
        """
        if self._is_new():
            self._note()
        while not self.is_done():
            if not self._locked():
                self._tell("Waiting for another scheduler, which gives URLs new ids or has died meanwhile")
                yield False
                continue
            if in_flight := self._redis.zcard(f"{self._prefix}leases"):
                self._tell("Giving URLs new ids once nothing is in flight", count=in_flight)
                yield False
                continue
            log.info("Giving URLs new ids: their keys are made in another way", keys=self._keys.version)
            changed = 0
            for number in self._work():
                changed += number
                self._tell("Giving URLs new ids", count=changed)
                self._locked()  # if it was too slow, another scheduler does the same; that does no harm
                yield True
            self._note()
            self._redis.delete(self._lock)
            log.info("URLs have new ids", count=changed)

    def _work(self) -> Iterator[int]:
        """Do all of it; yield after each step how many ids have changed."""
        if self._store.rekey.version() != self._keys.version:
            yield from self._store.rekey.rows(self._keys.id_of_request)
        yield from self._settled()
        # With names added to the list and others taken out, a new id may be one that another URL has yet to leave.
        old: set[bytes] = set()
        for leaving, _ in self._moves():
            old.update(leaving)
            yield 0
        yield from self._waiting(old)
        yield from self._waiting(set())

    def _waiting(self, taken: set[bytes]) -> Iterator[int]:
        """Give waiting and deferred URLs their new ids, but those that are `taken`."""
        for moves, give in self._moves():
            free = {old: new for old, new in moves.items() if new not in taken}
            yield give(free) if free else 0

    def _moves(self) -> Iterator[tuple[dict[bytes, bytes], Callable[[dict[bytes, bytes]], int]]]:
        """Yield former and new ids of waiting and deferred URLs, in chunks, with what gives some of them the new ones.

        From the end of each queue, so that no place moves before it is looked at.
        """
        start = f"{self._prefix}q:"
        for queue in self._redis.scan_iter(match=beginning_with(start), count=1000, _type="LIST"):
            priority, _, server = queue.removeprefix(start.encode()).partition(b":")
            end = self._redis.llen(queue)
            while end > 0:
                first = max(0, end - _CHUNK)
                found = self._redis.lrange(queue, first, end - 1)
                places = {entry[:16]: index for index, entry in enumerate(found, first)}
                yield (
                    self._changed((entry[:16], entry[16:]) for entry in reversed(found)),
                    partial(self._give_waiting, priority, server, places),
                )
                end = first
        cursor = -1
        while cursor:
            cursor, some = self._redis.hscan(f"{self._prefix}deferred", max(cursor, 0), count=_CHUNK)
            yield self._changed(some.items()), self._give_deferred

    def _give_waiting(
        self, priority: bytes, server: bytes, places: dict[bytes, int], ids: dict[bytes, bytes]
    ) -> int:
        args = [part for one in self._with_rows(ids) for part in (*one, places[one[0]])]
        return int(self._run("rekey_waiting", priority, server, *args))

    def _give_deferred(self, ids: dict[bytes, bytes]) -> int:
        return int(self._run("rekey_deferred", *(part for one in self._with_rows(ids) for part in one)))

    def _with_rows(self, ids: dict[bytes, bytes]) -> Iterator[tuple[bytes, bytes, str]]:
        """Yield former and new ids, and the letter of the row that has the former one: that of another spelling."""
        rows = self._store.known.outcomes([old.hex() for old in ids])
        for old, new in ids.items():
            outcome = rows.get(old.hex())
            yield old, new, "" if outcome is None else LETTERS[outcome]

    def _changed(self, entries: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
        """Return the new ids of those entries that need one."""
        return {old: new for old, text in entries if (new := self._new_id(old, text))}

    def _settled(self) -> Iterator[int]:
        for some in self._store.rekey.former():
            args = [
                part
                for one in some
                for part in (
                    bytes.fromhex(one.id),
                    bytes.fromhex(one.now),
                    DELETED if one.outcome is None else LETTERS[one.outcome],
                    "" if one.follower is None else LETTERS[one.follower],
                )
            ]
            self._run("rekey_settled", *args)
            yield 0  # their rows were counted

    def _new_id(self, old: bytes, text: bytes) -> bytes | None:
        """Return the id that a record should have, None if it has it, or cannot be read."""
        entry = entry_in(text)
        if entry is None:
            return None
        new = bytes.fromhex(self._keys.id_of_request(entry.url))
        return None if new == old else new

    def _is_new(self) -> bool:
        """Return whether nothing has an id yet: no URL was ever submitted, and the store has no row."""
        return not self._redis.exists(f"{self._prefix}counts") and not self._store.identity.has_rows()

    def _locked(self) -> bool:
        """Return whether this one has the lock, for another minute from now. While anyone has it, nothing is claimed."""
        if self._redis.set(self._lock, self._me, nx=True, px=_LOCK_MS):
            return True
        mine = self._redis.get(self._lock) == self._me.encode()
        return mine and bool(self._redis.pexpire(self._lock, _LOCK_MS))

    def _note(self) -> None:
        self._store.rekey.note(self._keys.version)
        self._redis.hset(self._identity, "keys", self._keys.version)

    def _tell(self, what: str, **counts: int) -> None:
        if time.monotonic() - self._told > _TELL_EVERY:
            self._told = time.monotonic()
            log.info(what, **counts)


def bring_up_to_date(rekeying: Rekeying) -> None:
    """Do the whole work, for one that is alone with its ledger; waits as `Rekeying.steps` does, and raises what it does."""
    for goes_on in rekeying.steps():
        if not goes_on:
            time.sleep(_AGAIN)


def noted_keys(redis: RedisClient, prefix: str) -> str | None:
    """Return the version of the keys that the ledger's ids were made with; None for ids of an older newsmill."""
    noted: bytes | None = redis.hget(f"{prefix}identity", "keys")
    return None if noted is None else noted.decode("ascii", "replace")


def check_keys(redis: RedisClient, settings: Settings) -> None:
    """Raise UserError for a ledger whose ids are of other keys than those of `settings`; redis.RedisError."""
    noted = noted_keys(redis, settings.key_prefix)
    if noted is not None and noted != settings.url_keys.version:
        raise UserError(
            "The ids of the ledger were made with another list of tracking parameters. Set NEWSMILL_TRACKING_PARAMETERS as the "
            "scheduler has it, or start `newsmill scheduler` or `newsmill run` with this list first."
        )
