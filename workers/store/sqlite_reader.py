"""Connections that only read an SQLite file, and need no right to write."""

import os
import sqlite3
from pathlib import Path

from sqlalchemy import Connection

from workers.errors import UserError

#: What differs after a file was written to: time of the last change (ns), size.
_State = tuple[int, int]


class _Reader(sqlite3.Connection):
    """A connection that reads a file without locks; `before` is the file's state before it was opened, if so."""

    file: Path
    before: _State | None = None


def connect_to_read(file: Path) -> sqlite3.Connection:
    """Connect to an SQLite file to read it; sqlite3.OperationalError where it is not there.

    A file in WAL mode has two more beside it, which its first connection makes and its last one removes. A reader that
    may write does so, too. One that may not only uses them while they are there. Without them the file is all there is,
    and is read without locks: `check_unchanged` tells whether that went well.
    """
    may_write = os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)
    has_wal = file.with_name(file.name + "-wal").exists()
    before = None if may_write or has_wal else _state(file)
    options = "mode=rw" if may_write else "mode=ro" if has_wal else "mode=ro&immutable=1"
    connection = sqlite3.connect(f"file://{_quoted(file)}?{options}", uri=True, timeout=30, factory=_Reader)
    connection.file, connection.before = file, before
    connection.execute("PRAGMA query_only=ON").close()
    return connection


def check_unchanged(connection: Connection) -> None:
    """Raise UserError where a file that is read without locks was written to since the connection was opened."""
    reader = connection.connection.driver_connection
    if isinstance(reader, _Reader) and reader.before is not None and reader.before != _state(reader.file):
        raise UserError("Another process wrote to the database while it was read. Try again.")


def _quoted(file: Path) -> str:
    """Return a path as SQLite reads it in a `file:` URI (sqlite.org/uri.html)."""
    return str(file.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _state(file: Path) -> _State | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size
