"""Which paragraphs a host repeats, counted by many workers on a real Redis."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from tasks.article import article_id
from tasks.dedupe.repeated import STORIES
from workers.ledger.host_paragraphs import HostParagraphs
from workers.ledger.redis_client import RedisClient

HOST = "a.test"
FOLLOW, WRITE = b"foll", b"writ"
#: What lua/contents/paragraphs.lua keeps.
MOST_ENTRIES, ENTRY, MOST_HOSTS = 400, 10, 5000


@pytest.fixture
def paragraphs(redis: RedisClient, prefix: str) -> HostParagraphs:
    return HostParagraphs([redis], prefix.encode())


def story(number: int) -> bytes:
    return bytes.fromhex(article_id(f"http://a.test/{number}"))


def keys_of(number: int, count: int = 8) -> list[bytes]:
    """Return keys of paragraphs that no other story has."""
    return [(0x10000000 + number * 100 + at).to_bytes(4) for at in range(count)]


def test_a_paragraph_is_repeated_once_enough_stories_have_it(paragraphs: HostParagraphs) -> None:
    for number in range(STORIES):
        assert paragraphs.repeated(HOST, [FOLLOW]) == frozenset()
        paragraphs.note(HOST, [*keys_of(number), FOLLOW], story(number))
    assert paragraphs.repeated(HOST, [WRITE, *keys_of(0), FOLLOW]) == {FOLLOW}
    assert paragraphs.repeated("b.test", [FOLLOW]) == frozenset()


def test_a_story_counts_once_however_often_it_is_noted(paragraphs: HostParagraphs) -> None:
    for _ in range(STORIES + 1):
        paragraphs.note(HOST, [FOLLOW, FOLLOW], story(1))
    paragraphs.note(HOST, [FOLLOW], story(2))
    assert paragraphs.repeated(HOST, [FOLLOW]) == frozenset()


def test_ids_that_begin_with_zeros_count(paragraphs: HostParagraphs) -> None:
    for first in range(STORIES):
        paragraphs.note(HOST, [FOLLOW], bytes([0, first]) + bytes(14))
    assert paragraphs.repeated(HOST, [FOLLOW]) == {FOLLOW}


def test_a_key_that_stands_across_two_entries_is_none(paragraphs: HostParagraphs) -> None:
    for number in range(STORIES):
        paragraphs.note(HOST, [b"abcd"], b"efgh" + bytes([number]) + bytes(11))
    assert paragraphs.repeated(HOST, [b"cdef"]) == frozenset()


def test_of_many_workers_at_once_each_story_counts(paragraphs: HostParagraphs) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda number: paragraphs.note(HOST, [*keys_of(number), FOLLOW], story(number)), range(100)
            )
        )
    assert paragraphs.repeated(HOST, [FOLLOW, *keys_of(99)]) == {FOLLOW}


def test_of_a_host_what_one_story_had_is_forgotten_before_what_it_repeats(
    paragraphs: HostParagraphs, redis: RedisClient, prefix: str
) -> None:
    paragraphs.note(HOST, [WRITE], story(0))
    for number in range(200):
        paragraphs.note(HOST, [*keys_of(number, 31), FOLLOW], story(number))
        assert redis.strlen(f"{prefix}paragraphs:{HOST}") <= MOST_ENTRIES * ENTRY
    assert paragraphs.repeated(HOST, [FOLLOW]) == {FOLLOW}
    for number in range(1, STORIES):
        paragraphs.note(HOST, [WRITE], story(number))
    assert paragraphs.repeated(HOST, [WRITE]) == frozenset()


def test_of_many_paragraphs_that_a_host_repeats_the_oldest_are_forgotten(
    paragraphs: HostParagraphs, redis: RedisClient, prefix: str
) -> None:
    for group in range(40):
        for number in range(STORIES):
            paragraphs.note(HOST, keys_of(group, 32), story(number))
        assert redis.strlen(f"{prefix}paragraphs:{HOST}") <= MOST_ENTRIES * ENTRY
    assert paragraphs.repeated(HOST, keys_of(0, 32)) == frozenset()
    assert paragraphs.repeated(HOST, keys_of(39, 32)) == {*keys_of(39, 32)}


def test_of_several_servers_each_host_is_on_one(redis: RedisClient, redis_url: str, prefix: str) -> None:
    with Redis.from_url(redis_url.rsplit("/", 1)[0] + "/1") as second:
        servers = [redis, second]
        paragraphs = HostParagraphs(servers, prefix.encode())
        hosts = [f"{number}.test" for number in range(20)]
        for host in hosts:
            for number in range(STORIES):
                paragraphs.note(host, [FOLLOW], story(number))
        places = [[server.exists(f"{prefix}paragraphs:{host}") for server in servers] for host in hosts]
        assert all(sum(place) == 1 for place in places)
        assert len({tuple(place) for place in places}) == 2
        assert all(paragraphs.repeated(host, [FOLLOW]) == {FOLLOW} for host in hosts)
        second.flushdb()


def test_a_host_is_forgotten_two_weeks_after_its_last_story(
    paragraphs: HostParagraphs, redis: RedisClient, prefix: str
) -> None:
    paragraphs.note(HOST, [FOLLOW], story(1))
    assert 13.9 < redis.ttl(f"{prefix}paragraphs:{HOST}") / 86400 <= 14


def test_of_too_many_hosts_those_without_a_story_for_longest_are_forgotten(
    paragraphs: HostParagraphs, redis: RedisClient, prefix: str
) -> None:
    used = f"{prefix}paragraphs-used"
    paragraphs.note(HOST, [FOLLOW], story(1))
    paragraphs.note("b.test", [FOLLOW], story(1))
    now = int(redis.zscore(used, HOST) or 0)
    redis.zadd(used, {HOST: now - 60, **{f"{number}.test": now - 30 for number in range(MOST_HOSTS)}})
    paragraphs.note("c.test", [FOLLOW], story(1))
    assert redis.zcard(used) == MOST_HOSTS
    assert not redis.exists(f"{prefix}paragraphs:{HOST}")
    assert redis.exists(f"{prefix}paragraphs:b.test", f"{prefix}paragraphs:c.test") == 2


def test_a_redis_that_was_emptied_begins_again_and_what_others_write_is_no_entry(
    paragraphs: HostParagraphs, redis: RedisClient, prefix: str
) -> None:
    for number in range(STORIES):
        paragraphs.note(HOST, [FOLLOW], story(number))
    redis.set(f"{prefix}paragraphs:{HOST}", b"foll not an entry")
    assert paragraphs.repeated(HOST, [FOLLOW]) == frozenset()
    redis.flushdb()
    for number in range(STORIES):
        assert paragraphs.repeated(HOST, [FOLLOW]) == frozenset()
        paragraphs.note(HOST, [FOLLOW], story(number))
    assert paragraphs.repeated(HOST, [FOLLOW]) == {FOLLOW}


def test_nothing_is_asked_for_a_text_without_paragraphs(
    paragraphs: HostParagraphs, redis: RedisClient
) -> None:
    paragraphs.note(HOST, [], story(1))
    assert paragraphs.repeated(HOST, []) == frozenset()
    assert redis.dbsize() == 0


def test_a_full_redis_counts_on(paragraphs: HostParagraphs, redis: RedisClient) -> None:
    redis.config_set("maxmemory", 1)
    try:
        for number in range(STORIES):
            paragraphs.note(HOST, [FOLLOW], story(number))
        assert paragraphs.repeated(HOST, [FOLLOW]) == {FOLLOW}
    finally:
        redis.config_set("maxmemory", 0)
