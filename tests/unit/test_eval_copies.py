"""The pairs that show whether copies are told from stories in one frame."""

from benchmarks.stages.eval.copies import HALVES, LATER, LATER_PAIRS, PAIRS, pairs


def languages(half: str) -> set[str]:
    return {one.kind.rsplit(", ", 1)[1] for one in pairs(half)}


def test_half_of_the_pairs_are_copies_and_no_distinct_pair_is_one_text() -> None:
    for half in (*HALVES, LATER):
        found = pairs(half)
        assert sum(one.duplicate for one in found) == (LATER_PAIRS if half == LATER else PAIRS)
        assert len(found) == 2 * sum(one.duplicate for one in found)
        assert all(one.a != one.b for one in found if not one.duplicate)
        assert not any("{" in one.a + one.b for one in found)


def test_they_are_always_the_same_ones() -> None:
    assert pairs("judging") == pairs("judging")


def test_no_language_is_in_two_parts() -> None:
    choosing, judging, later = map(languages, (*HALVES, LATER))
    assert not choosing & judging
    assert not later & (choosing | judging)
