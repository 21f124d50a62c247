"""What the ledger remembers of hosts that give walls instead of pages, and how it slows down those that block."""

from collections.abc import Callable

import pytest

from tasks.article import Article, Outcome, article_id
from tasks.errors import Reason
from workers.ledger.entries import Submission
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission

MakeFrontier = Callable[..., Frontier]
BASE, CAP = 100, 1000


def claimed(frontier: Frontier, url: str) -> Article:
    frontier.submit([submission(url)])
    (lease,) = frontier.claim(1)
    return lease.article


def rejected(frontier: Frontier, article: Article, reason: str = Reason.BLOCKED) -> None:
    assert frontier.settle(article, Outcome.REJECTED, reason=reason)


def waits(frontier: Frontier, server: str = "a.test") -> float:
    """Return for how many seconds a host waits."""
    return max(frontier.host_state(server)["due"] - frontier.snapshot().now, 0) / 1000


@pytest.fixture
def wait_over(redis: RedisClient, prefix: str) -> Callable[[], None]:
    """Let the wait of a.test be over."""

    def end() -> None:
        redis.hset(f"{prefix}host:a.test", "due", 1)
        row, _ = (redis.hget(f"{prefix}walls:row", "a.test") or b"0 0").split()
        redis.hset(f"{prefix}walls:row", "a.test", row + b" 1")

    return end


def test_a_host_that_blocks_waits_twice_as_long_with_each_page_up_to_the_cap(
    make_frontier: MakeFrontier, wait_over: Callable[[], None]
) -> None:
    frontier = make_frontier(backoff_base=BASE, backoff_cap=CAP)
    seen = []
    for n in range(6):
        rejected(frontier, claimed(frontier, f"http://a.test/{n}"))
        seen.append(round(waits(frontier), -1))
        assert frontier.claim(9) == []
        wait_over()
    assert seen == [100, 200, 400, 800, 1000, 1000]
    wall = frontier.walls.of("a.test")
    assert wall
    assert (wall.pages, wall.in_a_row) == ({"blocked": 6}, 6)
    assert wall.blocks_since
    assert wall.blocks_since <= wall.last <= frontier.snapshot().now


