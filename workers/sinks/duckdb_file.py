"""DuckDB: one table, `articles`, with the types of Parquet."""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import duckdb

from workers.errors import FULL
from workers.sinks.arrow import schema, table
from workers.sinks.sink import Columns, SettledArticle

TABLE = "articles"
#: The comment on the table of an export: by it a file that may be replaced is told from other databases.
COMMENT = "newsmill export"
#: Every DuckDB since 1.2 reads this version of the format, the first that compresses text with Zstandard (900 MB of news
#: become 246). The row groups are the smallest there are: those of 122,880 rows, the default, are 700 MB of text in memory.
#: No log is written beside the file, which is thrown away if anything fails.
_OPTIONS = "STORAGE_VERSION 'v1.2.0', ROW_GROUP_SIZE 2048, RECOVERY_MODE no_wal_writes"


class DuckDbSink:
    """Writes a DuckDB file. `file` is empty, and has a name."""

    def __init__(self, file: IO[bytes], *, columns: Columns) -> None:
        self._columns = columns
        with _as_os_errors():
            # One thread: what it does is compress, and the machine has other things to do.
            self._connection = duckdb.connect(config={"threads": 1})
            self._connection.execute("SET enable_progress_bar = false")  # it would write to the terminal
            with _empty_file_away(Path(file.name)):
                self._connection.execute(f"ATTACH '{_quoted(file.name)}' AS export ({_OPTIONS})")
            self._connection.execute("USE export")
            self._connection.register("batch", schema(columns).empty_table())
            self._connection.execute(f"CREATE TABLE {TABLE} AS FROM batch")
            self._connection.execute(f"COMMENT ON TABLE {TABLE} IS '{COMMENT}'")

    def write(self, batch: Sequence[SettledArticle]) -> None:
        """Write the batch. Raises OSError for a disk that is full or broken."""
        with _as_os_errors():
            self._connection.register("batch", table(batch, self._columns))
            self._connection.execute(f"INSERT INTO {TABLE} FROM batch")

    def close(self) -> None:
        """Write the end of the file, and close it. Raises OSError as `write` does."""
        with _as_os_errors():
            try:
                self._connection.execute("USE memory; DETACH export")
            finally:
                self._connection.close()


def _quoted(path: str) -> str:
    return path.replace("'", "''")


@contextmanager
def _empty_file_away(path: Path) -> Iterator[None]:
    """Take an empty file away, which DuckDB refuses to open; let the one that it makes have the same permissions."""
    mode = path.stat().st_mode & 0o777
    path.unlink()
    before = os.umask(0o777 & ~mode)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """Raise OSError for what DuckDB says of the disk."""
    try:
        yield
    except (duckdb.IOException, duckdb.FatalException) as error:
        text = str(error)
        # DuckDB has what the system says inside its own messages.
        full = next((one for one in FULL if os.strerror(one) in text), None)
        raise OSError(full or errno.EIO, os.strerror(full) if full else text.splitlines()[0]) from error
