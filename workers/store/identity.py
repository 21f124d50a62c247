"""Which store this is: its id, and the ledgers that it has worked with. workers/ledger/pair.py compares both sides."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from workers.store.engine import engine_for, sqlite_file
from workers.store.schema import articles, ledgers, store_identity

#: A ledger's `last_seen` is not written again before it is this old: a hundred workers start at once.
SEEN_EVERY = timedelta(hours=1)


class KnownLedger(NamedTuple):
    """A ledger that the store has worked with."""

    id: str
    name: str
    first_seen: datetime
    last_seen: datetime


class Identity:
    """The store's id and its ledgers. Methods raise sqlalchemy.exc.DBAPIError where the database cannot be used."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._dialect = postgresql if engine.dialect.name == "postgresql" else sqlite

    @property
    def id(self) -> str | None:
        """The store's id, 32 hexadecimal digits; None for a store that has none yet, as one of an older version."""
        with self._engine.connect() as connection:
            if not inspect(connection).has_table(store_identity.name):
                return None
            return connection.execute(select(store_identity.c.id)).scalar()

    def settle(self, new: str) -> str:
        """Return the store's id; it is `new` from now on if there was none. Processes that ask at once get the same."""
        insert = self._dialect.insert(store_identity).values(one=1, id=new, created_at=datetime.now(UTC))
        with self._engine.begin() as connection:
            connection.execute(insert.on_conflict_do_nothing())
        # In a transaction of its own, which sees what another process has inserted meanwhile.
        with self._engine.connect() as connection:
            settled: str = connection.execute(select(store_identity.c.id)).scalar_one()
        return settled

    @property
    def ledgers(self) -> list[KnownLedger]:
        """The ledgers, the one that was seen last first."""
        with self._engine.connect() as connection:
            if not inspect(connection).has_table(ledgers.name):
                return []
            found = connection.execute(select(ledgers).order_by(ledgers.c.last_seen.desc()))
            return [KnownLedger(*row) for row in found]

    def note(self, ledger: str, name: str) -> None:
        """Note that the store works with a ledger now, and what that is called."""
        now = datetime.now(UTC)
        with self._engine.connect() as connection:
            seen = connection.execute(
                select(ledgers.c.last_seen).where(ledgers.c.id == ledger)
            ).scalar_one_or_none()
        if seen is not None and now - seen < SEEN_EVERY:
            return
        values = {"name": name, "last_seen": now}
        insert = self._dialect.insert(ledgers).values(id=ledger, first_seen=now, **values)
        with self._engine.begin() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_=values))

    def has_rows(self) -> bool:
        """Return whether any article has an outcome here."""
        with self._engine.connect() as connection:
            return connection.execute(select(articles.c.id).limit(1)).first() is not None


def read_id(url: str, seconds: int) -> str | None:
    """Return the id of the store at `url`; None where it has none, does not exist, or does not answer within `seconds`."""
    file = sqlite_file(url)
    if file is not None and not file.is_file():
        return None
    engine = engine_for(url, read_only=True, seconds=seconds)
    try:
        return Identity(engine).id
    except DBAPIError:
        return None
    finally:
        engine.dispose()
