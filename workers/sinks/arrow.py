"""Articles as Arrow tables, which Parquet and DuckDB take: every column has its type."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, get_args

import msgspec
import pyarrow as pa

from tasks.article import Timestamp
from workers.sinks.columns import is_list
from workers.sinks.csv_file import as_field
from workers.sinks.sink import Columns, SettledArticle

_PLAIN = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_(), date: pa.date32()}


def schema(columns: Columns) -> pa.Schema:
    """Return the schema of these columns, the same for every export."""
    return pa.schema([(name, arrow_type(type_)) for name, type_ in columns.items()])


def table(batch: Sequence[SettledArticle], columns: Columns) -> pa.Table:
    """Return articles as a table; values without a fixed form (`source`, `timings`, `history`) are JSON in text."""
    arrays = [
        pa.array([_cell(type_, one.fields[name]) for one in batch], arrow_type(type_))
        for name, type_ in columns.items()
    ]
    return pa.Table.from_arrays(arrays, schema=schema(columns))


def arrow_type(type_: Any) -> pa.DataType:
    """Return the Arrow type of a column: text, with JSON, for values without a fixed form."""
    if type_ == Timestamp:
        return pa.timestamp("ms", tz="UTC")
    if is_list(type_) and not is_json(type_):
        return pa.list_(arrow_type(get_args(type_)[0]))
    if _is_struct(type_):
        fields = msgspec.structs.fields(type_)
        return pa.struct([(field.name, arrow_type(field.type)) for field in fields])
    return _PLAIN.get(type_, pa.string())


def is_json(type_: Any) -> bool:
    """Tell whether values of this type are written as JSON."""
    if is_list(type_):
        return is_json(get_args(type_)[0])
    return type_ not in _PLAIN and type_ != Timestamp and not _is_struct(type_)


def _is_struct(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)


def _cell(type_: Any, value: Any) -> Any:
    if value is None:
        return None
    if type_ == Timestamp:
        return datetime.fromisoformat(value)
    if type_ is date:
        return date.fromisoformat(value)
    return as_field(value) if is_json(type_) else value
