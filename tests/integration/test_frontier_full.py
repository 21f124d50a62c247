"""A full Redis: nothing new is taken, and what is in flight ends all the same."""

from collections.abc import Callable, Iterator

import pytest
from redis.exceptions import OutOfMemoryError, ResponseError

from tasks.article import Article, Outcome
from workers.cli.errors import message_for
from workers.ledger.entries import Deferral, State
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission

MakeFrontier = Callable[..., Frontier]

#: How much of maxmemory is in use.
Filled = Callable[[float], None]


@pytest.fixture
def filled(redis: RedisClient) -> Iterator[Filled]:
    """Make Redis have so much of its maxmemory in use."""

    def fill(part: float) -> None:
        redis.config_set("maxmemory", 0)
        redis.setrange("ballast", 50_000_000, b"!")
        redis.config_set("maxmemory", int(redis.info("memory")["used_memory"] / part))

    yield fill
    redis.config_set("maxmemory", 0)


def lease_of(frontier: Frontier, url: str) -> Article:
    assert frontier.submit([submission(url)]) == "n"
    (lease,) = frontier.claim(1)
    return lease.article


def test_the_last_tenth_of_the_memory_is_not_for_new_urls(
    make_frontier: MakeFrontier, filled: Filled
) -> None:
    frontier = make_frontier()
    filled(0.85)
    assert frontier.submit([submission("http://a.test/1")]) == "n"
    filled(0.95)
    with pytest.raises(OutOfMemoryError) as refused:
        frontier.submit([submission("http://a.test/2")])
    assert str(message_for(refused.value)).startswith("Redis is full. Raise its maxmemory")
    assert frontier.snapshot().waiting == 1


def test_in_the_last_tenth_everything_else_goes_on(make_frontier: MakeFrontier, filled: Filled) -> None:
    frontier = make_frontier()
    frontier.submit([submission("http://a.test/1")])
    filled(0.95)
    (lease,) = frontier.claim(1)
    assert frontier.start(lease.article, "fetch").verdict == "ok"
    assert frontier.settle(lease.article, Outcome.ENRICHED)


def test_on_a_redis_without_any_memory_left_what_is_leased_starts_goes_back_and_ends(
    make_frontier: MakeFrontier, filled: Filled, expire_leases: Callable[..., None]
) -> None:
    frontier = make_frontier()
    ends, goes_back, is_lost = (lease_of(frontier, f"http://{host}.test/1") for host in "abc")
    expire_leases(is_lost.id)
    filled(1.5)
    assert frontier.start(ends, "fetch").verdict == "ok"
    assert frontier.settle(ends, Outcome.ENRICHED)
    assert frontier.defer(goes_back, Deferral.SYSTEM, "fetch", reason="redis_down") == "deferred"
    assert frontier.reclaim() == (1, [])
    assert frontier.snapshot().in_flight == 0


def test_on_a_redis_without_any_memory_left_nothing_is_claimed_which_could_not_be_published(
    make_frontier: MakeFrontier, filled: Filled
) -> None:
    frontier = make_frontier()
    frontier.submit([one := submission("http://a.test/1")])
    filled(1.5)
    with pytest.raises(ResponseError, match=r"OOM|used memory"):
        frontier.claim(1)
    assert frontier.state(one.id) is State.WAITING
