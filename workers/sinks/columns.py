"""A settled article as one flat object: always the same columns in the same order, with null for missing values.

The columns and their types follow from `Article` and from the fields and versions of the stages. docs/columns.md
describes them.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from tasks.article import Article, Timestamp
from tasks.pipeline import STAGES, version_names
from workers.errors import UserError
from workers.sinks.sink import Columns, SettledArticle
from workers.times import iso_seconds

if TYPE_CHECKING:
    from sqlalchemy.engine import RowMapping

#: The first columns, before the fields of the stages.
_ROW: Columns = {
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
_REST: Columns = {"source": dict, "timings": dict, "history": list[dict[str, Any]]}
#: Bodies, which no row has.
_BODIES = frozenset({"html"})

#: A day as the record has it; date.fromisoformat takes weeks, too, and days without hyphens.
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


#: Rules of extraction from which on a row without `authors` has no person: its `author` is an organisation or an agency.
_FIRST_WITH_AUTHORS = 6


class _Made(NamedTuple):
    """A column that is made of fields of the record."""

    #: The column that it stands behind.
    after: str
    type: Any
    of: Callable[[Mapping[str, Any]], Any]


def _authors(record: Mapping[str, Any]) -> list[str]:
    """Return the authors; of a row that a version without them made, the names in `author`."""
    found: list[str] = record.get("authors") or []
    if found or _rules_of(record) >= _FIRST_WITH_AUTHORS:
        return found
    return [name for one in (record.get("author") or "").split("; ") if (name := one.strip())]


def _rules_of(record: Mapping[str, Any]) -> int:
    """Return the number of the extractor's rules, e.g. 6 of `trafilatura 2.3.1 / newsmill 6`; 0 where there is none."""
    rules = str(record.get("extractor")).rpartition(" ")[2]
    return int(rules) if rules.isdecimal() else 0


def _day(record: Mapping[str, Any]) -> str | None:
    """Return `date` if there is such a day: pages have 0000-00-00 and 2025-02-30, too."""
    day = record.get("date")
    if not isinstance(day, str) or not _DAY.fullmatch(day):
        return None
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        return None


_MADE: Mapping[str, _Made] = {
    "day": _Made("date", date, _day),
}


@cache
def columns() -> Columns:
    """Return the type of each column by its name: str, int, float, Timestamp, date, a tuple, a list, or dict."""
    return {name: _without_none(type_) for name, type_ in _columns()}


def choose(names: Sequence[str]) -> Columns:
    """Return these columns in this order; UserError for one that does not exist or is named twice."""
    known = columns()
    for name in names:
        if name not in known:
            near = ", ".join(get_close_matches(name, known)) or "docs/columns.md lists all columns"
            raise UserError(f"There is no column {name!r}. Near it: {near}.")
        if names.count(name) > 1:
            raise UserError(f"The column {name} is named twice. Name it once.")
    return {name: known[name] for name in names}


def flat(row: "RowMapping | Mapping[str, Any]", chosen: Columns | None = None) -> dict[str, Any]:
    """Return a row of the store, or its `chosen` columns, as JSON types; times are ISO 8601 in UTC, in whole seconds.

    If the row does not have a column, its `record` is used. A time or a day that does not exist is null.
    """
    given = {**row["record"], **row}
    make = _makers()
    return {name: make[name](given) if name in make else given.get(name) for name in chosen or columns()}


def settled(row: Mapping[str, Any], chosen: Columns | None = None) -> SettledArticle:
    """Return a row of the store as a `SettledArticle`."""
    return SettledArticle(row["id"], row["token"], flat(row, chosen))


def is_list(type_: Any) -> bool:
    """Tell whether a column of this type holds lists."""
    return get_origin(type_) in {tuple, list}


def is_object(type_: Any) -> bool:
    """Tell whether a column of this type holds objects of any keys."""
    return (get_origin(type_) or type_) is dict


def _columns() -> Iterator[tuple[str, Any]]:
    for name, type_ in _fields():
        yield name, type_
        yield from _made_after(name)


def _fields() -> Iterator[tuple[str, Any]]:
    yield from _ROW.items()
    added = {name: type_ for stage in STAGES for name, type_ in stage.fields.items() if name not in _BODIES}
    own = [name for name in get_type_hints(Article) if name in added]
    yield from ((name, added[name]) for name in own)
    yield from ((name, type_) for name, type_ in added.items() if name not in own)
    yield from ((name, str) for name in version_names() if name not in added)
    yield from _REST.items()


def _made_after(name: str) -> Iterator[tuple[str, Any]]:
    for other, made in _MADE.items():
        if made.after == name:
            yield other, made.type
            yield from _made_after(other)


def _without_none(type_: Any) -> Any:
    """Return T of `T | None`."""
    if get_origin(type_) in {Union, UnionType}:
        return next(one for one in get_args(type_) if one is not NoneType)
    return type_


@cache
def _makers() -> Mapping[str, Callable[[Mapping[str, Any]], Any]]:
    """Return how to make the columns whose value is not just that of the row."""
    made = {name: _maker(name, type_) for name, type_ in columns().items()}
    own = {"authors": _authors, **{name: one.of for name, one in _MADE.items()}}
    return {name: one for name, one in made.items() if one} | own


def _maker(name: str, type_: Any) -> Callable[[Mapping[str, Any]], Any] | None:
    if type_ == Timestamp:
        return lambda given: _time(given.get(name))
    if is_list(type_):
        return lambda given: given.get(name) or []
    if is_object(type_):
        return lambda given: given.get(name) or {}
    return None


def _time(value: Any) -> str | None:
    """Return a time, or seconds since the epoch, as ISO 8601; None for what is neither, or of no year from 1 to 9999."""
    try:
        return iso_seconds(value if isinstance(value, datetime) else datetime.fromtimestamp(value, UTC))
    except (ValueError, OverflowError, OSError, TypeError):
        return None
