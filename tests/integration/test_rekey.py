"""When the keys of URLs are made in another way, rows, waiting URLs and what is known of settled ones get new ids."""

from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs
from typer.testing import CliRunner

from tasks.article import Article, Outcome, article_id
from tasks.dedupe.minhash import Signature
from tasks.url_keys import UrlKeys
from tests.conftest import PREFIX
from tests.integration.test_store import article, put, result
from workers.cli import app as commands
from workers.ledger.content_index import ContentIndex
from workers.ledger.entries import Deferral, State
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.rekey import Rekeying, bring_up_to_date, noted_keys
from workers.ledger.submit import submission, submit_all
from workers.store import rekey
from workers.store.schema import articles
from workers.store.store import Store

BEFORE, AFTER = UrlKeys(["utm_*"]), UrlKeys(["utm_*", "from"])
PLAIN, TRACKED, OTHER = "http://a.test/1", "http://a.test/1?from=x", "http://a.test/2?from=x&b=1"
CONTENT = Signature("c" * 32, bytes(6), bytes(94))


@pytest.fixture
def frontier(make_frontier: Callable[..., Frontier]) -> Frontier:
    return make_frontier(keys=BEFORE)


def settle(
    frontier: Frontier, store: Store, url: str, outcome: Outcome = Outcome.ENRICHED, **fields: Any
) -> str:
    """Submit a URL, claim it and settle it as a worker does; return its id."""
    one, settled_at = submission(url, keys=BEFORE), fields.pop("settled_at", None)
    assert frontier.submit([one]) == "n"
    lease = next(lease for lease in frontier.claim(9) if lease.article.id == one.id)
    found = article(url, **{"token": lease.article.token, **fields}).evolve(id=one.id)
    assert store.write(found, "a.test", result(outcome, settled_at=settled_at))
    assert frontier.settle(found, outcome)
    return one.id


def bring(redis: RedisClient, store: Store, keys: UrlKeys = AFTER, prefix: str = PREFIX) -> None:
    """Do what a scheduler with these keys does at its start."""
    rekeying = Rekeying(redis, prefix, store, keys)
    assert all(islice(rekeying.steps(), 10_000))
    assert rekeying.is_done()


def urls_by_id(store: Store) -> dict[str, str]:
    return {row["id"]: row["url"] for row in store.rows()}


def test_rows_and_what_the_ledger_knows_of_them_get_new_ids(
    redis: RedisClient, frontier: Frontier, known: Store, make_frontier: Callable[..., Frontier]
) -> None:
    before = [settle(frontier, known, url) for url in (PLAIN, OTHER)]
    bring(redis, known)
    assert urls_by_id(known) == {AFTER.id_of_request(url): url for url in (PLAIN, OTHER)}
    after = make_frontier(keys=AFTER)
    again = submit_all(after, [submission(url, keys=AFTER) for url in (PLAIN, OTHER, "http://a.test/2?b=1")])
    assert (again.queued, again.settled + again.repeated) == (0, 3)
    assert frontier.state(before[1]) is State.UNKNOWN
    assert frontier.snapshot().outcomes[Outcome.ENRICHED] == 2
    assert known.id_now(before[1]) == AFTER.id_of_request(OTHER)


def test_of_two_rows_that_become_one_the_newer_stays(
    redis: RedisClient, frontier: Frontier, known: Store
) -> None:
    settle(frontier, known, PLAIN, title="older", settled_at=1000.0)
    settle(frontier, known, TRACKED, title="newer", settled_at=2000.0)
    tokens = [row["token"] for row in known.rows()]
    bring(redis, known)
    [row] = known.rows()
    assert (row["id"], row["record"]["title"], row["token"]) == (article_id(PLAIN), "newer", max(tokens))
    assert frontier.snapshot().outcomes[Outcome.ENRICHED] == 1