def test_both_schemes_of_the_host_wait(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier(backoff_base=BASE)
    rejected(frontier, claimed(frontier, "https://a.test/"))
    frontier.submit([submission("http://a.test/2"), submission("https://a.test/3")])
    assert frontier.claim(9) == []
    assert waits(frontier, "https://a.test") > BASE - 5


def test_pages_asked_for_before_the_wait_do_not_prolong_it(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier(backoff_base=BASE, host_concurrency=5)
    frontier.submit([submission(f"http://a.test/{n}") for n in range(5)])
    articles = [lease.article for _ in range(5) for lease in frontier.claim(1)]
    for article in articles:
        rejected(frontier, article)
    assert waits(frontier) <= BASE
    wall = frontier.walls.of("a.test")
    assert wall
    assert wall.in_a_row == 5


@pytest.mark.parametrize("outcome", [Outcome.ENRICHED, Outcome.DUPLICATE])
def test_an_article_ends_it(
    make_frontier: MakeFrontier, wait_over: Callable[[], None], outcome: Outcome
) -> None:
    frontier = make_frontier(backoff_base=BASE)
    for n in range(3):
        rejected(frontier, claimed(frontier, f"http://a.test/{n}"))
        wait_over()
    assert frontier.settle(claimed(frontier, "http://a.test/article"), outcome)
    wall = frontier.walls.of("a.test")
    assert wall
    assert (wall.blocks_since, wall.in_a_row, wall.pages) == (None, 0, {"blocked": 3})
    rejected(frontier, claimed(frontier, "http://a.test/again"))
    assert waits(frontier) <= BASE


@pytest.mark.parametrize("reason", ["not_found", "no_article", "soft_404", "needs_javascript"])
def test_another_rejection_neither_ends_it_nor_slows_a_host_down(
    make_frontier: MakeFrontier, wait_over: Callable[[], None], reason: str
) -> None:
    frontier = make_frontier(backoff_base=BASE)
    rejected(frontier, claimed(frontier, "http://a.test/1"))
    wait_over()
    rejected(frontier, claimed(frontier, "http://a.test/2"), reason)
    assert waits(frontier) == 0
    wall = frontier.walls.of("a.test")
    assert wall
    assert wall.blocks_since


@pytest.mark.parametrize(
    ("final", "counts"),
    [("http://b.test/1", False), ("http://www.a.test/1", True), ("https://a.test/1", True)],
)
def test_a_wall_of_another_site_counts_for_nobody(
    make_frontier: MakeFrontier, final: str, *, counts: bool
) -> None:
    frontier = make_frontier(backoff_base=BASE)
    rejected(frontier, claimed(frontier, "http://a.test/1").evolve(final_url=final))
    assert (waits(frontier) > 0) is counts
    assert (frontier.walls.of("a.test") is not None) is counts
    assert frontier.walls.of("b.test") is None


def test_soft_404s_and_shells_are_counted_by_host(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    for n, reason in enumerate([Reason.SOFT_404, Reason.SOFT_404, Reason.NEEDS_JAVASCRIPT]):
        rejected(frontier, claimed(frontier, f"http://a.test/{n}"), reason)
    rejected(frontier, claimed(frontier, "http://b.test/"), Reason.NOT_FOUND)
    assert frontier.walls.of("b.test") is None
    wall = frontier.walls.of("a.test")
    assert wall
    assert wall.pages == {"soft_404": 2, "needs_javascript": 1}
    assert (wall.blocks_since, wall.in_a_row) == (None, 0)


def test_the_worst_are_those_that_block_for_longest_then_those_with_most(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier()
    for host in ("new", "old"):
        rejected(frontier, claimed(frontier, f"http://{host}.test/"))
    redis.zadd(f"{prefix}walls:since", {"old.test": 1000})
    for n in range(3):
        rejected(frontier, claimed(frontier, f"http://many.test/{n}"), Reason.SOFT_404)
    rejected(frontier, claimed(frontier, "http://few.test/"), Reason.SOFT_404)
    worst = [wall.host for wall in frontier.walls.worst(10)]
    assert worst == ["old.test", "new.test", "many.test", "few.test"]
    assert [wall.host for wall in frontier.walls.worst(2)] == worst[:2]


def test_a_document_has_no_host_that_blocks(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    frontier.submit([Submission(id=article_id("file:///a.html"), url="file:///a.html", host="")])
    (lease,) = frontier.claim(1)
    rejected(frontier, lease.article)
    assert frontier.walls.worst(9) == []


def test_of_too_many_hosts_those_without_a_wall_for_longest_are_forgotten(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier()
    names = {f"h{n}.test": n + 1 for n in range(5000)}
    for key in ("last", "since", "blocked", "soft_404", "needs_javascript"):
        redis.zadd(f"{prefix}walls:{key}", names)
    redis.hset(f"{prefix}walls:row", mapping=dict.fromkeys(names, "1 1"))
    rejected(frontier, claimed(frontier, "http://a.test/"))
    assert frontier.walls.of("h0.test") is None
    assert frontier.walls.of("h1.test")
    assert frontier.walls.of("a.test")
    assert redis.zcard(f"{prefix}walls:last") == 5000
    assert redis.hlen(f"{prefix}walls:row") == 5000


def test_what_somebody_else_wrote_there_stops_nobody(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier()
    redis.hset(f"{prefix}walls:row", "a.test", "\xff nonsense")
    rejected(frontier, claimed(frontier, "http://a.test/"))
    wall = frontier.walls.of("a.test")
    assert wall
    assert wall.in_a_row == 1
