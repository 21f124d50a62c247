"""robots.txt in Redis: one fetch a host, however many workers ask."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from redis import Redis

from tests.fault_site.server import Site, answer
from tests.fault_site.visitor import Visitor, visiting
from workers.ledger.redis_client import RedisClient
from workers.ledger.robots_cache import ROBOTS_AT_HAND, RobotsCache

ORIGIN = "http://news.test"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as running:
        running.routes["/robots.txt"] = answer(b"User-agent: *\nDisallow: /private", b"")
        yield running


def test_four_workers_of_many_threads_fetch_it_once(
    site: Site, redis: RedisClient, redis_url: str, prefix: str
) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(32) as pool:
        visitors: list[Visitor] = []
        for _ in range(4):
            client = stack.enter_context(Redis.from_url(redis_url))
            visitors.append(stack.enter_context(visiting(site, cache=RobotsCache(client, prefix))))
        list(pool.map(lambda number: visitors[number % 4].robots.check(site.url("/a")), range(64)))
    assert [one.path for one in site.visits] == ["/robots.txt"]
    assert redis.ttl(f"{prefix}robots:{site.url('')}") > 86_000


def test_a_worker_asks_redis_once_a_minute(redis: RedisClient, prefix: str) -> None:
    now = 1000.0
    cache = RobotsCache(redis, prefix, clock=lambda: now)
    assert cache.get(ORIGIN) is None
    cache.put(ORIGIN, "Disallow: /a", 3600)
    assert cache.get(ORIGIN) == "Disallow: /a"
    RobotsCache(redis, prefix).put(ORIGIN, "", 3600)
    now += ROBOTS_AT_HAND - 1
    assert cache.get(ORIGIN) == "Disallow: /a"
    now += 2
    assert cache.get(ORIGIN) == ""


def test_a_long_file_is_not_kept_at_hand_and_neither_are_many(redis: RedisClient, prefix: str) -> None:
    cache = RobotsCache(redis, prefix)
    cache.put(ORIGIN, "#" * 20_000, 3600)
    assert cache.get(ORIGIN)
    redis.delete(f"{prefix}robots:{ORIGIN}")
    assert cache.get(ORIGIN) is None
    for number in range(600):
        cache.put(f"{ORIGIN}:{number}", "", 3600)
        assert cache.get(f"{ORIGIN}:{number}") == ""
    redis.flushdb()
    kept = [number for number in range(600) if cache.get(f"{ORIGIN}:{number}") is not None]
    assert kept == list(range(500, 600))


def test_who_comes_second_waits_no_longer_than_the_first_may_take(redis: RedisClient, prefix: str) -> None:
    cache = RobotsCache(redis, prefix)
    with cache.fetching(ORIGIN, 60) as first, cache.fetching(ORIGIN, 0.01) as second:
        assert (first, second) == (True, False)
    with cache.fetching(ORIGIN, 60) as third:
        assert third


def test_a_worker_that_died_over_it_is_replaced(redis: RedisClient, prefix: str) -> None:
    cache = RobotsCache(redis, prefix)
    with cache.fetching(ORIGIN, 60):
        assert 0 < redis.ttl(f"{prefix}robots:lock:{ORIGIN}") <= 60
        redis.delete(f"{prefix}robots:lock:{ORIGIN}")  # as its time does
        with cache.fetching(ORIGIN, 60) as other:
            assert other
