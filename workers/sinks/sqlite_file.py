"""SQLite: one table, `articles`, for datasette, sqlite-utils and whatever else reads SQLite."""

import errno
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from workers.sinks.csv_file import as_field
from workers.sinks.sink import Columns, SettledArticle

#: In the header of an export (sqlite.org/pragma.html#pragma_application_id), "nmex" in ASCII: by it a file that may be
#: replaced is told from other databases.
APPLICATION_ID = 0x6E6D6578
TABLE = "articles"

_TYPES = {int: "INTEGER", bool: "INTEGER", float: "REAL"}


class SqliteSink:
    """Writes an SQLite file; times and days are ISO 8601 text, lists and objects JSON. `file` is empty, and has a name."""

    def __init__(self, file: IO[bytes], *, columns: Columns) -> None:
        self._insert = f"INSERT INTO {TABLE} VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - question marks
        with _as_os_errors():
            self._connection = sqlite3.connect(file.name, isolation_level=None)
            # The file is thrown away if anything fails.
            for pragma in ("journal_mode=OFF", "synchronous=OFF", f"application_id={APPLICATION_ID}"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.execute(f"CREATE TABLE {TABLE} ({', '.join(map(_column, columns.items()))})")

    def write(self, batch: Sequence[SettledArticle]) -> None:
        """Write the batch. Raises OSError for a disk that is full or broken."""
        rows = [tuple(map(as_field, one.fields.values())) for one in batch]
        with _as_os_errors():
            self._connection.execute("BEGIN")
            self._connection.executemany(self._insert, rows)
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file. Raises OSError as `write` does."""
        with _as_os_errors():
            self._connection.close()


def _column(column: tuple[str, Any]) -> str:
    name, type_ = column
    return f'"{name}" {_TYPES.get(type_, "TEXT")}{" PRIMARY KEY" if name == "id" else ""}'


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """Raise OSError for what SQLite says of the disk."""
    try:
        yield
    except sqlite3.OperationalError as error:
        full = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error)) from error
