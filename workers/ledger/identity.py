"""Which ledger this is: its id, and the one store that it belongs to. pair.py compares that with the store."""

import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from workers.ledger.redis_client import RedisClient
from workers.ledger.scripts import Scripts
from workers.masking import masked
from workers.output.printable import printable
from workers.settings import Settings
from workers.store.engine import sqlite_file, sqlite_url

#: Characters of a name that is shown. Whoever writes to Redis may have put anything there.
_LONGEST_NAME = 200
_ID = re.compile(r"[0-9a-f]{32}")


def new_id() -> str:
    """Return an id for a ledger or a store: a random UUID (RFC 9562, version 4) as 32 hexadecimal digits."""
    return uuid.uuid4().hex


def is_id(text: str) -> bool:
    """Return whether a text is such an id."""
    return bool(_ID.fullmatch(text))


@dataclass(frozen=True, slots=True)
class Names:
    """What people call the two sides, URLs without passwords, and what decides which they are."""

    ledger: str
    store: str
    decided_by: str = "NEWSMILL_REDIS_URL or NEWSMILL_DATABASE_URL"

    @classmethod
    def of(cls, settings: Settings, folder: Path | None = None) -> Self:
        """Return the names of the settings' ledger and store; `folder` is that of a Redis of newsmill's own."""
        url = settings.database_url.get_secret_value()
        file = sqlite_file(url)
        store = sqlite_url(file.absolute()) if file else masked(url)
        if folder is not None:  # such a Redis has another port each time
            return cls(str(folder.absolute()), store, "--data or NEWSMILL_DATABASE_URL")
        prefix, usual = settings.key_prefix, Settings.model_fields["key_prefix"].default
        ledger = masked(settings.redis_url.get_secret_value())
        return cls(ledger if prefix == usual else f"{ledger} (prefix {prefix})", store)


@dataclass(frozen=True, slots=True)
class Belonging:
    """A ledger's id and the store that it belongs to."""

    ledger: str
    store: str
    store_name: str
    #: Whether it has got its id just now.
    is_new: bool = False
    #: Whether no URL was ever submitted to it.
    is_empty: bool = False


class LedgerIdentity:
    """The identity of the ledger under `prefix`. Methods raise redis.RedisError."""

    def __init__(self, redis: RedisClient, prefix: str) -> None:
        self._redis = redis
        self._key = f"{prefix}identity"
        self._run = Scripts(redis, prefix).run

    def read(self) -> Belonging | None:
        """Return what is noted; None for a ledger without a store, as one that only older versions have used."""
        ledger, store, name = self._redis.hmget(self._key, "ledger", "store", "name")
        if not ledger or not store:
            return None
        return Belonging(_text(ledger), _text(store), short(_text(name or b"")))

    def bind(
        self, store: str, store_name: str, *, ledger: str | None = None, take_over: bool = False
    ) -> Belonging:
        """Note the store's id and name, unless the ledger has another store; return what is noted then.

        With `take_over`, also if it has another one. `ledger` is the id of a ledger without one, else a new id.
        """
        args = (ledger or new_id(), store, store_name, "1" if take_over else "0")
        noted, its_store, name, is_new, is_empty = self._run("belong", *args)
        return Belonging(_text(noted), _text(its_store), short(_text(name)), is_new == b"1", is_empty == b"1")

    def changes(self) -> int:
        """Return the highest change of the store that was seen beside this ledger; 0 for none."""
        return int(self._redis.hget(self._key, "changes") or 0)

    def note_changes(self, number: int) -> None:
        """Note the highest change of the store."""
        self._redis.hset(self._key, "changes", number)


def short(text: str) -> str:
    """Return the beginning of a name, with nothing in it that a terminal obeys."""
    return printable(text[:_LONGEST_NAME])[:_LONGEST_NAME]


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
