"""Which existing files an export may replace: any but databases that hold more than an export.

An export replaces the last one under the same name, that is what it is for. A database under that name may be somebody's
work, or newsmill's own store; losing one by a slip of the suffix is too dear.
"""

import os
import sqlite3
from collections.abc import Collection
from pathlib import Path

from workers.errors import UserError

#: What the files begin with (sqlite.org/fileformat.html; duckdb.org/docs/internals/storage, after a checksum).
_SQLITE, _DUCKDB = b"SQLite format 3\0", b"DUCK"
#: Files that belong to an SQLite file while it is open, or was left by a process that died.
_BESIDE = ("-wal", "-shm", "-journal")


def check_replaceable(path: Path, keep: Collection[Path]) -> None:
    """Raise UserError where an export may not replace the file at `path`; those of `keep` it never may.

    A file that does not exist may be made, but not one that belongs to those of `keep`. Raises OSError.
    """
    own = [Path(f"{one.resolve()}{suffix}") for one in keep for suffix in ("", *_BESIDE)]
    if path in own or (path.exists() and any(one.exists() and path.samefile(one) for one in own)):
        raise UserError(f"{path.name} is newsmill's own database. Name another file.")
    if not path.exists():
        return
    if not os.access(path, os.W_OK):
        raise UserError(f"{path.name} is write-protected. Name another file, or allow writing to it.")
    with path.open("rb") as file:
        head = file.read(len(_SQLITE))
    if head == _SQLITE:
        _check_sqlite(path)
    elif head[8:12] == _DUCKDB:
        _check_duckdb(path)


def _check_sqlite(path: Path) -> None:
    from workers.sinks.sqlite_file import APPLICATION_ID, TABLE  # noqa: PLC0415 - most files are none

    if any(Path(f"{path}{suffix}").exists() for suffix in _BESIDE):
        raise UserError(f"{path.name} is in use: a file of its changes is beside it. Name another file.")
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        (id_,) = connection.execute("PRAGMA application_id").fetchone()
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
        names = {name for (name,) in tables}
    except sqlite3.DatabaseError:  # damaged, or encrypted
        id_, names = None, set()
    finally:
        connection.close()
    _check(path, names - {TABLE}, is_export=id_ == APPLICATION_ID)


def _check_duckdb(path: Path) -> None:
    import duckdb  # noqa: PLC0415 - 66 MB

    from workers.sinks.duckdb_file import COMMENT, TABLE  # noqa: PLC0415

    try:
        with duckdb.connect(path, read_only=True) as connection:
            query = "SELECT table_name, comment FROM duckdb_tables() UNION ALL SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
            found = dict(connection.execute(query).fetchall())
    except duckdb.Error:  # damaged, encrypted, of a newer version, or open elsewhere
        found = {}
    _check(path, found.keys() - {TABLE}, is_export=found.get(TABLE) == COMMENT)


def _check(path: Path, others: Collection[str], *, is_export: bool) -> None:
    if not is_export:
        raise UserError(
            f"{path.name} is a database that no export has made, or that is in use. Name another file, or remove it first."
        )
    if others:
        named = ", ".join(sorted(others))
        raise UserError(f"{path.name} has more in it than an export: {named}. Name another file.")
