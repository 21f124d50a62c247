"""From sources to the frontier: URLs become canonical, documents are kept in the store, invalid lines are refused.

A list is never in memory as a whole.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tasks.article import article_id
from workers.ledger.entries import LARGEST_EXTRAS, Priority, State, Submission
from workers.ledger.frontier import Frontier
from workers.ledger.submit import Submitted, submission, submit_all
from workers.sources.documents import DocumentError, document_url, read_document
from workers.sources.source import ListedUrl, LocalDocument, Refusal, Source
from workers.store.store import Store

#: Called with each item that cannot be submitted.
Refuse = Callable[[Refusal], object]


def submit_sources(
    frontier: Frontier,
    store: Store,
    sources: Sequence[Source],
    *,
    refuse: Refuse,
    again: bool = False,
    priority: Priority = Priority.NORMAL,
    progress: Callable[[int], object] | None = None,
    prepare: Callable[[Store], object] = Store.migrate,
) -> Submitted:
    """Submit all items of the sources. Calls `refuse` with invalid ones, `progress` with the size of each batch.

    `prepare` is called once with the store, where a source needs that.

    The body of a local document goes to the store before its URL goes to the frontier, so that a worker always
    finds it. The position of a source is stored once all its items are in the frontier. Raises UserError if a source
    cannot be read; redis.RedisError and sqlalchemy.exc.DBAPIError.
    """
    reader = _Reader(frontier, store, refuse, prepare, again=again, priority=priority)
    result = submit_all(frontier, reader.submissions(sources), again=again, progress=progress)
    for source in sources:
        if source.keeps_position:
            store.cursors.put(source.name, source.position_after())
    result.refused = reader.refused
    return result


@dataclass(slots=True)
class _Reader:
    """Makes submissions of the items of sources, and counts invalid ones."""

    frontier: Frontier
    store: Store
    refuse: Refuse
    prepare: Callable[[Store], object]
    again: bool
    priority: Priority
    refused: int = 0
    _is_prepared: bool = False

    def submissions(self, sources: Sequence[Source]) -> Iterator[Submission]:
        """Yield a submission for each URL and document; the body of a document is in the store before."""
        for source in sources:
            for item in source.read(self._position(source)):
                if isinstance(item, Refusal):
                    self._refuse(item)
                    continue
                try:
                    yield self._submission(item)
                except DocumentError as error:
                    self._refuse(Refusal(_place(item), str(error), ""))
                except ValueError as error:
                    self._refuse(
                        Refusal(_place(item), str(error), item.url if isinstance(item, ListedUrl) else "")
                    )

    def _submission(self, item: ListedUrl | LocalDocument) -> Submission:
        if isinstance(item, ListedUrl):
            return submission_of(item, self.priority)
        one = document_submission(item.path, self.priority)
        state = self.frontier.state(one.id)
        if state is State.UNKNOWN or (self.again and state is State.SETTLED):
            self._prepared().documents.put(one.id, read_document(item.path))
        return one

    def _position(self, source: Source) -> str | None:
        return self._prepared().cursors.get(source.name) if source.keeps_position else None

    def _prepared(self) -> Store:
        """Return the store, prepared at its first use: a list of URLs needs no database."""
        if not self._is_prepared:
            self.prepare(self.store)
            self._is_prepared = True
        return self.store

    def _refuse(self, refusal: Refusal) -> None:
        self.refused += 1
        self.refuse(refusal)


def submission_of(listed: ListedUrl, priority: Priority) -> Submission:
    """Return the submission of a URL; ValueError, with a reason for the user, if it cannot be one."""
    if not listed.extras:
        return submission(listed.url, priority=priority)
    extras = _without_nul(listed.extras)
    size = len(msgspec.json.encode(extras))
    if size > LARGEST_EXTRAS:
        raise ValueError(f"its other columns are {size} bytes of JSON, at most {LARGEST_EXTRAS} are kept")
    return submission(listed.url, extras, priority)


def document_submission(path: Path, priority: Priority = Priority.NORMAL) -> Submission:
    """Return the submission of a local document. It has no host, so no rate limit."""
    url = document_url(path)
    return Submission(article_id(url), url, "", priority)


def _place(item: ListedUrl | LocalDocument) -> str:
    return item.place if isinstance(item, ListedUrl) else str(item.path)


def _without_nul(value: Any) -> Any:
    """Return the JSON value without NUL characters: PostgreSQL cannot store them."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_nul(one) for one in value]
    return value
