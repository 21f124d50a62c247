"""What is known of one URL, for programs: keys that stay, of the row and of the ledger's entry (docs/commands.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy.engine import RowMapping

from workers.ledger.entries import Entry, Event, Priority, State
from workers.ledger.walls import Wall
from workers.sinks.columns import flat
from workers.times import iso_ms

_NAMES = {State.WAITING: "waiting", State.IN_FLIGHT: "in_flight", State.DEFERRED: "deferred"}


@dataclass(frozen=True, slots=True)
class Unsettled:
    """What the ledger knows of a URL. It has no entry at hand for one far from the front of its host's queue."""

    state: State
    entry: Entry | None = None
    #: Milliseconds since the epoch when its lease or its deferral ends.
    until: int | None = None
    #: Number of URLs of its host before it.
    before: int | None = None


@dataclass(frozen=True, slots=True)
class OfHost:
    """What is known of a URL's host."""

    #: What it gives instead of pages.
    wall: Wall | None = None
    #: Who has denied or paused it, in words.
    held: str | None = None


def story_record(
    id_: str,
    url: str | None,
    row: RowMapping | None,
    found: Unsettled | None,
    host: OfHost = OfHost(),
) -> dict[str, Any]:
    """Return a URL's story as JSON types. Times are ISO 8601 in UTC.

    `state` is `waiting`, `in_flight`, `deferred`, `settled`, or `unknown` if Redis did not answer. `row` is the row as an
    export has it, of the last outcome; `entry` is null unless the URL is being worked on. `walls` is what its host has given
    instead of pages, `left_alone` who has denied or paused it; null for nothing.
    """
    entry = found.entry if found else None
    events = [
        *(msgspec.convert(row["history"], list[Event]) if row else ()),
        *(entry.history if entry else ()),
    ]
    return {
        "url": url or (entry.url if entry else None),
        "id": id_,
        "state": _state(row, found),
        "outcome": row["outcome"] if row else None,
        "reason": row["reason"] if row else None,
        "history": [_event(one) for one in _in_order(events)],
        "entry": _entry(entry, found) if entry and found else None,
        "row": flat(row) if row else None,
        "walls": host.wall.as_json() if host.wall else None,
        "left_alone": host.held,
    }


def _state(row: RowMapping | None, found: Unsettled | None) -> str:
    if found is None:
        return "unknown"
    return _NAMES.get(found.state) or ("settled" if row else "unknown")


def _in_order(events: Sequence[Event]) -> list[Event]:
    """Return the events by time, each once: an article that is submitted again brings its history along."""
    once = {msgspec.json.encode(one): one for one in events}
    return sorted(once.values(), key=lambda one: one.at)


def _event(event: Event) -> dict[str, Any]:
    return {
        "at": iso_ms(event.at),
        "event": event.event,
        "stage": event.stage or None,
        "reason": event.reason or None,
        "detail": event.detail or None,
        "delay_seconds": event.delay / 1000 if event.delay else None,
    }


def _entry(entry: Entry, found: Unsettled) -> dict[str, Any]:
    return {
        "host": entry.host,
        "priority": Priority(entry.priority).name.lower(),
        "submitted_at": iso_ms(entry.at),
        "attempts": entry.attempts,
        "deferrals": entry.deferrals,
        "stage": entry.stage or None,
        "is_started": bool(entry.task),
        "until": None if found.until is None else iso_ms(found.until),
        "urls_before": found.before,
        "source": msgspec.json.decode(entry.src),
    }
