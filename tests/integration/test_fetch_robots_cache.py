"""robots.txt in Redis: one fetch a host, however many workers ask."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from random import Random

import pytest
import zstandard
from redis import Redis

from seeds.http_site import Site, answer
from tests.fault_site.site_fetcher import SiteFetcher, fetching_from
from workers.ledger.frontier import Frontier
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
        visitors: list[SiteFetcher] = []
        for _ in range(4):
            client = stack.enter_context(Redis.from_url(redis_url))
            visitors.append(stack.enter_context(fetching_from(site, cache=RobotsCache(client, prefix))))
        list(pool.map(lambda number: visitors[number % 4].robots.check(site.url("/a")), range(64)))
    assert [one.path for one in site.requests] == ["/robots.txt"]
    assert redis.hkeys(f"{prefix}robots:files") == [site.url("").encode()]


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
    redis.delete(f"{prefix}robots:files")
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


def test_a_file_is_kept_for_its_time(redis: RedisClient, prefix: str) -> None:
    RobotsCache(redis, prefix).put(ORIGIN, "Disallow: /a", 0)
    assert RobotsCache(redis, prefix).get(ORIGIN) is None


def test_all_files_have_a_share_of_the_memory_and_the_least_used_go_first(
    redis: RedisClient, prefix: str, make_frontier: Callable[..., Frontier]
) -> None:
    redis.config_set("maxmemory", 64_000_000)  # a share of 4 MB
    try:
        incompressible = Random(1).randbytes(150_000).hex()
        cache, used = RobotsCache(redis, prefix), redis.info("memory")["used_memory"]
        for number in range(100):
            cache.put(f"http://{number}.evil.test", f"{number}{incompressible}", 3600)
            RobotsCache(redis, prefix).get("http://0.evil.test")  # this one is in use
        assert redis.info("memory")["used_memory"] - used < 6_000_000
        kept = {
            int(origin.split(b".")[0].removeprefix(b"http://"))
            for origin in redis.hkeys(f"{prefix}robots:files")
        }
        assert {0, 99, 98} <= kept
        assert 1 not in kept
        assert 0.9 < make_frontier().kept()["robots"] <= 1
    finally:
        redis.config_set("maxmemory", 0)


def test_what_somebody_else_has_written_there_is_no_file(redis: RedisClient, prefix: str) -> None:
    bomb = zstandard.ZstdCompressor(1).compress(bytes(50_000_000))
    for odd in (b"", b"x", b"99999999999999 ", b"99999999999999 \xff", b"99999999999999 " + bomb):
        redis.hset(f"{prefix}robots:files", ORIGIN, odd)
        assert RobotsCache(redis, prefix).get(ORIGIN) is None
