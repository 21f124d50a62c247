"""From sources to the frontier: URLs get their ids, documents are kept in the store, invalid lines are refused.

A list is never in memory as a whole.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.article import article_id
from workers.ledger.entries import Priority, State, Submission
from workers.ledger.frontier import Frontier
from workers.ledger.known_rows import KnownRows
from workers.ledger.submit import Submitted, submission, submit_all
from workers.sources.documents import DocumentError, document_url, read_document
from workers.sources.extras import kept
from workers.sources.regular_files import opener_in
from workers.sources.report import Report
from workers.sources.sidecars import SidecarError, StrangeSidecarError, sidecar_of
from workers.sources.source import ListedUrl, LocalDocument, Note, Refusal, Skipped, Source
from workers.store.store import Store

#: Kind of the sidecars that were skipped.
_BAD_SIDECAR = "unreadable .json beside a page"


def submit_sources(
    frontier: Frontier,
    store: Store,
    sources: Sequence[Source],
    *,
    report: Report,
    again: bool = False,
    priority: Priority = Priority.NORMAL,
    progress: Callable[[int], object] | None = None,
    prepare: Callable[[Store], object] = Store.migrate,
    rows: KnownRows | None = None,
    without_row: bool = False,
) -> Submitted:
    """Submit all items of the sources. Tells `report` what it does not take, and `progress` the size of each batch.

    `prepare` is called once with the store, where a source needs that. `rows` and `without_row` are those of `submit_all`.

    The body of a local document goes to the store before its URL goes to the frontier, so that a worker always
    finds it. The position of a source is stored once all its items are in the frontier. Raises UserError if a source
    cannot be read; redis.RedisError and sqlalchemy.exc.DBAPIError.
    """
    reader = _Reader(frontier, store, report, prepare, rows, again=again, priority=priority)
    refused = report.refusals
    result = submit_all(
        frontier,
        reader.submissions(sources),
        again=again,
        progress=progress,
        rows=rows,
        without_row=without_row,
    )
    for source in sources:
        if source.keeps_position:
            store.cursors.put(source.name, source.position_after())
    result.refused = report.refusals - refused
    return result


@dataclass(slots=True)
class _Reader:
    """Makes submissions of the items of sources, and tells the report of the others."""

    frontier: Frontier
    store: Store
    report: Report
    prepare: Callable[[Store], object]
    rows: KnownRows | None
    again: bool
    priority: Priority
    _is_prepared: bool = False

    def submissions(self, sources: Sequence[Source]) -> Iterator[Submission]:
        """Yield a submission for each URL and document; the body of a document is in the store before."""
        for source in sources:
            for item in source.read(self._position(source)):
                if isinstance(item, ListedUrl):
                    try:
                        extras = self._kept(item.extras) if item.extras else None
                        yield submission(item.url, extras, self.priority, keys=self.frontier.keys)
                    except ValueError as error:
                        self.report.refuse(Refusal(item.place, str(error), item.url))
                elif isinstance(item, LocalDocument):
                    try:
                        yield self._document(item)
                    except DocumentError as error:
                        self.report.refuse(Refusal(str(item.path), str(error), ""))
                else:
                    self._tell(item)

    def _tell(self, item: Refusal | Skipped | Note) -> None:
        """Tell the report of what is no submission."""
        if isinstance(item, Refusal):
            self.report.refuse(item)
        elif isinstance(item, Skipped):
            self.report.skip(item)
        else:
            self.report.show(item)

    def _document(self, found: LocalDocument) -> Submission:
        path = found.path
        one = document_submission(path, self.priority, self._kept(self._sidecar(found)))
        state = self.frontier.state(one.id)
        if state is State.UNKNOWN and self.rows and one.id in self.rows.outcomes([one.id]):
            state = State.SETTLED
        if state is State.UNKNOWN or (self.again and state is State.SETTLED):
            self._prepared().documents.put(one.id, read_document(path, opener_in(found.folder)))
        return one

    def _sidecar(self, found: LocalDocument) -> dict[str, Any]:
        try:
            return sidecar_of(found.path, found.folder)
        except StrangeSidecarError as error:
            self.report.refuse(Refusal(str(error.path), str(error), ""))
        except SidecarError:
            self.report.skip(Skipped(found.path, _BAD_SIDECAR))
        return {}

    def _kept(self, extras: dict[str, Any]) -> dict[str, Any]:
        some = kept(extras)
        self.report.shortened += len(some) < len(extras)
        return some

    def _position(self, source: Source) -> str | None:
        return self._prepared().cursors.get(source.name) if source.keeps_position else None

    def _prepared(self) -> Store:
        """Return the store, prepared at its first use: a list of URLs needs no database."""
        if not self._is_prepared:
            self.prepare(self.store)
            self._is_prepared = True
        return self.store


def document_submission(
    path: Path, priority: Priority = Priority.NORMAL, extras: dict[str, Any] | None = None
) -> Submission:
    """Return the submission of a local document. It has no host, so no rate limit."""
    url = document_url(path)
    return Submission(article_id(url), url, "", priority, extras or {})
