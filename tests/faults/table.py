"""The table of the suite: a row for each experiment, its repeats added up."""

from collections.abc import Iterable, Sequence

from tasks.article import Outcome
from tests.faults.invariant import Findings

HEADINGS = (
    "experiment",
    "repeats",
    "submitted",
    *(outcome.value for outcome in Outcome),
    "lost",
    "rows written twice with a difference",
    "effects counted twice",
    "attempts at most",
    "seconds to recover",
    "Redis keys left over",
)


def line(name: str, repeats: Sequence[Findings]) -> tuple[str, ...]:
    """Return an experiment's cells: sums of its repeats; of attempts and seconds the maximum."""
    seconds = [one.recovery for one in repeats if one.recovery is not None]
    numbers = (
        len(repeats),
        sum(one.submitted for one in repeats),
        *(sum(one.outcomes.get(outcome, 0) for one in repeats) for outcome in Outcome),
        sum(one.lost for one in repeats),
        sum(one.rewritten for one in repeats),
        sum(one.counted_twice for one in repeats),
        max((one.attempts for one in repeats), default=0),
    )
    recovery = f"{max(seconds):.1f}" if seconds else "-"
    return (name, *map(str, numbers), recovery, str(sum(one.left for one in repeats)))


def markdown(lines: Iterable[Sequence[str]]) -> str:
    """Return the table in Markdown, as in docs/faults.md."""
    rule = ["---", *["---:"] * (len(HEADINGS) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (HEADINGS, rule, *lines))
