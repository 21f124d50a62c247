"""New ids that meet: those of articles that change places, of rows that become one, of copies that name a row by its URL."""

from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from tasks.article import Outcome, article_id
from tasks.url_keys import UrlKeys
from tests.conftest import PREFIX
from tests.integration.test_rekey import AFTER, BEFORE, PLAIN, TRACKED, bring, settle, urls_by_id
from tests.integration.test_store import article, put, result
from workers.cli import app as commands
from workers.inspect.cluster import cluster_of
from workers.ledger.entries import Deferral, State
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission, submit_all
from workers.store.store import Store


@pytest.fixture
def frontier(make_frontier: Callable[..., Frontier]) -> Frontier:
    return make_frontier(keys=BEFORE)


#: Lists of which one has lost a name and got another: `?ref=1` had the key that `?from=1` gets.
LOST, GOT = UrlKeys(["ref"]), UrlKeys(["from"])
LEAVES, COMES = "http://a.test/1?ref=1", "http://a.test/1?from=1"


@pytest.mark.parametrize("state", ["settled", "waiting", "deferred"])
@pytest.mark.parametrize("first", [LEAVES, COMES])
def test_a_url_that_takes_the_id_of_another_does_not_take_its_place(
    redis: RedisClient, make_frontier: Callable[..., Frontier], known: Store, state: str, first: str
) -> None:
    frontier = make_frontier(keys=LOST, host_concurrency=9)
    for url in (first, COMES if first == LEAVES else LEAVES):
        submit_all(frontier, [submission(url, keys=LOST)])
    for lease in [*frontier.claim(1), *frontier.claim(1)] if state != "waiting" else []:
        if state == "deferred":
            frontier.defer(lease.article, Deferral.LATER, "fetch", reason="server_error", after=100)
        else:
            assert known.write(lease.article, "a.test", result())
            assert frontier.settle(lease.article, Outcome.ENRICHED)
    bring(redis, known, GOT)
    ids = {GOT.id_of_request(LEAVES), GOT.id_of_request(COMES)}
    kinds = {"settled": State.SETTLED, "waiting": State.WAITING, "deferred": State.DEFERRED}
    assert {frontier.state(one) for one in ids} == {kinds[state]}
    now = frontier.snapshot()
    assert (now.settled, now.waiting, now.deferred) == tuple(2 * (one == state) for one in kinds)
    assert state != "settled" or set(urls_by_id(known)) == ids


def test_a_row_that_has_an_id_of_an_earlier_list_stays_known(
    redis: RedisClient, frontier: Frontier, known: Store
) -> None:
    settle(frontier, known, TRACKED)
    bring(redis, known)
    bring(redis, known, BEFORE)
    settle(frontier, known, PLAIN)  # its id is one that the other article had in between
    bring(redis, known, UrlKeys(["utm_*", "else"]))
    assert frontier.snapshot().outcomes[Outcome.ENRICHED] == 2
    assert frontier.state(article_id(PLAIN)) is State.SETTLED


def test_a_row_stays_known_where_another_spelling_of_its_url_waits_and_leaves(
    redis: RedisClient, make_frontier: Callable[..., Frontier], known: Store
) -> None:
    before = make_frontier(keys=AFTER)
    submit_all(before, [submission(PLAIN, keys=AFTER)])
    [lease] = before.claim(1)
    assert known.write(lease.article, "a.test", result())
    assert before.settle(lease.article, Outcome.ENRICHED)
    submit_all(before, [submission(TRACKED, keys=AFTER)], again=True)
    bring(redis, known, BEFORE)
    assert before.state(article_id(PLAIN)) is State.SETTLED
    assert before.state(BEFORE.id_of_request(TRACKED)) is State.WAITING
    assert (before.snapshot().waiting, before.snapshot().settled) == (1, 1)


def test_one_that_failed_and_is_to_be_fetched_again_waits_on(
    redis: RedisClient, frontier: Frontier, known: Store
) -> None:
    settle(frontier, known, PLAIN, Outcome.REJECTED)
    settle(frontier, known, TRACKED, Outcome.FAILED)
    submit_all(frontier, [submission(TRACKED, keys=BEFORE)], again=True)
    bring(redis, known)
    assert (frontier.snapshot().waiting, frontier.snapshot().settled) == (1, 0)


def test_one_that_failed_waits_on_though_its_other_name_was_enriched_before(
    redis: RedisClient, frontier: Frontier, known: Store
) -> None:
    settle(frontier, known, PLAIN, settled_at=1000.0)
    settle(frontier, known, TRACKED, Outcome.FAILED, settled_at=2000.0)
    submit_all(frontier, [submission(TRACKED, keys=BEFORE)], again=True)  # as `dead replay` does
    bring(redis, known)
    assert [row["outcome"] for row in known.rows()] == ["failed"]
    assert (frontier.snapshot().waiting, frontier.snapshot().settled) == (1, 0)


@pytest.mark.parametrize("field", ["duplicate_of", "near_duplicate_of"])
def test_copies_name_the_row_that_stays(
    redis: RedisClient, frontier: Frontier, known: Store, field: str
) -> None:
    settle(frontier, known, PLAIN, settled_at=1000.0)
    settle(frontier, known, TRACKED, settled_at=2000.0)
    settle(frontier, known, "http://c.test/", Outcome.DUPLICATE, **{field: PLAIN})
    bring(redis, known)
    assert [row[field] for row in known.rows() if row["url"] == "http://c.test/"] == [TRACKED]
    assert [one.url for one in cluster_of(known, PLAIN, AFTER)] == [TRACKED, "http://c.test/"]


def test_copies_name_the_article_by_the_url_that_it_was_fetched_again_by(known: Store) -> None:
    put(known, PLAIN)
    put(known, "http://c.test/", Outcome.DUPLICATE, duplicate_of=PLAIN)
    again = article(TRACKED, token=2, again=True).evolve(id=article_id(PLAIN))
    assert known.write(again, "a.test", result())
    assert [one.url for one in cluster_of(known, TRACKED, AFTER)] == [TRACKED, "http://c.test/"]
    late = article(PLAIN, token=1, again=True)
    assert not known.write(late, "a.test", result())
    assert [one.url for one in cluster_of(known, TRACKED, AFTER)] == [TRACKED, "http://c.test/"]


def test_why_finds_an_article_by_a_former_id_and_names_another_list(
    redis: RedisClient,
    redis_url: str,
    known: Store,
    store_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = BEFORE.id_of_request(TRACKED)
    assert known.write(article(TRACKED).evolve(id=old), "a.test", result())
    bring(redis, known, UrlKeys.changed(["from"]))
    monkeypatch.setenv("NEWSMILL_REDIS_URL", redis_url)
    monkeypatch.setenv("NEWSMILL_DATABASE_URL", store_url)
    monkeypatch.setenv("NEWSMILL_KEY_PREFIX", PREFIX)
    done = CliRunner().invoke(commands, ["why", old])
    assert article_id(PLAIN) in done.output
    done = CliRunner().invoke(commands, ["why", TRACKED])
    assert "list of tracking parameters" in " ".join(done.output.split())
    monkeypatch.setenv("NEWSMILL_TRACKING_PARAMETERS", "from")
    assert "list of tracking" not in CliRunner().invoke(commands, ["why", "http://z.test/"]).output
