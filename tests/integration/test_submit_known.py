"""What the store knows is done, whatever Redis has forgotten: a list that is submitted again queues nothing twice."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner, Result

from tasks.article import Article, Outcome, article_id
from tasks.dedupe.minhash import Signature
from tests.integration.old_store import ENRICHED, make_old_store
from tests.integration.test_store import put
from workers.cli import app
from workers.ledger.content_index import ContentIndex
from workers.ledger.frontier import Frontier
from workers.ledger.known_rows import KnownRows
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import Submitted, submission, submit_all, submit_one
from workers.store.store import Store, open_to_read

DONE = {
    "http://a.test/enriched": Outcome.ENRICHED,
    "http://a.test/copy": Outcome.DUPLICATE,
    "http://a.test/no": Outcome.REJECTED,
    "http://a.test/failed": Outcome.FAILED,
}
NEW = "http://a.test/new"


@pytest.fixture
def frontier(make_frontier: Callable[..., Frontier]) -> Frontier:
    return make_frontier()


@pytest.fixture
def rows(store: Store) -> Store:
    """A store with a row of each outcome, beside a Redis that is empty."""
    for url, outcome in DONE.items():
        put(store, url, outcome)
    return store


def silent(sentence: str) -> None:
    raise AssertionError(sentence)


def submit(frontier: Frontier, store: Store, *urls: str, **options: Any) -> Submitted:
    return submit_all(frontier, map(submission, urls), rows=KnownRows(store, silent), **options)


def test_after_redis_was_emptied_only_what_has_no_row_is_queued(frontier: Frontier, rows: Store) -> None:
    result = submit(frontier, rows, *DONE, NEW)
    assert (result.queued, result.settled, result.without_row) == (1, 4, 0)
    assert [lease.article.url for lease in frontier.claim(9)] == [NEW]


def test_the_ledger_counts_again_what_it_had_forgotten_once(frontier: Frontier, rows: Store) -> None:
    for _ in range(2):
        submit(frontier, rows, *DONE)
    assert frontier.snapshot().outcomes == dict.fromkeys(Outcome, 1)
    assert frontier.snapshot().unsettled == 0


def test_the_contents_that_were_forgotten_are_claimed_again(
    frontier: Frontier, store: Store, redis: RedisClient, prefix: str
) -> None:
    content = "c" * 32
    put(store, NEW, content_id=content)
    contents = ContentIndex(redis, prefix, store.url_of)
    submit_all(frontier, [submission(NEW)], rows=KnownRows(store, silent, contents))
    found = contents.claim(
        Signature(content), Article(id=article_id("http://b.test/copy"), url="http://b.test/copy")
    )
    assert found
    assert found.url == NEW


def test_again_queues_what_has_a_row_and_keeps_the_count(frontier: Frontier, rows: Store) -> None:
    assert submit(frontier, rows, *DONE, again=True).queued == len(DONE)
    assert frontier.snapshot().outcomes == dict.fromkeys(Outcome, 0)
    assert {lease.article.url: lease.article.again for lease in _claim_all(frontier)} == {
        url: outcome in {Outcome.ENRICHED, Outcome.DUPLICATE} for url, outcome in DONE.items()
    }


def _claim_all(frontier: Frontier) -> list[Any]:
    found = []
    while leases := frontier.claim(9):
        found += leases
        for lease in leases:
            frontier.settle(lease.article, Outcome.REJECTED)
    return found


def test_a_row_that_somebody_has_deleted_does_not_come_back_by_itself(
    frontier: Frontier, rows: Store
) -> None:
    url = next(iter(DONE))
    with rows.engine.begin() as connection:
        connection.execute(text("DELETE FROM articles WHERE url = :url"), {"url": url})
    result = submit(frontier, rows, url)
    assert (result.queued, result.settled, result.without_row) == (0, 1, 0)
    assert submit(frontier, rows, url, again=True).queued == 1


def test_what_the_ledger_has_as_done_and_the_store_has_not_is_told_and_queued_if_asked(
    frontier: Frontier, store: Store
) -> None:
    frontier.submit([submission(NEW)])
    (lease,) = frontier.claim(1)
    frontier.settle(lease.article, Outcome.ENRICHED)  # and yesterday's store is restored
    result = submit(frontier, store, NEW)
    assert (result.queued, result.settled, result.without_row) == (0, 1, 1)
    result = submit(frontier, store, NEW, without_row=True)
    assert (result.queued, result.settled, result.without_row) == (1, 0, 1)


def test_an_article_that_is_settled_meanwhile_is_not_taken_for_lost(frontier: Frontier, store: Store) -> None:
    frontier.submit([submission(NEW)])
    (lease,) = frontier.claim(1)

    class Late(KnownRows):
        def outcomes(self, ids: Any) -> Any:
            known = super().outcomes(ids)
            if not frontier.snapshot().settled:  # after the first question
                put(store, NEW)
                frontier.settle(lease.article, Outcome.ENRICHED)
            return known

    result = submit_all(frontier, [submission(NEW)], rows=Late(store, silent), without_row=True)
    assert (result.queued, result.settled, result.without_row) == (0, 1, 0)


def test_rows_of_an_older_store_are_known_before_anything_migrates(
    frontier: Frontier, store_url: str
) -> None:
    make_old_store(store_url)
    with open_to_read(store_url) as old:
        assert article_id("http://a.test/1") == ENRICHED
        result = submit(frontier, old, "http://a.test/1", NEW)
    assert (result.queued, result.settled, result.without_row) == (1, 1, 0)


def test_a_database_that_does_not_answer_is_told_once_and_the_urls_are_queued(
    frontier: Frontier, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("no server"))

    monkeypatch.setattr(store.known, "outcomes", away)
    told: list[str] = []
    known = KnownRows(store, told.append)
    urls = (submission(f"http://a.test/{number}") for number in range(1200))
    result = submit_all(frontier, urls, rows=known)
    assert (result.queued, len(told)) == (1200, 1)
    assert "no server" in told[0]


def test_one_url_by_celery_respects_the_rows_too(frontier: Frontier, rows: Store) -> None:
    assert submit_one(frontier, next(iter(DONE)), KnownRows(rows, silent)) == "known already"
    assert submit_one(frontier, NEW, KnownRows(rows, silent)) == "queued"


@pytest.fixture
def command(
    store_url: str, redis_url: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """The command `submit` of a list in which all URLs are, with the settings of this test."""
    monkeypatch.chdir(tmp_path)
    for name, value in (("REDIS_URL", redis_url), ("KEY_PREFIX", prefix), ("DATABASE_URL", store_url)):
        monkeypatch.setenv(f"NEWSMILL_{name}", value)
    (tmp_path / "list.txt").write_text("\n".join((*DONE, NEW)))
    return lambda: CliRunner().invoke(app, ["submit", "list.txt"])


def test_the_command_asks_the_database_that_is_set(
    rows: Store, redis: RedisClient, command: Callable[..., Result]
) -> None:
    assert rows
    assert redis.dbsize() == 0
    assert "queued 1, in progress 0, already done 4" in command().stdout


def test_the_command_goes_on_without_a_database_that_is_away(
    redis: RedisClient, command: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert redis.dbsize() == 0
    monkeypatch.setenv("NEWSMILL_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    result = command()
    assert (result.exit_code, "queued 5" in result.stdout) == (0, True)
    assert "The database cannot be asked" in result.stderr
