"""Connections to SQLite and PostgreSQL."""

import logging
from functools import partial
from pathlib import Path
from threading import TIMEOUT_MAX
from typing import Any

import msgspec
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from workers.store.postgresql_tls import tls_arguments
from workers.store.sqlite_memory import SharedMemory
from workers.store.sqlite_reader import connect_to_read

#: Seconds to wait for the locks of other processes in an SQLite file, without another limit.
_LONGEST_WAIT = 30

#: Connections of a process to PostgreSQL, however many threads it has: docs/scaling.md counts them. A row takes some 3 ms, so
#: four write more than 32 threads fetch.
CONNECTIONS = 4


def engine_for(url: str, *, read_only: bool = False, seconds: int | None = None) -> Engine:
    """Return the engine for the database at `url`; it connects when it is used first.

    With `read_only` nothing is written, not even SQLite's own files. `seconds` is how long a statement may take in PostgreSQL,
    and a connection, at least 2; and how long one waits for the locks of others in SQLite. Raises
    sqlalchemy.exc.ArgumentError for what is no database URL.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = _postgresql(parsed, read_only=read_only, **_quiet(read_only=read_only))
        if seconds is not None:
            event.listen(engine, "do_connect", partial(_hurry, seconds))
            event.listen(engine, "begin", partial(_limit_statements, seconds))
        return engine
    file = sqlite_file(url)
    if file is None:
        return _in_memory(parsed)
    if read_only:
        options = _quiet(read_only=True)
        return _sqlite(parsed, poolclass=NullPool, creator=lambda: connect_to_read(file), **options)
    engine = _sqlite(parsed)
    event.listen(engine, "do_connect", lambda *_: file.parent.mkdir(mode=0o700, parents=True, exist_ok=True))
    event.listen(engine, "connect", partial(_tune_sqlite, seconds or _LONGEST_WAIT))
    return engine


def sqlite_url(file: Path) -> str:
    """Return the URL of an SQLite file, whatever characters its path has in it."""
    return URL.create("sqlite", database=str(file)).render_as_string()


def sqlite_file(url: str | URL) -> Path | None:
    """Return the file of an SQLite URL, None for another database or one in memory."""
    parsed = make_url(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database not in {None, "", ":memory:"}
    return Path(parsed.database or "") if is_file else None


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
        connect_args=tls_arguments(url),
        json_serializer=_dumps,
        pool_pre_ping=True,
        pool_size=CONNECTIONS,
        max_overflow=0,
        # Each thread holds one for a few milliseconds. Where the database hangs, the one who asked it says so; who waits for
        # that one knows nothing of it.
        pool_timeout=TIMEOUT_MAX,
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
    # libpq's shortest limit is 2 s. The other one, in ms, is for what was sent and is not acknowledged: without it, a
    # network that swallows everything costs up to 15 min.
    for name, value in (("connect_timeout", max(seconds, 2)), ("tcp_user_timeout", 2000 * seconds)):
        parameters.setdefault(name, value)


def _limit_statements(seconds: int, connection: Connection) -> None:
    # Within each transaction: a limit of the connection would be that of others, too, behind a pooler that shares it.
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {seconds * 1000}")


def _tune_sqlite(seconds: int, connection: Any, _: Any) -> None:
    """Let many processes write: WAL, and wait for each other's commits."""
    for pragma in (f"busy_timeout={seconds * 1000}", "journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}").close()