def test_a_copy_that_becomes_one_with_its_original_goes(
    redis: RedisClient, frontier: Frontier, known: Store
) -> None:
    settle(frontier, known, PLAIN, settled_at=1000.0)
    settle(frontier, known, TRACKED, Outcome.DUPLICATE, duplicate_of=PLAIN, settled_at=2000.0)
    bring(redis, known)
    [row] = known.rows()
    assert (row["outcome"], row["duplicate_of"]) == ("enriched", None)
    counts = frontier.snapshot().outcomes
    assert (counts[Outcome.ENRICHED], counts[Outcome.DUPLICATE]) == (1, 0)


def test_three_rows_become_one(redis: RedisClient, frontier: Frontier, known: Store) -> None:
    for number in range(3):
        settle(frontier, known, f"http://a.test/1?from={number}", settled_at=1000.0 + number)
    bring(redis, known)
    assert list(urls_by_id(known).values()) == ["http://a.test/1?from=2"]
    assert frontier.snapshot().settled == 1


def test_a_late_attempt_does_not_write_over_the_row_that_stayed(
    redis: RedisClient, frontier: Frontier, known: Store
) -> None:
    settle(frontier, known, PLAIN)
    settle(frontier, known, TRACKED)
    tokens = sorted(row["token"] for row in known.rows())
    bring(redis, known)
    assert not known.write(article(PLAIN, token=tokens[0]), "a.test", result(Outcome.FAILED))


def test_changes_tell_of_both_ids(redis: RedisClient, frontier: Frontier, known: Store) -> None:
    old = settle(frontier, known, OTHER)
    seen = known.changes.highest() or 0
    bring(redis, known)
    assert known.known.outcomes([old, AFTER.id_of_request(OTHER)]) == {
        old: None,
        AFTER.id_of_request(OTHER): Outcome.ENRICHED,
    }
    assert (known.changes.highest() or 0) > seen


def test_waiting_urls_get_new_ids_in_their_places(
    redis: RedisClient, frontier: Frontier, known: Store, make_frontier: Callable[..., Frontier]
) -> None:
    urls = [f"http://a.test/{number}?from={number}" for number in range(2500)]
    submit_all(frontier, [submission(url, keys=BEFORE) for url in urls])
    bring(redis, known)
    assert frontier.snapshot().waiting == 2500
    claimed = [lease.article for _ in range(3) for lease in make_frontier(host_concurrency=9).claim(1)]
    assert [one.url for one in claimed] == urls[:3]
    assert [one.id for one in claimed] == [AFTER.id_of_request(url) for url in urls[:3]]
    assert {frontier.state(AFTER.id_of_request(url)) for url in urls[3:]} == {State.WAITING}


def test_waiting_urls_that_become_one_wait_once(redis: RedisClient, frontier: Frontier, known: Store) -> None:
    submit_all(frontier, [submission(url, keys=BEFORE) for url in (PLAIN, TRACKED, TRACKED + "2", OTHER)])
    bring(redis, known)
    assert frontier.snapshot().waiting == 2
    assert redis.llen(f"{PREFIX}q:1:a.test") == 2


def test_a_waiting_url_that_is_done_by_another_name_is_dropped(
    redis: RedisClient, frontier: Frontier, known: Store
) -> None:
    settle(frontier, known, PLAIN)
    submit_all(frontier, [submission(TRACKED, keys=BEFORE)])
    bring(redis, known)
    assert (frontier.snapshot().waiting, frontier.snapshot().settled) == (0, 1)
    assert frontier.snapshot().oldest is None


def test_one_that_is_to_be_fetched_again_waits_on(
    redis: RedisClient, frontier: Frontier, known: Store
) -> None:
    settle(frontier, known, PLAIN)
    settle(frontier, known, TRACKED)
    submit_all(frontier, [submission(TRACKED, keys=BEFORE)], again=True)
    bring(redis, known)
    assert (frontier.snapshot().waiting, frontier.snapshot().settled) == (1, 0)
    assert frontier.claim(1)[0].article.id == article_id(PLAIN)


def test_deferred_urls_get_new_ids_and_keep_their_time(
    redis: RedisClient, frontier: Frontier, known: Store
) -> None:
    submit_all(frontier, [submission(OTHER, keys=BEFORE), submission("http://b.test/", keys=BEFORE)])
    for lease in frontier.claim(2):
        frontier.defer(lease.article, Deferral.LATER, "fetch", reason="server_error", after=100)
    due = frontier.until(BEFORE.id_of_request(OTHER))
    bring(redis, known)
    assert frontier.until(AFTER.id_of_request(OTHER)) == due
    assert frontier.state(AFTER.id_of_request(OTHER)) is State.DEFERRED
    assert frontier.snapshot().deferred == 2


