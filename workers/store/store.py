"""The store: one database, opened to write or only to read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, FromClause, cast, false, null, select, update

from workers.store import migrations
from workers.store.articles import Articles
from workers.store.changes import Changes
from workers.store.cursors import Cursors
from workers.store.documents import Documents
from workers.store.engine import engine_for, sqlite_file
from workers.store.host_rules import StoredHostRules
from workers.store.identity import Identity
from workers.store.known import Known
from workers.store.migrations import StoreError
from workers.store.rekey import Rekey
from workers.store.schema import articles, store_identity
from workers.store.statistics import Statistics

#: A write that changes nothing.
_SAME = update(store_identity).values(one=store_identity.c.one)


class Store(Articles):
    """The articles' rows, and beside them the documents, the cursors and the statistics.

    It connects at first use. A process that writes calls `migrate` at its start; the children of a worker need not.
    """

    def __init__(
        self,
        url: str,
        *,
        engine: Engine | None = None,
        table: FromClause = articles,
        seconds: int | None = None,
    ) -> None:
        """`seconds` is how long a statement may take; None sets no limit."""
        engine = engine or engine_for(url, seconds=seconds)
        super().__init__(engine, table)
        self.documents = Documents(engine)
        self.cursors = Cursors(engine)
        self.host_rules = StoredHostRules(engine)
        self.identity = Identity(engine)
        self.statistics = Statistics(engine, table)
        self.changes = Changes(engine, table)
        self.known = Known(engine, table)
        self.rekey = Rekey(engine)

    @classmethod
    def in_memory(cls) -> Self:
        """Return an empty store in memory, for tests and for readers of a database that does not exist yet.

        Threads may share it; one at a time reads or writes (sqlite_memory.py).
        """
        store = cls("sqlite:///:memory:")
        store.migrate()
        return store

    @classmethod
    def read_only(cls, url: str, *, empty_ok: bool = False, seconds: int | None = None) -> Self:
        """Return the store to read from: nothing is written, and what an older one lacks is null.

        A database without tables is an empty store; so is a file that does not exist, with `empty_ok`. `seconds` is how long a
        statement may take. Raises StoreError
        for a file that does not exist and for a store that `migrations.check` refuses; sqlalchemy.exc.DBAPIError.
        """
        file = sqlite_file(url)
        if file is not None and not file.is_file():
            if empty_ok:
                return cls.in_memory()
            raise StoreError(
                f"There is no database {file} yet. Start `newsmill run`, name its folder with --data, "
                "or set NEWSMILL_DATABASE_URL."
            )
        engine = engine_for(url, read_only=True, seconds=seconds)
        try:
            with engine.connect() as connection:
                migrations.check(connection)
                table = _as_it_is(connection)
            return cls(url, engine=engine, table=table)
        except BaseException:
            engine.dispose()
            raise

    @property
    def file(self) -> Path | None:
        """Return the SQLite file that it is, None for another database or one in memory."""
        return sqlite_file(self.engine.url)

    def migrate(self) -> None:
        """Bring the tables up to this version; safe to call from many processes at once.

        Raises StoreError for a store of a newer newsmill, and for one that lacks a column of its own version.
        """
        migrations.migrate(self.engine)
        self.changes.go_on_above()

    def probe(self) -> None:
        """Write something, to see whether that is possible; nothing changes.

        Raises sqlalchemy.exc.DBAPIError where it is not, and StoreError for tables that are not as they should be.
        """
        with self.engine.begin() as connection:
            connection.execute(_SAME)
            migrations.check(connection)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@contextmanager
def open_store(url: str) -> Iterator[Store]:
    """Yield the store to write to, its tables up to date; closed at the end."""
    store = Store(url)
    try:
        store.migrate()
        yield store
    finally:
        store.close()


@contextmanager
def open_to_read(url: str, *, empty_ok: bool = False) -> Iterator[Store]:
    """Yield the store to read from (`Store.read_only`); closed at the end."""
    store = Store.read_only(url, empty_ok=empty_ok)
    try:
        yield store
    finally:
        store.close()


def _as_it_is(connection: Connection) -> FromClause:
    """Return the articles with null in each column that the store lacks; no rows if it lacks the table."""
    table = articles.name + "."
    missing = {
        one.removeprefix(table) for one in migrations.missing_columns(connection) if one.startswith(table)
    }
    if not missing:
        return articles
    columns = [
        cast(null(), one.type).label(one.name) if one.name in missing else one for one in articles.columns
    ]
    found = select(*columns)
    return (found.where(false()) if len(missing) == len(columns) else found).subquery(articles.name)
