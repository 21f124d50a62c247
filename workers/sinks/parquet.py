"""Parquet: typed columns, in row groups."""

from collections.abc import Sequence
from datetime import datetime
from typing import IO, Any, get_args

import msgspec
import pyarrow as pa
from pyarrow import parquet

from tasks.article import Timestamp
from workers.sinks.columns import columns, is_list
from workers.sinks.csv_file import as_field
from workers.sinks.sink import SettledArticle

#: Rows of a row group: at some 5 KB of text a row, 10 MB in memory.
ROW_GROUP = 2000

_PLAIN = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


class ParquetSink:
    """Writes Parquet; values without a fixed form (`source`, `timings`, `history`) are JSON in a text column."""

    def __init__(self, file: IO[bytes]) -> None:
        self._schema = schema()
        self._writer = parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._held: list[SettledArticle] = []

    def write(self, batch: Sequence[SettledArticle]) -> None:
        """Buffer the batch, and write each full row group."""
        self._held += batch
        while len(self._held) >= ROW_GROUP:
            self._write_group(self._held[:ROW_GROUP])
            del self._held[:ROW_GROUP]

    def close(self) -> None:
        """Write the buffered rows and the end of the file."""
        if self._held:
            self._write_group(self._held)
        self._writer.close()

    def _write_group(self, group: Sequence[SettledArticle]) -> None:
        types = columns()
        arrays = [
            pa.array([_cell(types[field.name], one.fields[field.name]) for one in group], field.type)
            for field in self._schema
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))


def schema() -> pa.Schema:
    """Return the schema, the same for every export."""
    return pa.schema([(name, arrow_type(type_)) for name, type_ in columns().items()])


def arrow_type(type_: Any) -> pa.DataType:
    """Return the Arrow type of a column: text, with JSON, for values without a fixed form."""
    if type_ == Timestamp:
        return pa.timestamp("ms", tz="UTC")
    if is_list(type_) and not _is_json(type_):
        return pa.list_(arrow_type(get_args(type_)[0]))
    if _is_struct(type_):
        fields = msgspec.structs.fields(type_)
        return pa.struct([(field.name, arrow_type(field.type)) for field in fields])
    return _PLAIN.get(type_, pa.string())


def _is_struct(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)


def _is_json(type_: Any) -> bool:
    """Tell whether values of this type are written as JSON."""
    if is_list(type_):
        return _is_json(get_args(type_)[0])
    return type_ not in _PLAIN and not _is_struct(type_)


def _cell(type_: Any, value: Any) -> Any:
    if type_ == Timestamp:
        return None if value is None else datetime.fromisoformat(value)
    return as_field(value) if _is_json(type_) else value
