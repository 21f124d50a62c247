"""A row as one flat object: the same keys always, in the same order, null where there is nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from workers.times import iso

if TYPE_CHECKING:
    from sqlalchemy.engine import RowMapping


class Kind(Enum):
    """What a key holds. Lists and objects are never null, but empty."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    TIME = "time"
    WORDS = "list of texts"
    TOPICS = "list of topics"
    EVENTS = "list of objects"
    OBJECT = "object"


#: The keys of an exported article. Those not among the columns of the store's table are in its `record`.
KEYS: dict[str, Kind] = {
    "id": Kind.TEXT,
    "url": Kind.TEXT,
    "outcome": Kind.TEXT,
    "reason": Kind.TEXT,
    "detail": Kind.TEXT,
    "stage": Kind.TEXT,
    "attempts": Kind.WHOLE,
    "deferrals": Kind.WHOLE,
    "submitted_at": Kind.TIME,
    "settled_at": Kind.TIME,
    "host": Kind.TEXT,
    "title": Kind.TEXT,
    "author": Kind.TEXT,
    "date": Kind.TEXT,
    "site": Kind.TEXT,
    "description": Kind.TEXT,
    "image": Kind.TEXT,
    "categories": Kind.WORDS,
    "tags": Kind.WORDS,
    "page_type": Kind.TEXT,
    "license": Kind.TEXT,
    "text": Kind.TEXT,
    "language": Kind.TEXT,
    "language_confidence": Kind.NUMBER,
    "language_detector": Kind.TEXT,
    "script": Kind.TEXT,
    "content_id": Kind.TEXT,
    "duplicate_of": Kind.TEXT,
    "near_duplicate_of": Kind.TEXT,
    "near_score": Kind.NUMBER,
    "deduper": Kind.TEXT,
    "topics": Kind.TOPICS,
    "tagger_version": Kind.TEXT,
    "taxonomy_release": Kind.TEXT,
    "final_url": Kind.TEXT,
    "status": Kind.WHOLE,
    "content_type": Kind.TEXT,
    "charset": Kind.TEXT,
    "etag": Kind.TEXT,
    "last_modified": Kind.TEXT,
    "opt_outs": Kind.WORDS,
    "fetched_at": Kind.TIME,
    "checked_at": Kind.TIME,
    "extractor": Kind.TEXT,
    "detector": Kind.TEXT,
    "tagger": Kind.TEXT,
    "taxonomy": Kind.TEXT,
    "source": Kind.OBJECT,
    "timings": Kind.OBJECT,
    "history": Kind.EVENTS,
}

_LISTS = frozenset({Kind.WORDS, Kind.TOPICS, Kind.EVENTS})


def flat(row: "RowMapping | Mapping[str, Any]") -> dict[str, Any]:
    """Return a row of the store as JSON types; times are ISO 8601 in UTC."""
    record = row["record"]
    return {key: _value(kind, row[key] if key in row else record.get(key)) for key, kind in KEYS.items()}


def _value(kind: Kind, value: Any) -> Any:
    if value is None:
        return [] if kind in _LISTS else {} if kind is Kind.OBJECT else None
    if kind is Kind.TIME:
        return iso(value if isinstance(value, datetime) else datetime.fromtimestamp(value, UTC))
    return value
