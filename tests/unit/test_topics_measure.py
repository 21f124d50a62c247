"""The measures of the topic stage, on answers counted by hand."""

from collections.abc import Sequence

import pytest

from tasks.article import Topic
from tasks.topics.measure import Labelled, answers, best_among, calibration_error, macro_f1, reliability

SPORT, CYCLING, HEALTH = (
    Topic("sport", "sport", 0.9),
    Topic("cycling", "cycling", 0.6),
    Topic("health", "health", 0.3),
)


class Always:
    name, version, taxonomy, release = "always", "1", "none", "1"

    def tag(self, text: str, language: str, names: Sequence[str] = ()) -> tuple[Topic, ...]:
        del text, language, names
        return (SPORT, CYCLING, HEALTH)


def test_macro_f1_is_the_mean_over_the_topics_that_are_there() -> None:
    # a: 1 hit, 2 expected, 1 given; b: 1 hit, 1 expected, 2 given.
    assert macro_f1(["a", "a", "b"], ["a", "b", "b"]) == pytest.approx((2 / 3 + 2 / 3) / 2)


def test_no_answer_is_a_miss_and_a_topic_that_nobody_expects_has_no_part_in_the_mean() -> None:
    assert macro_f1(["a", "a"], ["a", None]) == pytest.approx(2 / 3)
    assert macro_f1(["a", "a"], ["a", "z"]) == pytest.approx(2 / 3)


def test_the_best_topic_is_the_first_of_those_that_count() -> None:
    assert best_among((SPORT, CYCLING, HEALTH), {"health", "cycling"}) == "cycling"
    assert best_among((SPORT,), {"health"}) is None


def test_every_topic_that_counts_is_an_answer_right_or_wrong() -> None:
    examples = [Labelled("", "en", frozenset({"health", "cycling"}))]
    assert answers(Always(), examples, {"sport", "health"}) == [(0.9, False), (0.3, True)]


def test_answers_are_binned_by_tenths_of_their_score() -> None:
    bins = reliability([(0.31, True), (0.39, False), (0.95, True), (1.0, True)])
    assert [(one.low, one.count, one.right) for one in bins] == [(0.3, 2, 0.5), (0.9, 2, 1.0)]
    assert [one.score for one in bins] == pytest.approx([0.35, 0.975])


def test_the_calibration_error_weighs_the_bins_by_their_answers() -> None:
    assert calibration_error(reliability([(0.5, True), (0.5, False), (0.9, False)])) == pytest.approx(0.3)
    assert calibration_error([]) == 0
