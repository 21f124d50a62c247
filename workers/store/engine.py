"""Connections to SQLite and PostgreSQL, and what their errors mean."""

import os
import sqlite3
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

#: What SQLite says of a file that another process holds, or that the disk or the system does not give: the same
#: statement may be carried out a moment later (sqlite.org/rescode.html). Its other errors are the statement's.
_SQLITE_PASSING = frozenset(
    (
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY),
        *(sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN),
        sqlite3.SQLITE_PROTOCOL,
    )
)


def engine_for(url: str, *, read_only: bool = False) -> Engine:
    """Return the engine for the database at `url`; it connects when it is used first.

    With `read_only` nothing is written, not even SQLite's own files. Raises sqlalchemy.exc.ArgumentError for what is
    no database URL.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed, read_only=read_only)
    file = sqlite_file(url)
    if file is None:
        # One connection for all threads: each further one would be a database of its own.
        return _sqlite(parsed, poolclass=StaticPool, connect_args={"check_same_thread": False})
    if read_only:
        return _sqlite(_read_only(parsed))
    file.parent.mkdir(parents=True, exist_ok=True)
    engine = _sqlite(parsed)
    event.listen(engine, "connect", _tune_sqlite)
    return engine


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite URL, None for another database or one in memory."""
    parsed = make_url(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database not in {None, "", ":memory:"}
    return Path(parsed.database or "") if is_file else None


def is_outage(error: DBAPIError) -> bool:
    """Return whether the database was not there or not able (down, locked, full), not the statement wrong."""
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        # The low byte is the primary code; None where the error is Python's own.
        code = getattr(error.orig, "sqlite_errorcode", None)
        return code is not None and code & 0xFF in _SQLITE_PASSING
    return type(error).__name__ in {"OperationalError", "InterfaceError"}


def _postgresql(url: URL, *, read_only: bool) -> Engine:
    options = {"options": "-c default_transaction_read_only=on"} if read_only else {}
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        json_serializer=_dumps,
        pool_pre_ping=True,
        pool_size=4,
        max_overflow=32,
        connect_args=options,
    )


def _sqlite(url: URL, **options: Any) -> Engine:
    return create_engine(url, json_serializer=_dumps, json_deserializer=msgspec.json.decode, **options)


def _read_only(url: URL) -> URL:
    """Return the URL of an SQLite file to read only.

    A file in WAL mode has two more beside it, which a reader makes where they are missing. A folder that it may not
    write to can have them only while somebody writes; without them the file is all there is, and does not change.
    """
    file = Path(url.database or "")
    query = {"mode": "ro", "uri": "true"}
    wal = file.with_name(file.name + "-wal")
    if not wal.exists() and not os.access(file.parent, os.W_OK):
        query["immutable"] = "1"
    return url.set(database=f"file:{_quoted(str(file.absolute()))}", query=query)


def _quoted(path: str) -> str:
    """Return a path as SQLite reads it in a `file:` URI (sqlite.org/uri.html)."""
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _dumps(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _tune_sqlite(connection: Any, _: Any) -> None:
    """Let many processes write: WAL, and wait for each other's commits up to 30 s."""
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}").close()
