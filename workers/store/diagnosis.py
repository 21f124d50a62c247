"""The condition of the database, and what this process may do there, found out without doing it."""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, text

from workers.store.schema import metadata

#: The privileges that newsmill uses on its tables, those of them that are there and may not be used.
_LACKING = text("""
    SELECT a_table || ' (' || string_agg(privilege, ', ') || ')'
    FROM unnest(CAST(:tables AS text[])) AS a_table,
         unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
    WHERE to_regclass(quote_ident(a_table)) IS NOT NULL
      AND NOT has_table_privilege(to_regclass(quote_ident(a_table)), privilege)
    GROUP BY a_table ORDER BY a_table
""")
_MAY_CREATE = text("SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)")
#: PostgreSQL 16 reserves some for a role as well.
_CONNECTIONS = text("""
    SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
           (SELECT sum(CASE name WHEN 'max_connections' THEN setting::int ELSE -setting::int END) FROM pg_settings
            WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections'))
""")
_READ_ONLY = text("SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean")


def is_read_only(connection: Connection) -> bool:
    """Return whether a PostgreSQL takes no writes: it is a standby, or set to read only."""
    return bool(connection.execute(_READ_ONLY).scalar())


def lacking_privileges(connection: Connection) -> Sequence[str]:
    """Return the tables of a PostgreSQL that may not be read or changed, with the privileges that are missing."""
    tables = [table.name for table in metadata.sorted_tables]
    return connection.execute(_LACKING, {"tables": tables}).scalars().all()


def may_create_tables(connection: Connection) -> bool:
    """Return whether tables may be made in a PostgreSQL's schema."""
    return bool(connection.execute(_MAY_CREATE).scalar())


def connections(connection: Connection) -> tuple[int, int]:
    """Return how many connections a PostgreSQL has now, and how many it may have of roles without privileges."""
    used, most = connection.execute(_CONNECTIONS).one()
    return int(used), int(most)


def clock(connection: Connection) -> float:
    """Return the time of a PostgreSQL, in seconds since the epoch."""
    return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())


def journal_mode(connection: Connection) -> str:
    """Return how an SQLite file is written: `wal`, or a mode in which processes block each other."""
    return str(connection.execute(text("PRAGMA journal_mode")).scalar_one())


def may_write_sqlite(file: Path) -> bool:
    """Return whether an SQLite file may be written to, and the files that SQLite makes beside it."""
    beside = [path for suffix in ("-wal", "-shm") if (path := file.with_name(file.name + suffix)).exists()]
    return os.access(file.parent, os.W_OK | os.X_OK) and all(
        os.access(one, os.W_OK) for one in (file, *beside)
    )


def is_locked(file: Path, seconds: float) -> bool:
    """Return whether another program keeps an SQLite file locked for longer than `seconds`.

    Begins to write and takes that back, so nothing changes. sqlite3.Error for a file that is no database.
    """
    uri = f"{file.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, timeout=seconds, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return True
        raise
    else:
        connection.execute("ROLLBACK")
        return False
    finally:
        connection.close()
