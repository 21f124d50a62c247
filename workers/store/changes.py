"""What has changed in the store, in an order in which nobody who reads on from a number misses anything.

Each article has one row in `changes`: the number of its last change, and its fencing token. Triggers of the articles write it
(migrations/0005_changes), in the transaction of the change itself. So it holds for every writer: a worker, one of an older
version, and whoever deletes a row by hand. It grows with the articles only, and needs no cleaning.

A number has to be in the order of the commits. SQLite has one writer at a time: its numbers are 1, 2, 3. In PostgreSQL a
number from a sequence is taken before the commit, and a reader passes the rows that commit after it: 261 of 5,684 were missed
with eight writers, by their time 453, by this rule none. There the number is the transaction's id, and only what is below the
oldest transaction that is still running is read. A database that was restored in another cluster begins its ids anew:
`go_on_above` counts them from the highest number that is there.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, Engine, FromClause, and_, func, inspect, select, text, true
from sqlalchemy.engine import RowMapping

from workers.errors import UserError
from workers.store.filters import Filter, conditions, passes_topic
from workers.store.schema import change_numbers, changes

#: Rows in memory at a time.
_FETCHED = 50
#: Labels of what is beside the columns of an article.
_ID, _TOKEN, _PASSES = "change_id", "change_token", "passes"
#: Number of newsmill's advisory lock for the numbers in PostgreSQL.
_LOCK = 7310212

_OLDEST_RUNNING = text("SELECT txid_snapshot_xmin(txid_current_snapshot())")
#: Where the base has to be for the next transaction's number to be above all others, and above :number; no row where it is.
_BASE_WANTED = text("""
    SELECT highest + 1 - txid_snapshot_xmin(txid_current_snapshot())
    FROM (SELECT greatest((SELECT max(number) FROM changes), CAST(:number AS bigint)) AS highest) AS found
    WHERE highest >= (SELECT base FROM change_numbers) + txid_snapshot_xmax(txid_current_snapshot())
""")


class Change(NamedTuple):
    """The last change of an article."""

    number: int
    id: str
    token: int
    #: The article's row as it is now; None for one that was deleted, or does not pass the filter any more.
    row: RowMapping | None


class Changes:
    """The changes of one store. Methods raise sqlalchemy.exc.DBAPIError where the database cannot be used."""

    def __init__(self, engine: Engine, articles: FromClause) -> None:
        self._engine = engine
        self._articles = articles
        self._is_postgresql = engine.dialect.name == "postgresql"

    def last(self) -> int:
        """Return the number up to which all changes can be read; 0 for a store without any, or of an older version."""
        with self._engine.connect() as connection:
            return self._last(connection) if inspect(connection).has_table(changes.name) else 0

    def after(self, number: int, filter_: Filter | None = None) -> Iterator[Change]:
        """Yield the last change of each article that has changed after `number`, in the order of their numbers.

        The number of the last one is where to go on. Changes of one transaction have one number: a reader that stops
        between them gets the first ones again. An article that changes meanwhile comes later, with a higher number.
        Raises UserError for a store without changes, and for one that has not come to `number` yet: a backup was restored.
        """
        with self._engine.connect().execution_options(yield_per=_FETCHED) as connection:
            if not inspect(connection).has_table(changes.name):
                raise UserError(
                    "The store notes no changes yet: an older newsmill has made it. A worker, a scheduler or `newsmill run` "
                    "of this version upgrades it."
                )
            last = self._last(connection)
            if number > last:
                raise UserError(
                    f"The store's last change is {last}, and {number} is after it: a backup was restored, or it is another "
                    "store. Read all changes again, with --after 0."
                )
            rows, filter_ = self._articles, filter_ or Filter()
            passes = and_(true(), rows.c.id.is_not(None), *conditions(filter_, rows.c)).label(_PASSES)
            noted = (changes.c.number, changes.c.id.label(_ID), changes.c.token.label(_TOKEN))
            query = (
                select(*noted, passes, rows)
                .select_from(changes.outerjoin(rows, rows.c.id == changes.c.id))
                .where(changes.c.number > number, changes.c.number <= last)
                .order_by(changes.c.number, changes.c.id)
            )
            with connection.execute(query) as found:
                for row in found.mappings():
                    there = row if row[_PASSES] and passes_topic(row, filter_) else None
                    yield Change(row["number"], row[_ID], row[_TOKEN], there)

    def highest(self) -> int | None:
        """Return the highest number there is, 0 without any change; None for a store of an older version."""
        with self._engine.connect() as connection:
            if not inspect(connection).has_table(changes.name):
                return None
            return connection.execute(select(func.max(changes.c.number))).scalar() or 0

    def go_on_above(self, number: int = 0) -> None:
        """See to it that the next change gets a higher number than all before it, and than `number`; for who is to write.

        It does not in a PostgreSQL into which a backup of another cluster was restored.
        """
        if not self._is_postgresql:
            if number:
                with self._engine.begin() as connection:
                    base = func.max(change_numbers.c.base, number)
                    connection.execute(change_numbers.update().values(base=base))
            return
        given = {"number": number}
        with self._engine.begin() as connection:
            if connection.execute(_BASE_WANTED, given).first() is None:
                return
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            # Nobody writes meanwhile: their numbers would be of the old base.
            connection.exec_driver_sql("LOCK TABLE changes IN SHARE ROW EXCLUSIVE MODE")
            wanted = connection.execute(_BASE_WANTED, given).scalar()
            if wanted is not None:
                connection.execute(change_numbers.update().values(base=wanted))

    def _last(self, connection: Connection) -> int:
        base: int = connection.execute(select(change_numbers.c.base)).scalar_one()
        if not self._is_postgresql:
            return max(connection.execute(select(func.max(changes.c.number))).scalar() or 0, base)
        oldest_running: int = connection.execute(_OLDEST_RUNNING).scalar_one()
        return base + oldest_running - 1
