"""A URL that a list has twice is told from one that was known before."""

import pytest

from tasks.article import article_id
from workers.ledger import repeats
from workers.ledger.entries import Submission
from workers.ledger.repeats import Repeats


def counted(*batches: tuple[str, str]) -> tuple[int, int]:
    """Return the repeats of batches: names of URLs, and the ledger's letters for them."""
    noted = Repeats()
    for names, letters in batches:
        noted.note([Submission(article_id(name), name, "") for name in names], letters)
    return noted.counted()


@pytest.fixture(params=["as Python's own", "as numpy's"], autouse=True)
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to sort."""
    monkeypatch.setattr(repeats, "_FEW", 100 if "own" in request.param else 0)


@pytest.mark.parametrize(
    ("batches", "found"),
    [
        ([("abc", "nnn")], (0, 0)),
        ([("aba", "nnw")], (1, 0)),
        ([("ab", "nn"), ("ab", "ww")], (2, 0)),
        ([("aaa", "nwf")], (2, 0)),
        ([("ab", "wf")], (0, 0)),
        ([("aab", "www")], (1, 0)),
        ([("aa", "ee")], (0, 1)),
        ([("aa", "ne")], (0, 1)),
        ([("aaa", "nwd")], (1, 1)),
        ([("aa", "we")], (0, 1)),
    ],
    ids=str,
)
def test_the_first_of_the_same_urls_is_no_repeat(
    batches: list[tuple[str, str]], found: tuple[int, int]
) -> None:
    assert counted(*batches) == found


def test_a_list_that_is_longer_than_what_is_noted_is_counted_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "MOST_NOTED", 2)
    assert counted(("aa", "nw"), ("bb", "nw")) == (1, 0)
