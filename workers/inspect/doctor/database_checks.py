"""The database: whether it answers, its tables, and what newsmill may do there."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL, Connection
from sqlalchemy.exc import ArgumentError, DBAPIError, ProgrammingError

from workers.inspect.doctor.finding import PATIENCE, Finding, ok, told, trouble, warning
from workers.inspect.doctor.machine_checks import existing
from workers.inspect.tls_advice import database_advice
from workers.masking import masked
from workers.settings import Settings
from workers.store import diagnosis, migrations
from workers.store.engine import CONNECTIONS, engine_for, sqlite_file
from workers.store.migrations import StoreError
from workers.store.postgresql_tls import is_elsewhere, mode_of

_TABLES, _RIGHTS = "database tables", "database rights"


def database(settings: Settings) -> Iterator[Finding]:
    """Find what is wrong with the database."""
    url = settings.database_url.get_secret_value()
    try:
        file = sqlite_file(url)
        if file is not None and not file.exists():
            yield _to_be_created(file)
            return
        engine = engine_for(url, read_only=True, seconds=PATIENCE)
    except ArgumentError as error:
        yield trouble("database", f"no database URL: {told(error)}", "Correct NEWSMILL_DATABASE_URL.")
        return
    try:
        with engine.connect() as connection:
            yield ok("database", f"{_version(connection)} answers at {file or masked(url)}")
            yield from _proof(engine.url)
            yield _tables(connection)
            yield from _sqlite(connection, file) if file else _postgresql(connection)
    except DBAPIError as error:
        yield trouble(
            "database",
            f"cannot be used at {file or masked(url)}: {told(error.orig)}",
            database_advice(error.orig) or "Start it and check its log, or correct NEWSMILL_DATABASE_URL.",
        )
    finally:
        engine.dispose()


def _proof(url: URL) -> Iterator[Finding]:
    """Find a PostgreSQL on another machine that need not prove who it is although TLS may be spoken with it."""
    mode = mode_of(url)
    if url.get_backend_name() == "postgresql" and mode in {"allow", "prefer"} and is_elsewhere(url):
        yield warning(
            "database certificate",
            f"not checked (sslmode={mode}): whoever answers there may read and change the rows",
            "Write sslmode=verify-full in NEWSMILL_DATABASE_URL, and sslrootcert=FILE with the certificate of its authority.",
        )


def _to_be_created(file: Path) -> Finding:
    folder = existing(file.absolute().parent)
    if os.access(folder, os.W_OK | os.X_OK):
        return ok("database", f"{file} is not there yet; the first run or worker creates it")
    return trouble(
        "database", f"{file} is not there, and {folder} is read-only", "Name another folder with --data."
    )


def _version(connection: Connection) -> str:
    name = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}[connection.dialect.name]
    return f"{name} {'.'.join(map(str, connection.dialect.server_version_info or ()))}"


def _tables(connection: Connection) -> Finding:
    """Find tables that this version of newsmill cannot work with."""
    try:
        migrations.check(connection)
    except StoreError as error:
        found, _, advice = str(error).partition(". ")
        return trouble(_TABLES, found, advice)
    except ProgrammingError as error:
        return trouble(
            _TABLES, f"cannot be read: {told(error.orig)}", "GRANT newsmill's role all rights on them."
        )
    version, known = migrations.version_of(connection), migrations.latest(connection.dialect.name)
    if not version:
        return ok(_TABLES, "none yet; the first worker creates them")
    if version < known:
        return ok(_TABLES, f"version {version}; the next worker that starts brings them to {known}")
    return ok(_TABLES, f"version {version}")


def _postgresql(connection: Connection) -> Iterator[Finding]:
    if diagnosis.is_read_only(connection):
        yield trouble(_RIGHTS, "read-only: a standby, or set so", "Name the primary instead.")
        return
    lacking = list(diagnosis.lacking_privileges(connection))
    if migrations.version_of(connection) < migrations.latest(connection.dialect.name):
        lacking += [] if diagnosis.may_create_tables(connection) else ["the schema (CREATE)"]
    if lacking:
        yield trouble(_RIGHTS, f"missing on {', '.join(lacking)}", "GRANT them to newsmill's role.")
    else:
        yield ok(_RIGHTS, "may read and write")
    yield _connections(connection)


def _connections(connection: Connection) -> Finding:
    """Find that there is no room for another worker."""
    used, most = diagnosis.connections(connection)
    found = f"{used} of {most} in use"
    if used + CONNECTIONS <= most:
        return ok("database connections", found)
    advice = "Raise max_connections; docs/scaling.md says how many are needed."
    return warning("database connections", f"{found}, so another worker may find none", advice)


def _sqlite(connection: Connection, file: Path) -> Iterator[Finding]:
    if not diagnosis.may_write_sqlite(file):
        yield trouble(
            _RIGHTS,
            f"{file} or its folder is read-only",
            "Change the permissions of both: SQLite needs both.",
        )
        return
    try:
        is_locked = diagnosis.is_locked(file, PATIENCE)
    except sqlite3.OperationalError as error:
        yield trouble(
            _RIGHTS, f"{file} cannot be written: {told(error)}", "Make room on its disk, or mend it."
        )
        return
    if is_locked:
        yield trouble(_RIGHTS, f"{file} is locked by another program", "Close the other program.")
        return
    yield ok(_RIGHTS, "may read and write")
    mode = diagnosis.journal_mode(connection)
    if mode == "wal":
        yield ok("database journal", "WAL")
    else:
        advice = "The next worker that starts changes that; if it does not, the disk is not a local one."
        yield warning("database journal", f"{mode}, with which processes block each other", advice)
