"""The report of a run: outcomes, reasons, and the first articles with their URLs, in 40 columns and in ASCII."""

import io
from collections.abc import Iterator

import pytest

from tasks.article import Article, Outcome, Topic, article_id
from workers.ledger.entries import Snapshot
from workers.ledger.submit import Submitted
from workers.local.report import print_report, run_record
from workers.output.terminal import Terminal
from workers.store.rows import Result
from workers.store.store import Store

COPY, LONG = "http://copy.test/1", "http://a.test/" + "very-long-" * 12
NOTHING_LEFT = Snapshot(0, 0, 0, dict.fromkeys(Outcome, 0), None, None, 0)


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.in_memory()
    yield store
    store.close()


def settle(store: Store, url: str, outcome: Outcome, reason: str | None = None, **fields: object) -> None:
    article = Article(id=article_id(url), url=url, submitted_at=1.0, token=1).evolve(**fields)
    result = Result(outcome=outcome, stage="extract", reason=reason, settled_at=2.0)
    store.write(article, "a.test", result)


@pytest.fixture
def settled(store: Store) -> Store:
    topics = (Topic("1", "economy, business and finance", 0.34), Topic("2", "crime, law and justice", 0.25))
    title = "Pension savers take vineyard fund to court. What went wrong in the Calder hills?"
    settle(store, LONG, Outcome.ENRICHED, title=title, language="en", topics=topics)
    settle(store, COPY, Outcome.DUPLICATE, duplicate_of=LONG)
    for number in range(3):
        settle(store, f"http://a.test/{number}", Outcome.REJECTED, "too_many_redirects")
    settle(store, "http://a.test/x", Outcome.REJECTED, "robots")
    return store


def report(
    store: Store, width: int, submitted: Submitted | None = None, encoding: str = "utf-8"
) -> list[str]:
    file = io.TextIOWrapper(io.BytesIO(), encoding)
    print_report(Terminal(file=file, width=width), store, NOTHING_LEFT, submitted or Submitted())
    file.seek(0)
    return file.read().splitlines()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_each_article_is_shown_with_its_url_whole(settled: Store, width: int) -> None:
    lines = report(settled, width)
    assert f"    {LONG}" in lines
    assert lines[lines.index("    and its copy") + 1] == f"    {COPY}"
    text = " ".join(" ".join(lines).split())
    assert "Pension savers take vineyard fund to court. What went wrong in the Calder hills?" in text
    assert "en, economy, business and finance 0.34, crime, law and justice 0.25" in text


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_all_but_long_urls_fit(settled: Store, width: int, encoding: str) -> None:
    lines = report(settled, width, encoding=encoding)
    assert [line for line in lines if len(line) > width and line.strip() != LONG] == []
    assert "too_many_redirects" in "".join(lines)


def test_the_most_frequent_reason_comes_first(settled: Store) -> None:
    text = "\n".join(report(settled, 80))
    assert text.index("too_many_redirects") < text.index("robots")


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "The URL was already done. --again fetches it again."), (2, "All 2 URLs were already done.")],
)
def test_a_list_that_was_done_before_is_said_to_be(store: Store, number: int, words: str) -> None:
    assert report(store, 80, Submitted(settled=number))[0].startswith(words)


@pytest.mark.parametrize(
    ("number", "heading"),
    [
        (1, "The enriched article"),
        (2, "The first 2 enriched articles"),
        (11, "The first 10 enriched articles"),
    ],
)
def test_the_heading_agrees_with_the_number_of_articles(store: Store, number: int, heading: str) -> None:
    for one in range(number):
        settle(store, f"http://a.test/{one}", Outcome.ENRICHED)
    assert heading in report(store, 80)


def test_a_run_for_programs_has_all_outcomes_and_reasons(settled: Store) -> None:
    found = run_record(settled, NOTHING_LEFT, Submitted(queued=6), 12.34, "sqlite:///x.db")
    assert found["outcomes"] == {"enriched": 1, "duplicate": 1, "rejected": 4, "failed": 0}
    assert [(one["reason"], one["count"]) for one in found["reasons"]] == [
        (None, 1),
        (None, 1),
        ("too_many_redirects", 3),
        ("robots", 1),
    ]
    assert (found["done"], found["seconds"], found["database"]) == (True, 12.3, "sqlite:///x.db")
