"""Connections to SQLite and PostgreSQL, and what their errors mean."""

import logging
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.pool import NullPool

from workers.store.sqlite_memory import SharedMemory
from workers.store.sqlite_reader import connect_to_read

#: SQLite's primary result codes after which the same statement may be carried out a moment later: another process holds
#: the file, or the disk or the system gives no room or no access (sqlite.org/rescode.html).
_SQLITE_PASSING = frozenset(
    (
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY),
        *(sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN),
        sqlite3.SQLITE_PROTOCOL,
    )
)
#: Those of a file that is damaged, or whose tables are not as the statement has them.
_SQLITE_UNFIT = frozenset(
    (
        *(sqlite3.SQLITE_ERROR, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_SCHEMA),
        *(sqlite3.SQLITE_AUTH, sqlite3.SQLITE_NOTADB),
    )
)

#: The same of PostgreSQL's SQLSTATEs, or how they begin (postgresql.org/docs/current/errcodes-appendix.html).
_POSTGRESQL_PASSING = (
    "08",  # the connection broke
    "25006",  # read-only transaction: a standby answers, until it is promoted
    "40",  # deadlock or serialization failure: the transaction was rolled back
    "53",  # disk full, out of memory, too many connections
    "55P03",  # a lock was not to be had within lock_timeout
    "57",  # shutdown, crash, start-up; a statement cancelled by its timeout
    "58",  # I/O error
)
_POSTGRESQL_UNFIT = (
    "28",  # the role may not log in
    "3D",  # there is no such database
    "3F",  # there is no such schema
    "42",  # a table or a column is missing or of another type; a privilege is missing
    "XX",  # data or an index is damaged
)


def engine_for(url: str, *, read_only: bool = False, seconds: int | None = None) -> Engine:
    """Return the engine for the database at `url`; it connects when it is used first.

    With `read_only` nothing is written, not even SQLite's own files. `seconds` is how long a PostgreSQL may take to answer,
    at least 2. Raises sqlalchemy.exc.ArgumentError for what is no database URL.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = _postgresql(parsed, read_only=read_only, **_quiet(read_only=read_only))
        if seconds is not None:
            event.listen(engine, "do_connect", partial(_hurry, seconds))
            event.listen(engine, "connect", partial(_limit_statements, seconds))
        return engine
    file = sqlite_file(url)
    if file is None:
        return _in_memory(parsed)
    if read_only:
        options = _quiet(read_only=True)
        return _sqlite(parsed, poolclass=NullPool, creator=lambda: connect_to_read(file), **options)
    engine = _sqlite(parsed)
    event.listen(engine, "do_connect", lambda *_: file.parent.mkdir(parents=True, exist_ok=True))
    event.listen(engine, "connect", _tune_sqlite)
    return engine


def sqlite_url(file: Path) -> str:
    """Return the URL of an SQLite file, whatever characters its path has in it."""
    return URL.create("sqlite", database=str(file)).render_as_string()


def sqlite_file(url: str | URL) -> Path | None:
    """Return the file of an SQLite URL, None for another database or one in memory."""
    parsed = make_url(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database not in {None, "", ":memory:"}
    return Path(parsed.database or "") if is_file else None


def is_outage(error: DBAPIError) -> bool:
    """Return whether the database was away or not able (stopped, locked, full), so that a later try may succeed.

    A table or a column that is missing is no outage. What a driver raises without a code of the database's is one where
    it is an OperationalError or an InterfaceError: PostgreSQL gives no code while a connection is made.
    """
    code = _code(error)
    if error.connection_invalidated:
        return True
    if isinstance(code, int):
        return code in _SQLITE_PASSING
    if code is not None:
        return code.startswith(_POSTGRESQL_PASSING)
    return not isinstance(error.orig, sqlite3.Error) and isinstance(error, OperationalError | InterfaceError)


def is_unfit(error: DBAPIError) -> bool:
    """Return whether the database works, but somebody has to mend it: tables, privileges, damage. No row is to blame."""
    code = _code(error)
    if isinstance(code, int):
        return code in _SQLITE_UNFIT
    return code is not None and code.startswith(_POSTGRESQL_UNFIT) and not is_outage(error)


def _code(error: DBAPIError) -> int | str | None:
    """Return SQLite's primary result code, or PostgreSQL's SQLSTATE; None for what is not the database's answer."""
    if isinstance(error.orig, sqlite3.Error):
        code: int | None = getattr(error.orig, "sqlite_errorcode", None)
        return None if code is None else code & 0xFF
    state: str | None = getattr(error.orig, "sqlstate", None)
    return state


def _quiet(*, read_only: bool) -> dict[str, str]:
    """Return the options by which the pool of a reader logs nothing.

    What it has to say is that the cursor of a connection that broke, by Ctrl-C for example, cannot be closed.
    """
    if not read_only:
        return {}
    for pool in ("NullPool", "QueuePool"):
        logging.getLogger(f"sqlalchemy.pool.impl.{pool}.reader").setLevel(logging.CRITICAL)
    return {"pool_logging_name": "reader"}


def _postgresql(url: URL, *, read_only: bool, **options: Any) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        json_serializer=_dumps,
        pool_pre_ping=True,
        pool_size=4,
        max_overflow=32,
        execution_options={"postgresql_readonly": read_only},
        **options,
    )


def _in_memory(url: URL) -> Engine:
    memory = SharedMemory()
    engine = _sqlite(url, poolclass=NullPool, creator=memory.connect)
    event.listen(engine, "engine_disposed", lambda _: memory.close())
    return engine


def _sqlite(url: URL, **options: Any) -> Engine:
    return create_engine(url, json_serializer=_dumps, json_deserializer=msgspec.json.decode, **options)


def _dumps(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _hurry(seconds: int, _dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
    # libpq's shortest limit is 2 s.
    parameters["connect_timeout"] = max(seconds, 2)


def _limit_statements(seconds: int, connection: Any, _: Any) -> None:
    # Not by `options`, which may be in the URL already.
    connection.execute(f"SET statement_timeout = {seconds * 1000}")
    connection.commit()


def _tune_sqlite(connection: Any, _: Any) -> None:
    """Let many processes write: WAL, and wait for each other's commits up to 30 s."""
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}").close()