def test_nothing_is_claimed_and_nothing_moves_while_an_article_is_in_flight(
    redis: RedisClient, frontier: Frontier, known: Store
) -> None:
    submit_all(frontier, [submission(url, keys=BEFORE) for url in (OTHER, "http://b.test/?from=1")])
    [lease] = frontier.claim(1)
    rekeying = Rekeying(redis, PREFIX, known, AFTER)
    steps = rekeying.steps()
    assert [next(steps), next(steps)] == [False, False]
    assert frontier.claim(9) == []
    put(known, OTHER, token=lease.article.token)
    assert frontier.settle(lease.article, Outcome.ENRICHED)
    assert all(steps)
    assert rekeying.is_done()
    [other] = frontier.claim(9)
    assert other.article.id == AFTER.id_of_request(other.article.url)


def test_one_scheduler_does_it_and_another_goes_on_where_it_died(
    redis: RedisClient, frontier: Frontier, known: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rekey, "BATCH", 2)
    for number in range(7):
        settle(frontier, known, f"http://a.test/{number}?from={number}")
    first, second = (Rekeying(redis, PREFIX, known, AFTER) for _ in range(2))
    some = list(islice(first.steps(), 2))  # it dies in the middle of the rows
    changed = sum(id_ == AFTER.id_of_request(url) for id_, url in urls_by_id(known).items())
    assert all(some)
    assert 0 < changed < 7
    steps = second.steps()
    assert next(steps) is False
    redis.delete(f"{PREFIX}rekey")  # its time is over
    assert all(steps)
    assert {AFTER.id_of_request(url) for url in urls_by_id(known).values()} == set(urls_by_id(known))
    assert frontier.snapshot().outcomes[Outcome.ENRICHED] == 7
    assert {frontier.state(id_) for id_ in urls_by_id(known)} == {State.SETTLED}


