"""Which rows a command's options choose, as SQL conditions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnCollection, func, or_
from sqlalchemy.engine import RowMapping

from tasks.article import Outcome
from tasks.pipeline import version_names
from workers.store.dates import published

Columns = ColumnCollection[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rows; everything that is not None must hold."""

    outcome: Outcome | None = None
    reason: str | None = None
    stage: str | None = None
    language: str | None = None
    host: str | None = None
    #: Id or label of a topic, or the beginning of a label.
    topic: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    #: Of publication; an article of which only the day is known is of the beginning of that day, in UTC.
    published_since: datetime | None = None
    published_until: datetime | None = None
    #: The version of one of its stages, or how it begins; and one that none of its stages may have had.
    made_by: str | None = None
    not_made_by: str | None = None


def conditions(filter_: Filter, columns: Columns) -> list[Any]:
    """Return the conditions on the `columns` of the articles, without that on `topic`, which SQL does not check."""
    equal = {"outcome", "reason", "stage", "language", "host"}
    found = [
        columns[name] == value for name in sorted(equal) if (value := getattr(filter_, name)) is not None
    ]
    if filter_.since:
        found.append(columns["settled_at"] >= filter_.since)
    if filter_.until:
        found.append(columns["settled_at"] < filter_.until)
    if filter_.published_since:
        found.append(published(columns["record"]) >= filter_.published_since)
    if filter_.published_until:
        found.append(published(columns["record"]) < filter_.published_until)
    if filter_.made_by is not None:
        found.append(_made_by(filter_.made_by, columns))
    if filter_.not_made_by is not None:
        found.append(~_made_by(filter_.not_made_by, columns))
    return found


def passes_topic(row: RowMapping, filter_: Filter) -> bool:
    """Tell whether a row has the filter's topic, which SQL was not asked for."""
    return filter_.topic is None or has_topic(row["record"].get("topics", ()), filter_.topic)


def has_topic(topics: Any, wanted: str) -> bool:
    """Tell whether one of a record's topics has this id or label, or a label that begins so."""
    wanted = wanted.casefold()
    return any(one["id"] == wanted or one["label"].casefold().startswith(wanted) for one in topics)


def _made_by(version: str, columns: Columns) -> Any:
    """Return the condition that one of the versions that made the row begins with `version`."""
    record = columns["record"]
    noted = (columns[name] if name in columns else record[name].as_string() for name in version_names())
    return or_(*(func.coalesce(one, "").startswith(version, autoescape=True) for one in noted))
