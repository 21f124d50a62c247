"""What must hold after every experiment, and what is counted. Pure functions: evidence in, findings out.

submitted = enriched + duplicate + rejected + failed, one row each
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tasks.article import Outcome

#: Outcomes of a page that has a story: the first of its copies is enriched, the others are duplicates.
_STORIES = {Outcome.ENRICHED, Outcome.DUPLICATE}
#: Left-over keys that are named at most.
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Expected:
    """How a URL must end: the title of its story, the reason to reject it, or the stage that it crashes in."""

    title: str | None
    reason: str | None = None
    #: The stage that crashes or hangs each time; the article fails after all its attempts.
    crashes_in: str | None = None

    def outcomes(self) -> set[Outcome]:
        """Return the outcomes that it may have."""
        if self.crashes_in:
            return {Outcome.FAILED}
        return _STORIES if self.title else {Outcome.REJECTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The columns of an article's row that the invariant needs."""

    url: str
    outcome: str
    reason: str | None = None
    stage: str | None = None
    title: str | None = None
    content_id: str | None = None
    duplicate_of: str | None = None
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Write:
    """A write to a row, as logged by a trigger in the database."""

    id: str
    token: int
    #: The columns that must be equal in all writes of one row.
    content: tuple[str | None, ...]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that is known once the processes have ended. Ids are hexadecimal."""

    expected: Mapping[str, Expected]
    rows: Mapping[str, Row]
    #: In the order in which they were made.
    writes: Sequence[Write] = ()
    #: The ledger's counters by outcome: in Redis, and as a scheduler exports them to Prometheus.
    counts: Mapping[str, int] = field(default_factory=dict)
    exported: Mapping[str, int] = field(default_factory=dict)
    #: What workers and schedulers have counted, by outcome; None where one of them was ended, since its counts are lost.
    counted: Mapping[str, int] | None = None
    #: Content id -> id of the article that owns it.
    owners: Mapping[str, str] = field(default_factory=dict)
    #: Redis keys that should be gone: leases, bodies, queues, unacknowledged messages, hosts.
    left: Sequence[str] = ()
    #: Most attempts that an article may have had, and the attempts of one that crashes each time.
    max_attempts: int = 3
    crashing_attempts: int = 3
    #: Seconds until the system had recovered from the last fault, as the experiment measures it.
    recovery: float | None = None
    #: Seconds of those in which processes waited for a CPU, and most seconds that recovery may take without them.
    stalled: float = 0.0
    within: float | None = None
    #: Other problems, in words.
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """One run in numbers, and every breach of the invariant in words."""

    submitted: int
    outcomes: Mapping[str, int]
    lost: int
    rewritten: int
    counted_twice: int
    attempts: int
    recovery: float | None
    left: int
    breaches: tuple[str, ...] = ()


def check(evidence: Evidence) -> Findings:
    """Check the evidence against the invariant."""
    lost = evidence.expected.keys() - evidence.rows.keys()
    rewritten = list(_rewritten(evidence.writes))
    outcomes = Counter(row.outcome for row in evidence.rows.values())
    twice = sum(max(evidence.counts.get(outcome, 0) - outcomes[outcome], 0) for outcome in Outcome)
    return Findings(
        submitted=len(evidence.expected),
        outcomes=outcomes,
        lost=len(lost),
        rewritten=len(rewritten),
        counted_twice=twice,
        attempts=max((row.attempts for row in evidence.rows.values()), default=0),
        recovery=evidence.recovery,
        left=len(evidence.left),
        breaches=tuple(_breaches(evidence, sorted(lost), rewritten, outcomes)),
    )


def _breaches(
    evidence: Evidence, lost: Sequence[str], rewritten: Sequence[str], outcomes: Mapping[str, int]
) -> Iterator[str]:
    yield from (f"lost: {one}" for one in lost)
    yield from (f"written twice with a difference: {one}" for one in rewritten)
    yield from (f"left in Redis: {key}" for key in evidence.left[:_SHOWN])
    yield from (f"{row.url} has a row, and was not submitted" for row in _unexpected_rows(evidence))
    yield from _stale_writes(evidence.writes)
    yield from _wrong_rows(evidence)
    yield from _wrong_copies(evidence)
    yield from _wrong_owners(evidence)
    yield from evidence.problems
    yield from _slow(evidence)
    yield from _miscounted("the ledger counts", evidence.counts, outcomes)
    yield from _miscounted("a scheduler exports", evidence.exported, outcomes)
    if evidence.counted is not None:
        yield from _miscounted("the processes have counted", evidence.counted, outcomes)


def _miscounted(who: str, counts: Mapping[str, int], outcomes: Mapping[str, int]) -> Iterator[str]:
    for outcome in Outcome:
        rows, counted = outcomes.get(outcome, 0), counts.get(outcome, 0)
        if rows != counted:
            yield f"{rows} rows are {outcome}, and {who} {counted}"


def _slow(evidence: Evidence) -> Iterator[str]:
    if evidence.within is None:
        return
    if evidence.recovery is None:
        yield "it never recovered"
    elif evidence.recovery - evidence.stalled > evidence.within:
        yield f"recovery took {evidence.recovery:.1f} s, more than {evidence.within:g} s"


def _rewritten(writes: Sequence[Write]) -> Iterator[str]:
    contents = defaultdict(set)
    for write in writes:
        contents[write.id].add(write.content)
    return (one for one, different in contents.items() if len(different) > 1)


def _stale_writes(writes: Sequence[Write]) -> Iterator[str]:
    newest: dict[str, int] = {}
    for write in writes:
        if write.token < newest.get(write.id, 0):
            yield f"an older attempt overwrote a newer one: {write.id}"
        newest[write.id] = max(write.token, newest.get(write.id, 0))


def _unexpected_rows(evidence: Evidence) -> Iterator[Row]:
    return (row for one, row in evidence.rows.items() if one not in evidence.expected)


def _wrong_rows(evidence: Evidence) -> Iterator[str]:
    """Yield the rows that are not what the site's pages must give."""
    for one, row in evidence.rows.items():
        expected = evidence.expected.get(one)
        if expected is None:
            continue
        found = (row.title, row.reason)
        if row.outcome not in expected.outcomes() or found != (expected.title, expected.reason):
            yield f"{row.url} ended as {row.outcome}({row.reason}) with the title {row.title}: not {expected}"
        if expected.crashes_in and (row.stage, row.attempts) != (
            expected.crashes_in,
            evidence.crashing_attempts,
        ):
            yield f"{row.url} crashed in {row.stage} after {row.attempts} attempts: not {expected}"
        if not expected.crashes_in and row.attempts > evidence.max_attempts:
            yield f"{row.url} had {row.attempts} attempts"


def _wrong_copies(evidence: Evidence) -> Iterator[str]:
    """Yield what is wrong with copies: of one story's pages one is enriched, and the others point at it."""
    stories = defaultdict(list)
    for one, expected in evidence.expected.items():
        if expected.title and one in evidence.rows:
            stories[expected.title].append(evidence.rows[one])
    for title, rows in stories.items():
        originals = [row.url for row in rows if row.outcome == Outcome.ENRICHED]
        targets = {row.duplicate_of for row in rows if row.outcome == Outcome.DUPLICATE}
        if len(originals) != 1 or not targets <= set(originals):
            yield f"{title}: originals {originals}, copies point at {sorted(map(str, targets))}"
        if len({row.content_id for row in rows}) > 1:
            yield f"{title}: its pages have different contents"


def _wrong_owners(evidence: Evidence) -> Iterator[str]:
    for content, owner in evidence.owners.items():
        if owner not in evidence.rows:
            yield f"content {content} belongs to {owner}, which has no row"
    for one, row in evidence.rows.items():
        if row.outcome == Outcome.ENRICHED and evidence.owners.get(row.content_id or "") != one:
            yield f"{row.url} is enriched, and its content is not its own"
