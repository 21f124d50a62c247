"""The story of one URL: its state, its history and its outcome."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from redis.exceptions import ConnectionError, TimeoutError  # noqa: A004 - redis's own names
from sqlalchemy.engine import RowMapping

from tasks.article import article_id, is_article_id
from tasks.fetch.fetchers import as_requested
from tasks.pipeline import STAGES, version_names
from tasks.url_keys import UrlKeys
from tasks.urls import host_of, server_of
from workers.errors import UserError
from workers.inspect.connections import frontier_on
from workers.inspect.story_record import OfHost, Unsettled, story_record
from workers.inspect.wall_words import wall_words
from workers.ledger.entries import Entry, Event, State
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.output.words import counted
from workers.settings import Settings
from workers.sources.documents import document_url
from workers.store.store import Store
from workers.times import span

#: Maximum number of topics shown.
_TOPICS = 5

Facts = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline; `at` in milliseconds since the epoch."""

    at: int
    what: str


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of one URL: facts, in the order in which they are shown, a timeline, and the same for programs."""

    facts: Facts
    timeline: list[Moment]
    #: JSON types (workers/inspect/story_record.py).
    record: dict[str, Any]


def identify(text: str, keys: UrlKeys) -> tuple[str, str | None]:
    """Return id and URL of what the user named: an article id (without URL), a URL, or a local document.

    `keys` give a URL its id. UserError for what is none of them.
    """
    if is_article_id(text):
        return text, None
    try:
        if text.startswith("file:"):
            url = text
        elif "://" not in text and Path(text).exists():
            url = document_url(Path(text))
        else:
            url = as_requested(text)
            return keys.id_of_request(url), url
    except ValueError as error:
        raise UserError(f"{text} {error}. Give a URL, an article id, or the path of a document.") from None
    return article_id(url), url


def tell(client: RedisClient, settings: Settings, store: Store | None, text: str) -> Story | None:
    """Return the story of the URL, id or document; None if it was never submitted.

    The story of a settled article needs no Redis. Raises UserError if `text` is no URL, and redis.RedisError if Redis is
    needed and down.
    """
    id_, url = identify(text, settings.url_keys)
    row = store.row(id_) if store else None
    if store and row is None and url is None and (now := store.id_now(id_)):
        id_, row = now, store.row(now)  # an id of before its key changed, as a log or an export has it
    url = url or (row["url"] if row else None)
    unsettled = _Unsettled(client, settings, id_, url)
    host = OfHost()
    try:
        facts, timeline = unsettled.tell()
        host = unsettled.of_host(host_of(url or ""))
    except (ConnectionError, TimeoutError):
        if row is None:
            raise
        facts, timeline = [("state", "unknown. Cannot connect to Redis; this is the last outcome")], []
    if not facts and row is None:
        return None
    if row:
        facts += _settled_facts(row)
        timeline = [*_settled_timeline(row), *timeline]
    if host.held:
        facts.append(("host is left alone", host.held))
    if host.wall:
        facts.append(("host's walls", wall_words(host.wall, unsettled.now())))
    return Story(
        [("url", url or "?"), ("id", id_), *facts],
        sorted(timeline, key=lambda one: one.at),
        story_record(id_, url, row, unsettled.found, host),
    )


class _Unsettled:
    """What the frontier knows of a URL without an outcome."""

    def __init__(self, client: RedisClient, settings: Settings, id_: str, url: str | None) -> None:
        self._client = client
        self._frontier: Frontier = frontier_on(client, settings)
        self._id = id_
        self._url = url
        #: The same for programs; None until Redis has answered.
        self.found: Unsettled | None = None

    def tell(self) -> tuple[Facts, list[Moment]]:
        """Return facts and timeline; no facts for an unknown or settled URL."""
        state = self._frontier.state(self._id)
        self.found = Unsettled(state)
        if state is State.WAITING:
            return self._waiting()
        record = self._frontier.entry(self._id)
        if record is None or state not in {State.IN_FLIGHT, State.DEFERRED}:
            return [], []
        self.found = Unsettled(state, record, until=self._frontier.until(self._id))
        facts = self._in_flight(record) if state is State.IN_FLIGHT else self._deferred(record)
        return [("url", record.url), *facts] if self._url is None else facts, _timeline(record)

    def _waiting(self) -> tuple[Facts, list[Moment]]:
        if self._url is None:
            return [("state", "waiting; give its URL to see its place in the queue")], []
        host, server = host_of(self._url), server_of(self._url)
        found = self._frontier.position(self._id, server)
        if found is None and server != host:  # queued by a version that knew no servers
            server, found = host, self._frontier.position(self._id, host)
        if found is None:
            return [("state", "waiting, far from the front of its host's queue")], []
        before, record = found
        self.found = Unsettled(State.WAITING, record, before=before)
        facts = [
            ("state", f"waiting, {counted(before, 'URL')} of {host or 'the local documents'} before it"),
            *self._of_host(server),
            ("attempts", f"{record.attempts}, deferrals {record.deferrals}"),
        ]
        return facts, _timeline(record)

    def _of_host(self, server: str) -> Facts:
        """Return how its host is; nothing for a local document, which has none."""
        if not server:
            return []
        of_host = self._frontier.host_state(server)
        due = of_host.get("due", 0) - self.now()
        return [
            ("host", f"due in {span(due / 1000)}" if due > 0 else "due now"),
            ("host in flight", str(of_host.get("n", 0))),
            ("host failures", f"{of_host.get('fails', 0)} in a row"),
        ]

    def _in_flight(self, record: Entry) -> Facts:
        where = f"in stage {record.stage}" if record.task else "published, no worker has started on it yet"
        return [
            ("state", f"in flight, {where}"),
            ("attempt", f"{record.attempts}, deferrals {record.deferrals}"),
            ("lease", self._left("expires in {}", "has expired; the scheduler puts the article back")),
        ]

    def _deferred(self, record: Entry) -> Facts:
        last = record.history[-1] if record.history else None
        facts = [("state", self._left("deferred, due in {}", "deferred, due now"))]
        if last:
            facts.append(("because", f"{last.reason} in stage {last.stage}: {last.detail}"))
        return [
            *facts,
            *self._of_host(record.host),
            ("attempts", f"{record.attempts}, deferrals {record.deferrals}"),
        ]

    def _left(self, left: str, over: str) -> str:
        """Return how long until the article's lease or deferral ends."""
        milliseconds = (self._frontier.until(self._id) or 0) - self.now()
        return left.format(span(milliseconds / 1000)) if milliseconds > 0 else over

    def of_host(self, host: str) -> OfHost:
        """Return what is known of a host besides what its URLs wait for."""
        if not host:
            return OfHost()
        rules = self._frontier.host_rules.read()
        denies, pauses = rules.denies(host), rules.pauses(host)
        held = denies.words("denied") if denies else pauses.words("paused") if pauses else None
        return OfHost(self._frontier.walls.of(host), held)

    def now(self) -> int:
        """Return Redis's time in milliseconds since the epoch."""
        seconds, microseconds = self._client.time()
        return int(seconds) * 1000 + int(microseconds) // 1000


