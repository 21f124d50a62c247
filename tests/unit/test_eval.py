"""The measures of `make eval`, and its table."""

import pytest

from benchmarks.stages.eval.extract import Page
from benchmarks.stages.eval.headline_forms import headline_forms
from benchmarks.stages.eval.measures import (
    macro_accuracy,
    mean_f1,
    precision_recall,
    shingle_scores,
    word_f1,
)
from benchmarks.stages.eval.table import HEAD, Row, line
from benchmarks.stages.interleaved import interleaved


def test_shingles_of_four_tokens_count_as_often_as_they_occur() -> None:
    # Of five shingles wanted three are found, of four that were found one is not wanted.
    assert shingle_scores("a b c d e f g h", "a, b c d e f X") == (3 / 4, 3 / 5)
    assert shingle_scores("a b c d", "a b c d a b c d") == (1 / 5, 1)


def test_a_text_of_fewer_than_four_tokens_is_one_shingle() -> None:
    assert shingle_scores("a b", "a b") == (1, 1)
    assert shingle_scores("a b", "a b c") == (0, 0)


def test_nothing_extracted_has_no_precision_and_no_recall() -> None:
    assert shingle_scores("a b c d", "") == (None, 0)
    assert shingle_scores("", "a b c d") == (0, None)


def test_the_f1_is_that_of_mean_precision_and_mean_recall_not_the_mean_of_f1s() -> None:
    assert mean_f1([(1, 0.5), (None, 0)]) == pytest.approx(2 * 1 * 0.25 / 1.25)
    assert mean_f1([(0, 0)]) == 0


def test_words_count_in_any_order_and_case() -> None:
    assert word_f1("One two two", "two ONE three") == 2 * 2 / 6
    assert word_f1("", "two") == 0


def test_scripts_without_spaces_count_by_the_character_and_what_is_unseen_does_not() -> None:
    assert word_f1("码头", "码") == 2 / 3
    assert word_f1("می\u200cشود", "میشود") == 1


def test_a_publisher_is_in_one_half() -> None:
    def page(url: str, publisher: str = "") -> Page:
        return Page("name", url, b"", None, "", publisher)

    assert {page(f"http://x.org/{number}").half for number in range(9)} <= {"choosing", "judging"}
    assert len({page(f"http://x{number}.org/", "A Paper").half for number in range(9)}) == 1
    assert len({page(f"http://x{number}.org/").half for number in range(99)}) == 2


def test_a_headline_form_is_none_with_the_name_of_the_site() -> None:
    html = (
        "<html><head><title>Courier | Pier to be rebuilt - The Bay Courier</title>"
        '<meta property="og:site_name" content="The Bay Courier"><meta property="og:title" content="Pier: a new one"></head>'
        "<body><h1>The Bay Courier</h1><h1>Old <i>pier</i> to go</h1>"
        '<script type="application/ld+json">[{"@graph": [{"headline": "Ferry pier &amp; all"}, 7, null]}]</script>'
    )
    forms = headline_forms(html.encode(), "https://www.courier.example/pier")
    assert forms == {"piertoberebuilt", "pieranewone", "oldpiertogo", "ferrypierall"}


def test_languages_count_alike_however_many_texts_they_have() -> None:
    assert macro_accuracy(["en", "en", "en", "de"], ["en", "en", "en", "fr"]) == 0.5


def test_precision_recall_and_f1_are_of_the_yes() -> None:
    assert precision_recall([True, True, False], [True, False, True]) == (0.5, 0.5, 0.5)
    assert precision_recall([True], [False]) == (1.0, 0.0, 0.0)


def test_every_way_is_given_every_document_and_costs_something() -> None:
    (doubled, cost), (squared, _) = interleaved([1, 2, 3], lambda one: one * 2, lambda one: one**2)
    assert (doubled, squared) == ([2, 4, 6], [1, 4, 9])
    assert 0 < cost.least <= cost.median <= cost.most


def test_what_was_not_measured_is_a_dash() -> None:
    row = Row("topics", "a set", 1200, "F1", 0.5)
    assert line(row.cells()).split() == ["topics", "a", "set", "1,200", "F1", "0.5000", *"---"]
    assert len(row.cells()) == len(HEAD)
