"""What the frontier promises about leases: who holds an article, how often it was begun, and what comes back."""

from collections.abc import Callable

import pytest

from tasks.article import Article, Outcome
from workers.ledger.entries import Deferral, State
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission

MakeFrontier = Callable[..., Frontier]
Expire = Callable[..., None]

URL = "http://a.test/1"


def claim_one(frontier: Frontier) -> Article:
    (lease,) = frontier.claim(1)
    return lease.article


def lease_of(frontier: Frontier, url: str = URL) -> Article:
    assert frontier.submit([submission(url)]) == "n"
    return claim_one(frontier)


def test_every_lease_has_a_greater_token(make_frontier: MakeFrontier, expire_leases: Expire) -> None:
    frontier = make_frontier()
    tokens = [lease_of(frontier).token]
    for _ in range(3):
        expire_leases()
        frontier.reclaim()
        tokens.append(claim_one(frontier).token)
    assert tokens == sorted(set(tokens))


def test_tokens_grow_even_if_redis_comes_back_without_its_last_second(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier()
    before = lease_of(frontier)
    redis.delete(f"{prefix}fence")
    assert lease_of(frontier, "http://b.test/1").token > before.token


def test_what_was_submitted_before_a_failover_may_be_settled_already(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier()
    article = lease_of(frontier)
    assert not frontier.start(article, "fetch").may_be_settled
    redis.hset(f"{prefix}failover", "replid", "that of the master before")
    assert frontier.start(article, "fetch").may_be_settled
    assert frontier.start(article, "fetch").may_be_settled
    assert not frontier.start(article, "extract", in_place=True).may_be_settled
    # A minute later: the clocks of both servers may differ.
    redis.hincrby(f"{prefix}failover", "at", -61_000)
    assert not frontier.start(lease_of(frontier, "http://b.test/1"), "fetch").may_be_settled


def test_tokens_grow_past_those_of_a_master_that_is_gone(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier()
    lost = lease_of(frontier).token + 30_000_000  # half a minute later, which the replica has not seen
    redis.hset(f"{prefix}failover", "replid", "that of the master before")
    assert lease_of(frontier, "http://b.test/1").token > lost


def test_a_start_counts_an_attempt_and_notes_the_stage(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    article = lease_of(frontier)
    started = frontier.start(article, "fetch")
    record = frontier.entry(article.id)
    assert (started.verdict, started.attempts, started.has_history) == ("ok", 1, False)
    assert record
    assert (record.attempts, record.task, record.stage) == (1, "fetch", "fetch")


def test_a_delivery_of_the_same_task_again_counts_again(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    article = lease_of(frontier)
    assert [frontier.start(article, "fetch").attempts for _ in range(3)] == [1, 2, 3]


def test_the_hop_to_the_next_task_is_the_same_attempt(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    article = lease_of(frontier)
    assert [frontier.start(article, task).attempts for task in ("fetch", "extract", "dedupe")] == [1, 1, 1]
    assert frontier.start(article, "dedupe").attempts == 2


def test_a_stage_in_place_is_noted_and_costs_nothing(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    article = lease_of(frontier)
    frontier.start(article, "extract")
    assert frontier.start(article, "dedupe", in_place=True).attempts == 1
    record = frontier.entry(article.id)
    assert record
    assert (record.attempts, record.task, record.stage) == (1, "extract", "dedupe")


def test_attempts_are_bounded_and_the_last_stage_seen_is_named(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier(max_attempts=2)
    article = lease_of(frontier)
    frontier.start(article, "extract")
    frontier.start(article, "extract")
    frontier.start(article, "tag_topics", in_place=True)
    started = frontier.start(article, "extract")
    assert (started.verdict, started.attempts, started.stage) == ("spent", 2, "tag_topics")


@pytest.mark.parametrize("in_place", [False, True])
def test_a_start_renews_the_lease(make_frontier: MakeFrontier, expire_leases: Expire, in_place: bool) -> None:
    frontier = make_frontier()
    article = lease_of(frontier)
    expire_leases()
    assert [lease.article for lease in frontier.expired()] == [article]
    frontier.start(article, "fetch", in_place=in_place)
    assert frontier.expired() == []
    assert frontier.reclaim() == (0, [])


def test_a_lease_that_has_not_run_out_is_left_alone(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    article = lease_of(frontier)
    assert frontier.reclaim() == (0, [])
    assert [lease.article for lease in frontier.leased()] == [article]


def test_what_an_expired_lease_held_comes_back_at_the_head(
    make_frontier: MakeFrontier, expire_leases: Expire
) -> None:
    frontier = make_frontier()
    article = lease_of(frontier)
    frontier.submit([submission("http://a.test/later")])
    expire_leases()
    assert frontier.reclaim() == (1, [])
    assert frontier.state(article.id) is State.WAITING
    assert claim_one(frontier).url == URL


def test_only_the_leases_that_ran_out_come_back(make_frontier: MakeFrontier, expire_leases: Expire) -> None:
    frontier = make_frontier()
    dead, alive = lease_of(frontier), lease_of(frontier, "http://b.test/1")
    expire_leases(dead.id)
    assert frontier.reclaim() == (1, [])
    assert frontier.start(alive, "fetch").verdict == "ok"
    assert frontier.snapshot().in_flight == 1


def test_an_expired_lease_keeps_its_attempts_and_its_story(
    make_frontier: MakeFrontier, expire_leases: Expire
) -> None:
    frontier = make_frontier()
    article = lease_of(frontier)
    frontier.start(article, "fetch")
    frontier.start(article, "extract")
    expire_leases()
    frontier.reclaim()
    started = frontier.start(claim_one(frontier), "fetch")
    record = frontier.entry(article.id)
    assert (started.attempts, started.has_history) == (2, True)
    assert record
    assert [(event.event, event.stage) for event in record.history] == [("lost", "extract")]


def test_a_message_that_was_lost_before_its_start_costs_no_attempt(
    make_frontier: MakeFrontier, expire_leases: Expire
) -> None:
    frontier = make_frontier(max_attempts=1)
    article = lease_of(frontier)
    for _ in range(3):
        expire_leases()
        assert frontier.reclaim() == (1, [])
        article = claim_one(frontier)
    assert frontier.start(article, "fetch").attempts == 1


def test_an_article_without_an_attempt_left_is_leased_to_whoever_reclaims_it(
    make_frontier: MakeFrontier, expire_leases: Expire
) -> None:
    frontier = make_frontier(max_attempts=1)
    article = lease_of(frontier)
    frontier.start(article, "fetch")
    frontier.start(article, "dedupe", in_place=True)
    expire_leases()
    lost, (spent,) = frontier.reclaim()
    assert lost == 0
    assert (spent.article.id, spent.entry.stage, spent.entry.attempts) == (article.id, "dedupe", 1)
    assert spent.article.token > article.token
    assert frontier.expired() == []
    assert not frontier.settle(article, Outcome.ENRICHED)
    assert frontier.settle(spent.article, Outcome.FAILED)


def test_a_lease_whose_message_still_waits_in_a_queue_is_renewed(
    make_frontier: MakeFrontier, expire_leases: Expire
) -> None:
    frontier = make_frontier(max_attempts=1)
    waits, started = lease_of(frontier), lease_of(frontier, "http://b.test/1")
    frontier.start(started, "fetch")
    expire_leases()
    assert frontier.reclaim(still_queued=[waits.id, started.id]) == (0, [])
    assert frontier.expired() == []
    assert frontier.start(waits, "fetch").verdict == "ok"


def test_a_lease_whose_message_waits_is_renewed_at_half_its_time_so_that_a_worker_has_time_to_start(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier(lease=120)
    waits, works = lease_of(frontier), lease_of(frontier, "http://b.test/1")
    assert not frontier.ageing()
    almost_over = frontier.snapshot().now + 50_000
    for one in (waits, works):
        redis.zadd(f"{prefix}leases", {bytes.fromhex(one.id): almost_over})
    assert frontier.ageing()
    assert frontier.reclaim(still_queued=[waits.id]) == (0, [])
    assert (frontier.until(waits.id) or 0) > almost_over
    assert frontier.until(works.id) == almost_over


def test_a_process_that_died_is_part_of_the_story(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier(max_attempts=2)
    article = lease_of(frontier)
    frontier.start(article, "fetch")
    for _ in range(3):
        frontier.start(article, "extract")
    record = frontier.entry(article.id)
    assert record
    assert [(event.event, event.stage) for event in record.history] == [("died", "extract")] * 2


def test_an_outage_costs_nothing_and_all_leases_begin_anew(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str, expire_leases: Expire
) -> None:
    frontier = make_frontier(max_attempts=1)
    article = lease_of(frontier)
    frontier.start(article, "fetch")
    assert frontier.pulse() == 0
    expire_leases()
    assert frontier.pulse() == 0
    redis.decrby(f"{prefix}pulse", 60_000)
    assert frontier.pulse() == 1
    assert frontier.expired() == []
    assert frontier.start(article, "fetch").attempts == 1
    assert frontier.pulse() == 0


def assert_powerless(frontier: Frontier, stale: Article) -> None:
    """Assert that an attempt can neither start nor end its article, nor give it back."""
    before = frontier.snapshot()
    assert frontier.start(stale, "fetch").verdict == "stale"
    assert frontier.start(stale, "fetch", in_place=True).verdict == "stale"
    assert frontier.defer(stale, Deferral.RETRY, "fetch", reason="error") == "stale"
    assert not frontier.settle(stale, Outcome.ENRICHED)
    after = frontier.snapshot()
    counted = (before.waiting, before.in_flight, before.deferred, before.settled)
    assert counted == (after.waiting, after.in_flight, after.deferred, after.settled)


def test_an_attempt_whose_lease_is_another_attempts_by_now_can_do_nothing(
    make_frontier: MakeFrontier, expire_leases: Expire
) -> None:
    frontier = make_frontier()
    stale = lease_of(frontier)
    expire_leases()
    frontier.reclaim()
    assert_powerless(frontier, stale)
    holder = claim_one(frontier)
    assert_powerless(frontier, stale)
    assert frontier.start(holder, "fetch").attempts == 1


def test_an_article_is_settled_once(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    article = lease_of(frontier)
    assert frontier.settle(article, Outcome.ENRICHED)
    assert not frontier.settle(article, Outcome.REJECTED)
    assert frontier.start(article, "extract").verdict == "stale"
    assert frontier.snapshot().outcomes[Outcome.ENRICHED] == 1
    assert frontier.snapshot().settled == 1
