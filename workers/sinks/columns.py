"""A settled article as one flat object: always the same columns in the same order, with null for missing values.

The columns and their types follow from `Article` and from the fields and versions of the stages.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from tasks.article import Article, Timestamp
from tasks.pipeline import STAGES, version_names
from workers.sinks.sink import SettledArticle
from workers.times import iso

if TYPE_CHECKING:
    from sqlalchemy.engine import RowMapping

#: The first columns, before the fields of the stages.
_ROW: Mapping[str, Any] = {
    "id": str,
    "url": str,
    "outcome": str,
    "reason": str,
    "detail": str,
    "stage": str,
    "attempts": int,
    "deferrals": int,
    "submitted_at": Timestamp,
    "settled_at": Timestamp,
    "host": str,
}
#: The last columns.
_REST: Mapping[str, Any] = {"source": dict, "timings": dict, "history": list[dict[str, Any]]}
#: Bodies, which no row has.
_BODIES = frozenset({"html"})


@cache
def columns() -> Mapping[str, Any]:
    """Return the type of each column by its name: str, int, float, Timestamp, a tuple, a list, or dict."""
    return {name: _without_none(type_) for name, type_ in _columns()}


def flat(row: "RowMapping | Mapping[str, Any]") -> dict[str, Any]:
    """Return a row of the store as JSON types; times are ISO 8601 in UTC.

    If the row does not have a column, its `record` is used.
    """
    record = row["record"]
    return {
        name: _value(type_, row[name] if name in row else record.get(name))
        for name, type_ in columns().items()
    }


def settled(row: Mapping[str, Any]) -> SettledArticle:
    """Return a row of the store as a `SettledArticle`."""
    return SettledArticle(row["id"], row["token"], flat(row))


def is_list(type_: Any) -> bool:
    """Tell whether a column of this type holds lists."""
    return get_origin(type_) in {tuple, list}


def is_object(type_: Any) -> bool:
    """Tell whether a column of this type holds objects of any keys."""
    return (get_origin(type_) or type_) is dict


def _columns() -> Iterator[tuple[str, Any]]:
    yield from _ROW.items()
    added = {name: type_ for stage in STAGES for name, type_ in stage.fields.items() if name not in _BODIES}
    own = [name for name in get_type_hints(Article) if name in added]
    yield from ((name, added[name]) for name in own)
    yield from ((name, type_) for name, type_ in added.items() if name not in own)
    yield from ((name, str) for name in version_names() if name not in added)
    yield from _REST.items()


def _without_none(type_: Any) -> Any:
    """Return T of `T | None`."""
    if get_origin(type_) in {Union, UnionType}:
        return next(one for one in get_args(type_) if one is not NoneType)
    return type_


def _value(type_: Any, value: Any) -> Any:
    if value is None:
        return [] if is_list(type_) else {} if is_object(type_) else None
    if type_ == Timestamp:
        return iso(value if isinstance(value, datetime) else datetime.fromtimestamp(value, UTC))
    return value