def _added_fields() -> list[str]:
    """Return the fields of stages that have a struct of their own for them."""
    return [name for stage in STAGES if not isinstance(stage.adds, tuple) for name in stage.fields]


def _shown(value: Any) -> str | None:
    """Return a field of a stage as text."""
    return None if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _hops(record: dict[str, Any]) -> dict[str, str]:
    """Return the requests on the way to the page, by `hop 1` and so on."""
    facts = {}
    for number, hop in enumerate(record.get("hops", ()), 1):
        led_on, sent = hop.get("led_on"), "; ".join(hop.get("sent", ()))
        words = [
            str(hop["status"]),
            hop["url"],
            f"-> {led_on}" if led_on else "",
            f"({sent})" if sent else "",
        ]
        facts[f"hop {number}"] = " ".join(filter(None, words))
    return facts


def _settled_facts(row: RowMapping) -> Facts:
    record = row["record"]
    topics = [f"{one['label']} {one['score']:.2f}" for one in record.get("topics", ())[:_TOPICS]]
    sure = row["language_confidence"]
    facts = {
        "outcome": " ".join(filter(None, (row["outcome"], row["reason"] and f"({row['reason']})"))),
        "detail": row["detail"],
        "last stage": row["stage"],
        "attempts": f"{row['attempts']}, deferrals {row['deferrals']}",
        "title": record.get("title"),
        "saved from": record.get("saved_from"),
        "language": row["language"] and (f"{row['language']} ({sure:.2f})" if sure else row["language"]),
        "topics": ", ".join(topics),
        "opt-outs": ", ".join(record.get("opt_outs", ())),
        **_hops(record),
        "duplicate of": row["duplicate_of"],
        "near duplicate of": row["near_duplicate_of"]
        and f"{row['near_duplicate_of']} ({record.get('near_score', 0):.2f})",
        "took": span((row["settled_at"] - row["submitted_at"]).total_seconds()),
        "stages": ", ".join(f"{stage} {span(ms / 1000)}" for stage, ms in row["timings"].items()),
        **{name: _shown(record.get(name)) for name in _added_fields()},
        "made by": ", ".join(filter(None, (row.get(name) or record.get(name) for name in version_names()))),
        "source": msgspec.json.encode(record["source"]).decode() if record.get("source") else None,
    }
    return [(name, value) for name, value in facts.items() if value]


def _settled_timeline(row: RowMapping) -> Iterator[Moment]:
    yield Moment(_milliseconds(row["submitted_at"]), "submitted")
    yield from _events(msgspec.convert(row["history"], list[Event]))
    yield Moment(_milliseconds(row["settled_at"]), f"settled: {row['outcome']}")


def _timeline(record: Entry) -> list[Moment]:
    return [Moment(record.at, "submitted"), *_events(record.history)]


def _events(events: Sequence[Event]) -> Iterator[Moment]:
    for one in events:
        words = [one.event, f"in {one.stage}" if one.stage else "", one.reason]
        again = f"again in {span(one.delay / 1000)}" if one.delay else ""
        rest = "; ".join(filter(None, (one.detail, again)))
        yield Moment(one.at, " ".join(filter(None, words)) + (f": {rest}" if rest else ""))


def _milliseconds(at: Any) -> int:
    milliseconds: int = round(at.timestamp() * 1000)
    return milliseconds
