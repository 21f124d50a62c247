"""The rows in numbers: counts, rates, sizes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, Engine, FromClause, cast, extract, func, select, text

from tasks.article import Outcome
from workers.store.schema import articles

#: PostgreSQL's own count of live rows: right to the last transaction until a crash resets it, then ANALYZE's estimate.
#: to_regclass is null, and the sum 0, as long as there is no table.
_POSTGRESQL = text("""
    SELECT coalesce(max(greatest(pg_stat_get_live_tuples(oid), reltuples)), 0),
           pg_database_size(current_database()),
           (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())
    FROM pg_class WHERE oid = to_regclass('articles')
""")

#: Naming all outcomes lets the index on (outcome, settled_at) answer, instead of the whole table.
_ALL = list(Outcome)


class Size(NamedTuple):
    """How large the database is."""

    rows: int
    #: Bytes on disk.
    size: int
    connections: int


class Statistics:
    """Counts over the articles. Methods raise sqlalchemy.exc.DBAPIError where the database cannot be used."""

    def __init__(self, engine: Engine, table: FromClause = articles) -> None:
        self._engine = engine
        self._table = table

    def tally(self) -> list[tuple[str, str | None, int]]:
        """Return outcome, reason and how many rows have them, most first."""
        columns = (self._table.c.outcome, self._table.c.reason)
        query = select(*columns, func.count()).group_by(*columns)
        with self._engine.connect() as connection:
            counted = [(row[0], row[1], row[2]) for row in connection.execute(query)]
        return sorted(counted, key=lambda row: (-row[2], row[0], row[1] or ""))

    def settled_since(self, since: datetime) -> int:
        """Return how many rows were settled at `since` or later."""
        table = self._table
        query = (
            select(func.count())
            .select_from(table)
            .where(table.c.outcome.in_(_ALL), table.c.settled_at >= since)
        )
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one()

    def settled_by_step(self, first: int, step: int) -> dict[tuple[Outcome, int], int]:
        """Return rows by outcome and step; `step` in seconds, `first` the first step, counted from the epoch."""
        table = self._table
        # In microseconds, which are whole: a cast of seconds would cut them off in SQLite and round them in PostgreSQL.
        moment = cast(extract("epoch", table.c.settled_at) * 1_000_000, BigInteger)
        bucket = (moment // (step * 1_000_000)).label("bucket")
        since = datetime.fromtimestamp(first * step, UTC)
        query = (
            select(table.c.outcome, bucket, func.count())
            .where(table.c.outcome.in_(_ALL), table.c.settled_at >= since)
            .group_by(table.c.outcome, bucket)
        )
        with self._engine.connect() as connection:
            return {(Outcome(row[0]), int(row[1])): row[2] for row in connection.execute(query)}

    def newest_timings(self, limit: int) -> list[dict[str, float]]:
        """Return the stage times, in milliseconds, of the newest rows."""
        table = self._table
        query = select(table.c.timings).order_by(table.c.settled_at.desc()).limit(limit)
        with self._engine.connect() as connection:
            return [row[0] for row in connection.execute(query)]


def size_of(engine: Engine) -> Size:
    """Return the size of the database; without tables it has no rows."""
    with engine.connect() as connection:
        return _postgresql(connection) if engine.dialect.name == "postgresql" else _sqlite(connection)


def _postgresql(connection: Connection) -> Size:
    rows, size, connections = connection.execute(_POSTGRESQL).one()
    return Size(int(rows), size, connections)


def _sqlite(connection: Connection) -> Size:
    has_table = connection.dialect.has_table(connection, articles.name)
    rows = connection.execute(select(func.count()).select_from(articles)).scalar_one() if has_table else 0
    file = connection.engine.url.database or ""
    sizes = (Path(file + suffix).stat().st_size for suffix in ("", "-wal") if Path(file + suffix).exists())
    return Size(rows, sum(sizes), 1)
