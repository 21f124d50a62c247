"""Numbered steps from an empty database to the tables of schema.py, in SQL, one file a step and database.

`0002_cursors.sqlite.sql` is step 2 for SQLite: statements, each of which ends at a line that ends with a semicolon and does
not begin with a space. A step that was released
never changes; a change of the tables is a new step. Steps only add tables, views, indexes, and columns that may be null, so
that processes of the version before work on while a cluster is upgraded.
"""

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, func, inspect, select
from sqlalchemy.exc import DBAPIError

from workers.errors import UserError
from workers.store.faults import Fault, fault_of
from workers.store.schema import articles, metadata, migrations

_FOLDER = Path(__file__).parent
_NAME = re.compile(r"(\d{4})_\w+\.(sqlite|postgresql)\.sql")
#: Number of newsmill's advisory lock in PostgreSQL; the first release took the same one.
_LOCK = 7310211
#: What begins a transaction that sees what others have committed once it has the lock.
_BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"}


class StoreError(UserError):
    """This version of newsmill cannot work with the store."""


@cache
def steps(dialect: str) -> dict[int, str]:
    """Return the SQL of each step for `sqlite` or `postgresql`, by its number, in order."""
    found = {
        int(match[1]): path.read_text("utf-8")
        for path in sorted(_FOLDER.glob("*.sql"))
        if (match := _NAME.fullmatch(path.name)) and match[2] == dialect
    }
    return dict(sorted(found.items()))


def statements(sql: str) -> list[str]:
    """Return the statements of a step. An indented line, as in the body of a trigger, ends none."""
    found: list[str] = []
    lines: list[str] = []
    for line in sql.splitlines():
        lines.append(line)
        if line.endswith(";") and not line.startswith(" "):
            found.append("\n".join(lines))
            lines = []
    return [*found, "\n".join(lines)] if "".join(lines).strip() else found


def latest(dialect: str) -> int:
    """Return the store's version for this version of newsmill."""
    return max(steps(dialect))


def migrate(engine: Engine) -> None:
    """Apply the steps that are missing, each once, however many processes do this at the same time.

    Takes a lock only where something is missing. Raises StoreError as `check` does, and sqlalchemy.exc.DBAPIError; the
    store is as it was then.
    """
    with engine.connect() as connection:
        version = version_of(connection)
    if version < latest(engine.dialect.name):
        _apply(engine)
    else:
        with engine.connect() as connection:
            check(connection)


def check(connection: Connection) -> None:
    """Raise StoreError for a store of a newer newsmill, and for one that lacks a column of its own version."""
    version, known = version_of(connection), latest(connection.dialect.name)
    if version > known:
        raise StoreError(
            f"A newer newsmill has upgraded the store: its version is {version}, this program knows {known}. "
            "Upgrade newsmill here, too."
        )
    missing = missing_columns(connection)
    if version == known and missing:
        raise _lacking(missing, version)


def version_of(connection: Connection) -> int:
    """Return the store's version: 0 without tables, 1 where no version is noted.

    The first release noted none.
    """
    inspector = inspect(connection)
    if inspector.has_table(migrations.name):
        return connection.execute(select(func.max(migrations.c.version))).scalar() or 0
    return 1 if inspector.has_table(articles.name) else 0


def missing_columns(connection: Connection) -> list[str]:
    """Return the columns, `table.column`, that this version of newsmill knows and the store does not have."""
    inspector = inspect(connection)
    tables = metadata.sorted_tables
    there = {
        (table.name, column["name"])
        for table in tables
        if inspector.has_table(table.name)
        for column in inspector.get_columns(table.name)
    }
    return [
        f"{table.name}.{column.name}"
        for table in tables
        for column in table.columns
        if (table.name, column.name) not in there
    ]


def _lacking(missing: list[str], version: int) -> StoreError:
    return StoreError(
        f"The store lacks {_named(missing)}, which its version {version} has. "
        "Its tables were changed by hand. Add what is missing, or restore a backup."
    )


def _named(missing: list[str]) -> str:
    """Return missing columns for a message; of a table that is missing, only its name."""
    found = [
        name
        for table in metadata.sorted_tables
        for name in (
            (f"the table {table.name}",)
            if all(f"{table.name}.{column.name}" in missing for column in table.columns)
            else (one for one in missing if one.startswith(f"{table.name}."))
        )
    ]
    return ", ".join(found)


def _apply(engine: Engine) -> None:
    dialect = engine.dialect.name
    # Not SQLAlchemy's own transaction: in SQLite it begins with the first change, after the version was read.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(_BEGIN[dialect])
        try:
            if dialect == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            _apply_missing(connection, dialect)
            check(connection)
        except BaseException as error:
            # Not ROLLBACK: a connection that broke, or SQLite on a full disk, would answer with an error of its own.
            connection.invalidate()
            if isinstance(error, DBAPIError) and fault_of(error) is Fault.UNFIT:
                _check_what_is_there(engine)
            raise
        connection.exec_driver_sql("COMMIT")


def _check_what_is_there(engine: Engine) -> None:
    """Raise StoreError where a table of newsmill's name is another's: no step can be applied to it."""
    with engine.connect() as connection:
        inspector = inspect(connection)
        missing = [one for one in missing_columns(connection) if inspector.has_table(one.split(".")[0])]
        if missing:
            raise _lacking(missing, version_of(connection))


def _apply_missing(connection: Connection, dialect: str) -> None:
    version = version_of(connection)
    for number, sql in steps(dialect).items():
        if number > version:
            for statement in statements(sql):
                connection.exec_driver_sql(statement)
    noted = set(connection.execute(select(migrations.c.version)).scalars())
    new = [number for number in steps(dialect) if number not in noted]
    now = datetime.now(UTC)
    if new:
        connection.execute(migrations.insert(), [{"version": number, "applied_at": now} for number in new])