def test_a_run_waits_for_another_that_does_it(
    redis: RedisClient, frontier: Frontier, known: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(frontier, known, OTHER)
    redis.set(f"{PREFIX}rekey", "another")
    waits = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        redis.delete(f"{PREFIX}rekey")  # its time is over

    monkeypatch.setattr("workers.ledger.rekey.time.sleep", sleep)
    bring_up_to_date(Rekeying(redis, PREFIX, known, AFTER))
    assert len(waits) == 1
    assert list(urls_by_id(known)) == [AFTER.id_of_request(OTHER)]


def test_what_it_waits_for_is_logged(
    redis: RedisClient, frontier: Frontier, known: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.ledger.rekey._TELL_EVERY", -1)
    submit_all(frontier, [submission(OTHER, keys=BEFORE)])
    frontier.claim(1)
    with capture_logs() as logged:
        assert next(Rekeying(redis, PREFIX, known, AFTER).steps()) is False
        assert next(Rekeying(redis, PREFIX, known, AFTER).steps()) is False
    assert [one["event"].partition(" ")[0] for one in logged] == ["Giving", "Waiting"]


def test_a_second_ledger_of_the_store_learns_it_too(
    redis: RedisClient, frontier: Frontier, known: Store
) -> None:
    settle(frontier, known, OTHER)
    bring(redis, known, prefix="other:")
    assert frontier.state(AFTER.id_of_request(OTHER)) is State.UNKNOWN
    bring(redis, known)
    assert frontier.state(AFTER.id_of_request(OTHER)) is State.SETTLED


def test_a_list_may_be_taken_back(redis: RedisClient, frontier: Frontier, known: Store) -> None:
    ids = [settle(frontier, known, url) for url in (PLAIN, OTHER)]
    bring(redis, known)
    bring(redis, known, BEFORE)
    assert sorted(urls_by_id(known)) == sorted(ids)
    assert known.id_now(AFTER.id_of_request(OTHER)) == BEFORE.id_of_request(OTHER)
    assert known.id_now(ids[1]) is None
    assert {frontier.state(one) for one in ids} == {State.SETTLED}


def test_a_row_whose_url_cannot_be_read_any_more_keeps_its_id(redis: RedisClient, known: Store) -> None:
    put(known, "http://a<b/?from=1")

    class Strict(UrlKeys):
        def id_of_request(self, url: str) -> str:
            raise ValueError(url)

    bring(redis, known, Strict(["x"]))
    assert list(urls_by_id(known)) == [article_id("http://a<b/?from=1")]


def test_rows_of_an_older_newsmill_get_ids_of_todays_keys(redis: RedisClient, known: Store) -> None:
    """It knew `q=a+b` and `%28` by the same rules, and 19 parameters: what it did not know is a parameter of its ids."""
    put(known, "http://a.test/?gclsrc=aw&id=1")
    put(known, "http://a.test/?id=1", settled_at=1000.0)
    assert known.rekey.version() is None
    bring(redis, known, UrlKeys.changed())
    assert list(urls_by_id(known)) == [article_id("http://a.test/?id=1")]


def test_where_nothing_was_submitted_there_is_nothing_to_do(redis: RedisClient, known: Store) -> None:
    assert list(Rekeying(redis, PREFIX, known, AFTER).steps()) == []
    assert noted_keys(redis, PREFIX) == known.rekey.version() == AFTER.version
    assert not redis.exists(f"{PREFIX}rekey")


def test_the_index_of_contents_finds_an_article_by_its_former_id(
    redis: RedisClient, frontier: Frontier, known: Store
) -> None:
    index = ContentIndex(redis, PREFIX, known.url_of, id_now=known.id_now)
    old = settle(frontier, known, OTHER, content_id=CONTENT.content_id)
    assert index.claim(CONTENT, Article(id=old, url=OTHER)) is None
    bring(redis, known)
    copy = index.claim(CONTENT, Article(id="1" * 32, url="http://b.test/copy"))
    assert copy is not None
    assert copy.url == OTHER


def test_an_article_is_no_copy_of_itself_under_its_former_id(
    redis: RedisClient, frontier: Frontier, known: Store
) -> None:
    index = ContentIndex(redis, PREFIX, known.url_of, id_now=known.id_now)
    old = settle(frontier, known, OTHER, content_id=CONTENT.content_id)
    index.claim(CONTENT, Article(id=old, url=OTHER))
    bring(redis, known)
    assert index.claim(CONTENT, Article(id=AFTER.id_of_request(OTHER), url=OTHER)) is None


def test_ids_of_two_lists_do_not_mix(
    redis: RedisClient, redis_url: str, known: Store, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(known, PLAIN)
    bring(redis, known, UrlKeys.changed(["from"]))
    monkeypatch.setenv("NEWSMILL_REDIS_URL", redis_url)
    monkeypatch.setenv("NEWSMILL_DATABASE_URL", store_url)
    monkeypatch.setenv("NEWSMILL_KEY_PREFIX", PREFIX)
    done = CliRunner().invoke(commands, ["submit", "http://a.test/3"])
    assert done.exit_code == 2
    assert "list of tracking parameters" in " ".join(done.output.split())
    monkeypatch.setenv("NEWSMILL_TRACKING_PARAMETERS", "from")
    done = CliRunner().invoke(commands, ["submit", TRACKED])
    assert "already done 1" in done.output


def test_rows_are_as_many_as_articles_whatever_the_order(redis: RedisClient, known: Store) -> None:
    """Rows that take the place of rows that have yet to move: ids of a batch in one circle."""
    for number in range(30):
        put(known, f"http://a.test/{number % 10}?from={number}&n={number // 10}", settled_at=1000.0 + number)
    keys = UrlKeys(["from", "n"])
    bring(redis, known, keys)
    with known.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(articles)).scalar() == 10
    assert {row["id"] for row in known.rows()} == {article_id(f"http://a.test/{n}") for n in range(10)}
    assert {row["url"].partition("?")[2] for row in known.rows()} == {f"from={n}&n=2" for n in range(20, 30)}
