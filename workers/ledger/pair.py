"""Ledger and store as a pair: whether they belong together, and making them one.

A ledger belongs to one store; a store may have any number of ledgers. Each side has an id of its own and notes the
other's, so both may move to other places. A side without an identity takes what the other one knows.
"""

from dataclasses import dataclass
from pathlib import Path

from workers.errors import UserError
from workers.ledger.identity import Belonging, LedgerIdentity, Names, new_id, short
from workers.ledger.redis_client import RedisClient
from workers.settings import Settings
from workers.store.identity import read_id
from workers.store.store import Store

#: Seconds to wait for a database that a command can do without.
_PATIENCE = 2


class ForeignLedgerError(UserError):
    """The ledger belongs to another store."""


class OlderStoreError(UserError):
    """The store does not have what the ledger has seen in it: a backup of it was restored."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A ledger and its store; both know each other."""

    ledger: str
    store: str
    store_name: str
    #: What the user should know of how they came together, in one line.
    note: str | None = None


def pair(
    client: RedisClient,
    settings: Settings,
    store: Store,
    *,
    take_over: bool = False,
    folder: Path | None = None,
) -> Pair:
    """Make ledger and store a pair if they are none yet; safe to call from many processes at once.

    With `take_over` a ledger of another store belongs to this one from then on. `folder` is that of a ledger in a Redis
    of newsmill's own. The store's tables are up to date. Raises ForeignLedgerError for a ledger of another store,
    OlderStoreError for a store that was restored from a backup, unless `take_over`; redis.RedisError,
    sqlalchemy.exc.DBAPIError. What a process that dies has left undone, the next call does.
    """
    names = Names.of(settings, folder)
    ledger = LedgerIdentity(client, settings.key_prefix)
    before, had_id, known = ledger.read(), store.identity.id, store.identity.ledgers
    adopted = before.store if before and not had_id and not take_over else None
    if before and before.store in {had_id, adopted}:
        _check_age(ledger, store, names, take_over=take_over)
    ours = had_id or store.identity.settle(adopted or new_id())
    now = ledger.bind(ours, names.store, take_over=take_over)
    _refuse_foreign(now, ours, names)
    store.identity.note(now.ledger, names.ledger)
    note = None
    if before and before.store != ours:
        note = _taken_over(names, before)
    elif before and adopted and not store.identity.has_rows():
        note = _adopted(names, before)
    elif now.is_new and now.is_empty and known:
        note = _new_ledger(names, known[0].name)
    return Pair(now.ledger, ours, names.store, note)


def check_ledger(
    client: RedisClient, settings: Settings, *, take_over: bool = False, folder: Path | None = None
) -> None:
    """Refuse a ledger of another store, for a command that does not need the store: that is not created, nor waited for.

    Notes the store's id in a ledger without one. If there is no store, or it has no id or does not answer, the next worker
    notices instead. Raises ForeignLedgerError, unless `take_over`; with that, UserError for a store without an id;
    redis.RedisError.
    """
    ours = read_id(settings.database_url.get_secret_value(), _PATIENCE)
    names = Names.of(settings, folder)
    if ours:
        now = LedgerIdentity(client, settings.key_prefix).bind(ours, names.store, take_over=take_over)
        _refuse_foreign(now, ours, names)
    elif take_over:
        raise UserError(
            f"The store {names.store} has no identity yet. Take over with `newsmill scheduler --take-over`."
        )


def foreign(client: RedisClient, settings: Settings, store: Store, folder: Path | None = None) -> str | None:
    """Return what is wrong with a ledger that belongs to another store, None if nothing is. Changes nothing.

    A store without an identity is another one, too: the ledger's has one. Raises redis.RedisError and
    sqlalchemy.exc.DBAPIError.
    """
    ledger, names = LedgerIdentity(client, settings.key_prefix), Names.of(settings, folder)
    noted = ledger.read()
    if noted is None:
        return None
    if noted.store != store.identity.id:
        return what_is_foreign(noted, names)
    return _what_is_older(ledger.changes(), store.changes.highest(), names)


def _check_age(ledger: LedgerIdentity, store: Store, names: Names, *, take_over: bool) -> None:
    """Refuse a store that is older than its ledger; with `take_over`, let its changes go on above what was seen."""
    seen = ledger.changes()
    older = _what_is_older(seen, store.changes.highest(), names)
    if older is None:
        return
    if not take_over:
        raise OlderStoreError(
            f"{older} Restore the newest backup. Or go on with --take-over, and submit your lists with --without-row: what "
            "has lost its row is done again then."
        )
    store.changes.go_on_above(seen)
    ledger.note_changes(store.changes.highest() or 0)


def _what_is_older(seen: int, highest: int | None, names: Names) -> str | None:
    if highest is None or highest >= seen:
        return None
    return (
        f"The store {names.store} is older than {names.ledger}: its last change is {highest}, and {seen} was seen in it. "
        "A backup of it was restored, or it is a copy."
    )


def _refuse_foreign(now: Belonging, ours: str, names: Names) -> None:
    if now.store != ours:
        raise ForeignLedgerError(
            f"{what_is_foreign(now, names)} Correct {names.decided_by}, or bind this Redis to this store with --take-over."
        )


def what_is_foreign(noted: Belonging, names: Names) -> str:
    """Return in a sentence which other store the ledger belongs to."""
    if noted.store_name == names.store:
        return (
            f"{names.ledger} belongs to an earlier store at {names.store}, not to the one that is there now."
        )
    return f"{names.ledger} belongs to the store {noted.store_name}, and this is the store {names.store}."


def _taken_over(names: Names, before: Belonging) -> str:
    return (
        f"{names.ledger} belonged to the store {before.store_name} and belongs to {names.store} now. "
        "The rows of articles that it counts as done are in the former."
    )


def _adopted(names: Names, before: Belonging) -> str:
    return (
        f"The store {names.store} is empty, and {names.ledger} belongs to the store {before.store_name}. "
        "From now on both count as one store; earlier rows are in the latter."
    )


def _new_ledger(names: Names, earlier: str) -> str:
    return (
        f"{names.ledger} is new to the store {names.store}, or was emptied. What waited in {short(earlier)} is not in "
        "it: submit your lists again if that is gone."
    )
