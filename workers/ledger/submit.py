"""Submitting: URLs into the frontier, in batches, with what became of each."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tasks.article import Outcome
from tasks.fetch.fetchers import as_requested
from tasks.url_keys import UrlKeys, packaged_keys
from tasks.urls import server_of
from workers.ledger.entries import LETTERS, SETTLED, Priority, Submission
from workers.ledger.frontier import SUBMIT_BATCH, Frontier
from workers.ledger.known_rows import KnownRows
from workers.ledger.repeats import Repeats


@dataclass(slots=True)
class Submitted:
    """What became of a list."""

    queued: int = 0
    #: Known already, and not settled yet.
    in_progress: int = 0
    #: They have an outcome; `--again` would fetch them again.
    settled: int = 0
    #: They stand in the list before.
    repeated: int = 0
    refused: int = 0
    #: Of those that are done: how many the ledger knows and the store has no row of. They were queued again if that was
    #: asked for, and are among `queued` then.
    without_row: int = 0
    #: Those of the queued that no replica of Redis has confirmed, where there should be one.
    unconfirmed: int = 0

    def __add__(self, other: "Submitted") -> "Submitted":
        """Return the sums of both."""
        return Submitted(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    def as_json(self) -> dict[str, int]:
        """Return the counts under the names that commands print."""
        return {
            "queued": self.queued,
            "in_progress": self.in_progress,
            "already_done": self.settled,
            "repeated": self.repeated,
            "refused": self.refused,
            **({"unconfirmed": self.unconfirmed} if self.unconfirmed else {}),
        }

    def as_words(self) -> str:
        """Return the counts in a line."""
        return ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in self.as_json().items())

    @property
    def taken(self) -> int:
        """Return how many entries were not refused."""
        return self.total - self.refused

    @property
    def total(self) -> int:
        """Return how many entries the list had."""
        return self.queued + self.in_progress + self.settled + self.repeated + self.refused


def submission(
    url: str,
    extras: dict[str, Any] | None = None,
    priority: Priority = Priority.NORMAL,
    *,
    keys: UrlKeys | None = None,
) -> Submission:
    """Return the submission of a URL; ValueError, with a sentence for the user, for what cannot be one.

    `keys` are those of the frontier that it is for; by default, those of the packaged list of tracking parameters.
    """
    address = as_requested(url)
    id_ = (keys or packaged_keys()).id_of_request(address)
    return Submission(id_, address, server_of(address), priority, extras or {})


def submit_all(
    frontier: Frontier,
    submissions: Iterable[Submission],
    *,
    again: bool = False,
    progress: Callable[[int], object] | None = None,
    rows: KnownRows | None = None,
    without_row: bool = False,
) -> Submitted:
    """Submit in batches; `progress` gets the size of each. Raises redis.RedisError between two batches.

    Redis works on one batch while the next is read: both take about as long. `rows` says what the store knows: that is done,
    whatever Redis has forgotten. With `without_row`, what Redis has as done and the store has no row of is queued again.
    """
    result, repeats = Submitted(), Repeats()

    def submit(batch: Sequence[Submission], known: Mapping[str, Outcome | None]) -> str:
        letters = frontier.submit(batch, again=again, known=known)
        forgotten = [one.id for one, letter in zip(batch, letters, strict=True) if letter.isupper()]
        if rows and forgotten:
            rows.claim_contents(forgotten)
        letters = letters.lower()
        lost = _without_row(batch, letters, known, rows) if rows else []
        result.without_row += len(lost)
        if lost and without_row:
            queued = dict(
                zip(lost, frontier.submit([batch[place] for place in lost], again=True), strict=True)
            )
            letters = "".join(queued.get(place, letter) for place, letter in enumerate(letters))
        return letters

    def count(batch: Sequence[Submission], letters: str) -> None:
        repeats.note(batch, letters)
        result.queued += letters.count("n") + letters.count("u")
        result.unconfirmed += letters.count("u")
        result.in_progress += sum(letters.count(letter) for letter in "wfl")
        result.settled += sum(letters.count(letter) for letter in SETTLED)
        if progress:
            progress(len(batch))

    with ThreadPoolExecutor(1) as redis:
        sent: tuple[Sequence[Submission], Future[str]] | None = None
        for batch in _batches(submissions):
            if sent:
                count(sent[0], sent[1].result())
            known = rows.outcomes([one.id for one in batch]) if rows else {}
            sent = batch, redis.submit(submit, batch, known)
        if sent:
            count(sent[0], sent[1].result())
    if result.in_progress or result.settled:  # a repeated URL is one of these
        in_progress, settled = repeats.counted()
        result.repeated = in_progress + settled
        result.in_progress -= in_progress
        result.settled -= settled
    return result


def submit_one(frontier: Frontier, url: str, rows: KnownRows | None = None) -> str:
    """Submit a URL ahead of the others; `queued`, or the reason it was not."""
    try:
        one = submission(url, priority=Priority.HIGH, keys=frontier.keys)
    except ValueError as error:
        return f"refused: {error}"
    known = rows.outcomes([one.id]) if rows else {}
    return "queued" if frontier.submit([one], known=known) in {"n", "u"} else "known already"


def _without_row(
    batch: Sequence[Submission], letters: str, known: Mapping[str, Outcome | None], rows: KnownRows
) -> list[int]:
    """Return the places in a batch of what is done by the ledger and has no row."""
    found = [
        place
        for place, letter in enumerate(letters)
        if letter in LETTERS.values() and batch[place].id not in known
    ]
    # Asked again: some may have been settled since.
    now = rows.outcomes([batch[place].id for place in found]) if found else {}
    return [place for place in found if batch[place].id not in now] if rows.notes_deletes else []


def _batches(submissions: Iterable[Submission]) -> Iterator[list[Submission]]:
    """Yield the submissions in batches. One that cannot be read ends them, after those before it."""
    source = iter(submissions)
    while True:
        batch: list[Submission] = []
        try:
            batch.extend(islice(source, SUBMIT_BATCH))  # keeps what came before an error
        except Exception:
            if batch:
                yield batch
            raise
        if not batch:
            return
        yield batch
