"""One budget a host over all workers: places and turns in the frontier, for pages and for where redirects lead."""

from collections.abc import Callable

import pytest

from tasks.article import Article, Outcome
from tasks.errors import Reason, TryLater
from workers.ledger import rate_limit
from workers.ledger.entries import Deferral, Turn
from workers.ledger.frontier import Frontier
from workers.ledger.rate_limit import HostRateLimit
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission

MakeFrontier = Callable[..., Frontier]
A, B = "a.test", "b.test"


def begin(frontier: Frontier, url: str = f"http://{A}/1") -> Article:
    """Submit a URL and start its first attempt."""
    frontier.submit([submission(url)])
    (lease,) = frontier.claim(1)
    assert frontier.start(lease.article, "fetch").verdict == "ok"
    return lease.article


def due_in(frontier: Frontier, host: str) -> float:
    """Return the seconds until the host may be fetched from."""
    return (frontier.host_state(host).get("due", 0) - frontier.snapshot().now) / 1000


def test_the_first_turn_is_now_and_the_next_an_interval_later(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier(host_interval=3, host_concurrency=2)
    article = begin(frontier)
    assert frontier.turn(article, A) == Turn("go", 0)
    turn = frontier.turn(article, A, patience=9)
    assert turn.verdict == "go"
    assert 2.5 < turn.seconds <= 3


def test_the_interval_counts_from_when_the_host_was_asked_not_from_the_claim(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str
) -> None:
    """An article may lie in the queue for longer than the interval."""
    frontier = make_frontier(host_interval=5)
    article = begin(frontier)
    redis.hset(f"{prefix}host:{A}", "due", 0)  # as if it had lain there for long
    frontier.turn(article, A)
    assert 4.5 < due_in(frontier, A) <= 5


def test_a_crawl_delay_is_the_hosts_interval(
    make_frontier: MakeFrontier, pass_time: Callable[[], None]
) -> None:
    frontier = make_frontier(host_interval=1)
    frontier.turn(begin(frontier), A, crawl_delay=20)
    assert 19 < due_in(frontier, A) <= 20
    frontier.submit([submission(f"http://{A}/2")])
    (first,) = frontier.leased()
    frontier.settle(first.article, Outcome.ENRICHED)
    assert frontier.claim(1) == []
    pass_time()
    (second,) = frontier.claim(1)
    assert 19 < due_in(frontier, A) <= 20
    frontier.turn(second.article, A, crawl_delay=0)
    assert frontier.host_state(A)["pace"] == 0


def test_a_redirect_takes_a_place_on_the_host_that_it_leads_to(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    article = begin(frontier)
    assert frontier.turn(article, B).verdict == "go"
    assert frontier.turn(article, B).verdict == "go"  # it holds its place already
    frontier.submit([submission(f"http://{B}/1")])
    assert frontier.host_state(B)["n"] == 1
    assert frontier.claim(9) == []


@pytest.mark.parametrize("end", ["settle", "defer", "reclaim"])
def test_the_place_is_free_again_when_the_lease_is_over(
    make_frontier: MakeFrontier, expire_leases: Callable[..., None], end: str
) -> None:
    frontier = make_frontier()
    article = begin(frontier)
    frontier.turn(article, B)
    frontier.submit([submission(f"http://{B}/1")])
    if end == "settle":
        frontier.settle(article, Outcome.ENRICHED)
    elif end == "defer":
        frontier.defer(article, Deferral.RETRY, "fetch", reason="error")
    else:
        expire_leases(article.id)
        frontier.reclaim()
    assert B in {lease.entry.host for lease in frontier.claim(9)}


def test_a_redirect_waits_for_a_place_and_is_the_next_to_get_it(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    there = begin(frontier, f"http://{B}/1")
    frontier.submit([submission(f"http://{B}/2")])
    article = begin(frontier)
    assert frontier.turn(article, B).verdict == "busy"
    frontier.settle(there, Outcome.ENRICHED)
    assert frontier.claim(9) == []
    assert frontier.turn(article, B, patience=1).verdict == "go"


def test_a_redirect_waits_for_the_pause_of_a_host_in_trouble(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    there = begin(frontier, f"http://{B}/1")
    frontier.defer(there, Deferral.LATER, "fetch", reason="rate_limited", after=60, whole_host=True)
    turn = frontier.turn(begin(frontier), B, patience=5)
    assert turn.verdict == "later"
    assert 59 < turn.seconds <= 60


def test_a_turn_that_is_too_far_away_is_kept_and_others_come_after_it(
    make_frontier: MakeFrontier, pass_time: Callable[[], None]
) -> None:
    frontier = make_frontier(host_interval=10, host_concurrency=2, max_deferrals=0)
    first = begin(frontier)
    frontier.turn(first, A)
    article = begin(frontier, "http://c.test/1")
    turn = frontier.turn(article, A, patience=1)
    assert turn.verdict == "later"
    assert 19 < due_in(frontier, A) <= 20
    kind = Deferral.SYSTEM
    assert frontier.defer(article, kind, "fetch", reason="host_busy", after=turn.seconds) == "deferred"
    pass_time()
    (again,) = frontier.claim(1)
    later = frontier.turn(again.article, A, patience=99)
    assert later.verdict == "go"
    assert later.seconds <= turn.seconds
    assert 19 < due_in(frontier, A) <= 20


def test_a_redirect_that_fails_puts_off_neither_host(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    article = begin(frontier)
    frontier.turn(article, B)
    frontier.submit([submission(url) for url in (f"http://{A}/2", f"http://{B}/1")])
    frontier.defer(article, Deferral.LATER, "fetch", reason="rate_limited", after=60)
    assert {lease.article.url for lease in frontier.claim(9)} == {f"http://{A}/2", f"http://{B}/1"}
    assert frontier.snapshot().deferred == 1


def test_redirects_without_end_leave_a_host_every_other_turn(
    make_frontier: MakeFrontier, pass_time: Callable[[], None]
) -> None:
    frontier = make_frontier()
    first, second = [begin(frontier, f"http://{number}.farm.test/") for number in range(2)]
    frontier.submit([submission(f"http://{B}/1")])
    assert frontier.turn(first, B).verdict == "go"
    frontier.settle(first, Outcome.REJECTED)
    assert frontier.turn(second, B, patience=9).verdict == "busy"  # the host's own come first
    pass_time()
    (own,) = frontier.claim(1)
    frontier.settle(own.article, Outcome.ENRICHED)
    assert frontier.turn(second, B, patience=9).verdict == "go"


def test_redirects_reserve_the_turns_of_a_minute_at_most(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier(host_interval=10, host_concurrency=99)
    waits = [frontier.turn(begin(frontier, f"http://{n}.farm.test/"), B).seconds for n in range(20)]
    assert [round(wait) for wait in waits[:4]] == [0, 10, 20, 30]
    assert max(waits) <= 80
    assert due_in(frontier, B) <= 20  # its own wait for one of them


def test_who_has_lost_its_lease_has_no_turn(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    article = begin(frontier)
    assert frontier.turn(article.evolve(token=article.token - 1), A).verdict == "stale"


def test_a_turn_renews_the_lease(make_frontier: MakeFrontier, expire_leases: Callable[..., None]) -> None:
    frontier = make_frontier()
    article = begin(frontier)
    expire_leases(article.id)
    frontier.turn(article, A)
    assert frontier.expired() == []


def test_a_worker_gives_the_article_back_where_the_turn_is_too_far_away(
    make_frontier: MakeFrontier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limit, "PATIENCE", 0.0)
    frontier = make_frontier(host_interval=60)
    begin(frontier, f"http://{B}/1")
    with pytest.raises(TryLater) as later:
        HostRateLimit(frontier, 30).acquire(begin(frontier), B, None)
    assert later.value.reason is Reason.HOST_BUSY


def test_no_crawl_delay_is_longer_than_the_cap(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    HostRateLimit(frontier, 30).acquire(begin(frontier), A, 86_400.0)
    assert 29 < due_in(frontier, A) <= 30


def test_delays_differ_by_chance_within_a_quarter(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier(jitter=0.25, backoff_base=1000)
    delays = []
    for number in range(40):
        article = begin(frontier, f"http://host{number}.test/")
        frontier.defer(article, Deferral.LATER, "fetch", reason="server_error")
        record = frontier.entry(article.id)
        assert record
        delays.append(record.history[-1].delay)
    assert 750_000 <= min(delays) < 950_000
    assert 1_050_000 < max(delays) <= 1_250_000
