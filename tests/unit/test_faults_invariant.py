"""The fault suite's check finds every breach, and only those: a suite that cannot fail shows nothing."""

from dataclasses import replace
from typing import Any

import pytest

from tests.faults.invariant import Evidence, Expected, Findings, Row, Write, check
from tests.faults.table import HEADINGS, line, markdown

FIRST = Row(url="http://a.test/1", outcome="enriched", title="A bell", content_id="c1")
COPY = replace(FIRST, url="http://b.test/1", outcome="duplicate", duplicate_of=FIRST.url)
GONE = Row(url="http://a.test/2", outcome="rejected", reason="not_found")
DEADLY = Expected(None, "crashed", crashes_in="extract")
DEAD = Row(url="http://a.test/3", outcome="failed", reason="crashed", stage="extract", attempts=3)
WHOLE = Evidence(
    expected={"1": Expected("A bell"), "2": Expected("A bell"), "3": Expected(None, "not_found")},
    rows={"1": FIRST, "2": COPY, "3": GONE},
    writes=[Write("1", 7, ("enriched",)), Write("2", 8, ("duplicate",)), Write("3", 9, ("rejected",))],
    counts={"enriched": 1, "duplicate": 1, "rejected": 1, "failed": 0},
    exported={"enriched": 1, "duplicate": 1, "rejected": 1, "failed": 0},
    owners={"c1": "1"},
)


def changed(**rows: Row) -> dict[str, Row]:
    return {**WHOLE.rows, **{name.removeprefix("of"): row for name, row in rows.items()}}


def without(one: str) -> dict[str, Row]:
    return {name: row for name, row in WHOLE.rows.items() if name != one}


def test_where_the_invariant_holds_there_is_no_breach() -> None:
    found = check(WHOLE)
    assert found.breaches == ()
    assert (found.submitted, found.lost, found.rewritten, found.counted_twice, found.attempts) == (
        3,
        0,
        0,
        0,
        1,
    )


@pytest.mark.parametrize(
    ("change", "breach"),
    [
        ({"rows": without("3")}, "lost: 3"),
        ({"rows": changed(of4=GONE)}, "was not submitted"),
        (
            {"rows": changed(of3=replace(GONE, outcome="failed", reason="crashed"))},
            "ended as failed(crashed)",
        ),
        ({"rows": changed(of3=replace(GONE, reason="robots"))}, "ended as rejected(robots)"),
        ({"rows": changed(of1=replace(FIRST, title="A boat"))}, "with the title A boat"),
        ({"rows": changed(of1=replace(FIRST, attempts=4))}, "had 4 attempts"),
        ({"rows": changed(of2=FIRST)}, "A bell: originals"),
        ({"rows": changed(of2=replace(COPY, duplicate_of="http://c.test/"))}, "copies point at"),
        ({"rows": changed(of2=replace(COPY, content_id="c2"))}, "different contents"),
        ({"owners": {"c1": "1", "c9": "9"}}, "belongs to 9, which has no row"),
        ({"owners": {}}, "its content is not its own"),
        ({"counts": {**WHOLE.counts, "enriched": 2}}, "1 rows are enriched, and the ledger counts 2"),
        ({"counts": {**WHOLE.counts, "rejected": 0}}, "1 rows are rejected, and the ledger counts 0"),
        ({"exported": {}}, "1 rows are enriched, and a scheduler exports 0"),
        ({"counted": {"enriched": 2}}, "1 rows are enriched, and the processes have counted 2"),
        ({"problems": ["it did not stop"]}, "it did not stop"),
        ({"within": 5}, "it never recovered"),
        ({"within": 5, "recovery": 5.5, "stalled": 0.4}, "recovery took 5.5 s, more than 5 s"),
        ({"expected": {**WHOLE.expected, "3": DEADLY}}, "ended as rejected(not_found)"),
        (
            {"expected": {**WHOLE.expected, "3": DEADLY}, "rows": changed(of3=replace(DEAD, stage="fetch"))},
            "crashed in fetch after 3 attempts",
        ),
        (
            {"expected": {**WHOLE.expected, "3": DEADLY}, "rows": changed(of3=replace(DEAD, attempts=2))},
            "crashed in extract after 2 attempts",
        ),
        ({"left": ["leases"]}, "left in Redis: leases"),
        ({"writes": [*WHOLE.writes, Write("1", 8, ("failed",))]}, "written twice with a difference: 1"),
        (
            {"writes": [*WHOLE.writes, Write("1", 6, ("enriched",))]},
            "an older attempt overwrote a newer one: 1",
        ),
    ],
)
def test_each_breach_is_named(change: dict[str, Any], breach: str) -> None:
    assert [one for one in check(replace(WHOLE, **change)).breaches if breach in one]


def test_the_same_row_written_twice_is_no_breach() -> None:
    assert check(replace(WHOLE, writes=[*WHOLE.writes, Write("1", 8, ("enriched",))])).breaches == ()


def test_a_page_that_kills_its_process_fails_after_all_its_attempts_whatever_the_others_may_have() -> None:
    counts = {**WHOLE.counts, "rejected": 0, "failed": 1}
    deadly = replace(
        WHOLE,
        expected={**WHOLE.expected, "3": DEADLY},
        rows=changed(of3=DEAD),
        max_attempts=1,
        counts=counts,
        exported=counts,
        counted=counts,
    )
    assert check(deadly).breaches == ()


def test_a_recovery_is_not_slow_where_processes_waited_for_a_cpu() -> None:
    assert check(replace(WHOLE, recovery=7.0, stalled=2.5, within=5)).breaches == ()


def test_what_was_counted_more_often_than_there_are_rows_is_an_effect_counted_twice() -> None:
    assert check(replace(WHOLE, counts={**WHOLE.counts, "enriched": 3, "rejected": 0})).counted_twice == 2


def test_a_line_adds_up_its_repeats_and_has_the_worst_attempt_and_recovery() -> None:
    quick = check(replace(WHOLE, recovery=1.25))
    slow = check(replace(WHOLE, recovery=6.5, rows=changed(of1=replace(FIRST, attempts=2)), left=["leases"]))
    cells = dict(zip(HEADINGS, line("kill -9 it", [quick, slow]), strict=True))
    assert (cells["repeats"], cells["submitted"], cells["enriched"], cells["lost"]) == ("2", "6", "2", "0")
    assert (cells["attempts at most"], cells["seconds to recover"], cells["Redis keys left over"]) == (
        "2",
        "6.5",
        "1",
    )


def test_where_nothing_was_measured_the_recovery_is_a_dash() -> None:
    nothing = Findings(
        submitted=0, outcomes={}, lost=0, rewritten=0, counted_twice=0, attempts=0, recovery=None, left=0
    )
    assert markdown([line("nothing", [nothing])]).splitlines()[2].split(" | ")[-2] == "-"
