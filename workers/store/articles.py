"""The rows of settled articles, written under their fencing token."""

from collections.abc import Collection, Generator, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, FromClause, bindparam, func, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import RowMapping

from tasks.article import Article, Outcome
from workers.store.clock import clock_of
from workers.store.filters import Filter, conditions, passes_topic
from workers.store.order import DEFAULT, Order
from workers.store.rekey import rename_original
from workers.store.rows import Result, article_of, row_of
from workers.store.schema import articles, former_ids
from workers.store.sqlite_reader import check_unchanged

#: Rows that are in memory at a time while they are streamed: at some 5 KB each, 0.25 MB; 20 take PostgreSQL a third longer.
FETCHED = 50

#: Name of the parameter with a row's time, which is the database's where it is null.
_GIVEN_TIME = "given_time"


class Articles:
    """Rows of settled articles. Methods raise sqlalchemy.exc.DBAPIError where the database cannot be used.

    `table` is what they read: the table, or a query with what an older store has of it.
    """

    def __init__(self, engine: Engine, table: FromClause = articles) -> None:
        self.engine = engine
        self._table = table
        self._upsert = _upsert(engine.dialect.name)

    def write(self, article: Article, host: str, result: Result) -> bool:
        """Write the article's row, unless a newer attempt has; return whether the row is this attempt's."""
        values = row_of(article, host, result)
        values[_GIVEN_TIME] = values.pop("settled_at")
        # By RETURNING, since psycopg says -1 rows of an upsert.
        with self.engine.begin() as connection:
            before = self._url_before(connection, article)
            written = connection.execute(self._upsert, values).first() is not None
            if written and before is not None:
                rename_original(connection, before, article.url)
            return written

    def _url_before(self, connection: Connection, article: Article) -> str | None:
        """Return the URL by which an article that is fetched again may be named by its copies; others have none."""
        if not article.again:
            return None
        return connection.execute(select(articles.c.url).where(articles.c.id == article.id)).scalar()

    def row(self, article_id: str) -> RowMapping | None:
        """Return the row of an article, None for one that is not settled."""
        query = select(self._table).where(self._table.c.id == article_id)
        with self.engine.connect() as connection:
            return connection.execute(query).mappings().first()

    def last(self, article_id: str) -> Article | None:
        """Return the article as it was enriched, or found to be a duplicate, last (tasks.fetch.conditional_get.Rows)."""
        row = self.row(article_id)
        if row is None or row["outcome"] not in {Outcome.ENRICHED, Outcome.DUPLICATE}:
            return None
        try:
            return article_of(row)
        except msgspec.ValidationError:  # another version of newsmill has written it
            return None

    def outcome_of(self, article: Article) -> Outcome | None:
        """Return the outcome that an attempt at this submission of the article has already written, if any.

        If the writer of a row died before it released the lease, the next attempt finds the row here. The row of an
        earlier submission (`--again`) has another time.
        """
        submitted_at = datetime.fromtimestamp(article.submitted_at, UTC)
        table = self._table
        query = select(table.c.outcome).where(table.c.id == article.id, table.c.submitted_at == submitted_at)
        with self.engine.connect() as connection:
            value = connection.execute(query).scalar()
            return Outcome(value) if value else None

    def last_owners(self, seconds: float) -> Iterator[tuple[str, str]]:
        """Yield the id of each article that was enriched in so many seconds before the newest row, and that of its content."""
        table = self._table
        with self.engine.connect() as connection:
            newest = connection.execute(select(func.max(table.c.settled_at))).scalar()
            if newest is None:
                return
            lately = table.c.settled_at >= newest - timedelta(seconds=seconds)
            query = select(table.c.id, table.c.content_id).where(lately, table.c.outcome == Outcome.ENRICHED)
            for one, content in connection.execute(query):
                if content:
                    yield one, content

    def url_of(self, article_id: str) -> str | None:
        """Return the URL of a settled article."""
        query = select(self._table.c.url).where(self._table.c.id == article_id)
        with self.engine.connect() as connection:
            return connection.execute(query).scalar()

    def id_now(self, former_id: str) -> str | None:
        """Return the id that an article has now which had another one before its key changed (rekey.py); else None.

        A store of an older version knows of none.
        """
        query = select(former_ids.c.now).where(former_ids.c.id == former_id)
        with self.engine.connect() as connection:
            if not inspect(connection).has_table(former_ids.name):
                return None
            return connection.execute(query).scalar()

    def rows(
        self, filter_: Filter | None = None, limit: int | None = None, order: Order | None = None
    ) -> Iterator[RowMapping]:
        """Yield rows that pass the filter, streamed; without an `order`, in that in which they were settled.

        UserError where a file without locks was written to meanwhile (sqlite_reader.py).
        """
        filter_, order = filter_ or Filter(), order or Order()
        find = self._in_order if order.by == DEFAULT else self._sorted
        with (
            self.engine.connect().execution_options(yield_per=FETCHED) as connection,
            closing(find(connection, filter_, order)) as found,
        ):
            yield from islice((row for row in found if passes_topic(row, filter_)), limit)
            check_unchanged(connection)

    def _in_order(self, connection: Connection, filter_: Filter, order: Order) -> Generator[RowMapping]:
        """Yield rows in an order that an index has."""
        table = self._table
        query = select(table).where(*conditions(filter_, table.c)).order_by(*order.clauses(table.c))
        with connection.execute(query) as found:
            yield from found.mappings()

    def _sorted(self, connection: Connection, filter_: Filter, order: Order) -> Generator[RowMapping]:
        """Yield rows in an order that the database has to make: of ids only, since its sorter would write every text.

        A row that another process changes meanwhile is read as it is then, if it still passes the filter.
        """
        table, wanted = self._table, conditions(filter_, self._table.c)
        ids = select(table.c.id).where(*wanted).order_by(*order.clauses(table.c))
        with connection.execute(ids) as found:
            for part in found.scalars().partitions(FETCHED):
                rows = connection.execute(select(table).where(table.c.id.in_(part), *wanted)).mappings()
                by_id = {row["id"]: row for row in rows}
                yield from (by_id[id_] for id_ in part if id_ in by_id)

    def copies_of(self, urls: Collection[str]) -> list[tuple[str, str]]:
        """Return URL of the original and URL of the copy for each exact copy of one of `urls`."""
        table = self._table
        query = select(table.c.duplicate_of, table.c.url).where(table.c.duplicate_of.in_(urls))
        with self.engine.connect() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]

    def duplicates_of(self, urls: Collection[str]) -> list[RowMapping]:
        """Return the rows of the exact and the near duplicates of any of `urls`, in the order they were settled."""
        table = self._table
        of = table.c.duplicate_of.in_(urls) | table.c.near_duplicate_of.in_(urls)
        with self.engine.connect() as connection:
            return list(connection.execute(select(table).where(of).order_by(table.c.settled_at)).mappings())

    def dead(self, filter_: Filter) -> list[tuple[str, str, str, int]]:
        """Return reason, stage, host and count of the failed rows that pass the filter, most first."""
        table = self._table
        columns = (table.c.reason, table.c.stage, table.c.host)
        wanted = (*conditions(filter_, table.c), table.c.outcome == Outcome.FAILED)
        query = select(*columns, func.count()).where(*wanted).group_by(*columns)
        with self.engine.connect() as connection:
            counted = [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]
        return sorted(counted, key=lambda row: (-row[3], *row[:3]))


def _upsert(dialect: str) -> Any:
    """Return the statement that writes a row. Made once: SQLAlchemy takes 2 ms to build it."""
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(articles)
    given = bindparam(_GIVEN_TIME, type_=articles.c.settled_at.type)
    insert = insert.values(settled_at=func.coalesce(given, clock_of(dialect)))
    upsert = insert.on_conflict_do_update(
        index_elements=[articles.c.id],
        set_={name: column for name, column in insert.excluded.items() if name != "id"},
        where=articles.c.token <= insert.excluded.token,
    )
    return upsert.returning(articles.c.id)
