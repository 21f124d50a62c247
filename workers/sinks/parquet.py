"""Parquet: typed columns, in row groups."""

from collections.abc import Sequence
from typing import IO

from pyarrow import parquet

from workers.sinks.arrow import schema, table
from workers.sinks.sink import Columns, SettledArticle, size_of

#: Rows of a row group, and how many characters of text it has at most: at some 5 KB of text a row, 10 MB in memory.
#: Long texts make it end earlier.
ROW_GROUP, LARGEST_GROUP = 2000, 64_000_000


class ParquetSink:
    """Writes Parquet, compressed with Zstandard."""

    def __init__(self, file: IO[bytes], *, columns: Columns) -> None:
        self._columns = columns
        self._writer = parquet.ParquetWriter(file, schema(columns), compression="zstd")
        self._held: list[SettledArticle] = []
        self._size = 0

    def write(self, batch: Sequence[SettledArticle]) -> None:
        """Buffer the batch, and write each full row group."""
        for one in batch:
            self._held.append(one)
            self._size += size_of(one)
            if len(self._held) >= ROW_GROUP or self._size >= LARGEST_GROUP:
                self._write_group()

    def close(self) -> None:
        """Write the buffered rows and the end of the file."""
        try:
            if self._held:
                self._write_group()
        finally:
            self._writer.close()

    def _write_group(self) -> None:
        self._writer.write_table(table(self._held, self._columns))
        self._held, self._size = [], 0
