"""Canaries of what newsmill overrides and reads in kombu: its keys and messages, its clients, its copies."""

from collections.abc import Callable, Iterator

import pytest
from celery import Celery
from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError  # noqa: A004 - redis's own name

from tasks.article import Article
from workers.delivery.compat.kombu_keys import (
    all_keys,
    article_in_copy,
    article_in_queue,
    queue_key,
    unacked_keys,
)
from workers.delivery.messages import publish
from workers.delivery.runtime import Runtime
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission

URL = "http://a.test/1"


@pytest.fixture
def article(runtime: Runtime) -> Article:
    runtime.frontier.submit([submission(URL)])
    (lease,) = runtime.frontier.claim(1)
    return lease.article


@pytest.fixture
def keys(redis: RedisClient, prefix: str) -> Callable[[], set[str]]:
    """kombu's keys, without those of exchanges."""
    exchanges = all_keys(prefix).replace("*", "_kombu.binding.")

    def found() -> set[str]:
        all_of_them = {key.decode() for key in redis.keys(all_keys(prefix))}
        return {key for key in all_of_them if not key.startswith(exchanges)}

    return found


@pytest.fixture
def full(redis: RedisClient) -> Iterator[Callable[[], None]]:
    """Make Redis refuse whatever takes memory."""
    yield lambda: redis.config_set("maxmemory", 1)
    redis.config_set("maxmemory", 0)


def test_kombu_writes_the_keys_and_the_messages_that_are_read(
    app: Celery, article: Article, redis: RedisClient, prefix: str, keys: Callable[[], set[str]]
) -> None:
    runtime: Runtime = app.newsmill
    publish(app, runtime.settings, article)
    assert keys() == {queue_key(prefix, "fetch")}
    (item,) = redis.lrange(queue_key(prefix, "fetch"), 0, -1)
    assert article_in_queue(item) == article.to_message()
    with app.connection_for_read() as connection:
        channel = connection.channel()
        message = channel.basic_get("fetch")
        copies, index = unacked_keys(prefix)
        assert keys() == {copies, index}
        assert [key.decode() for key in redis.hkeys(copies)] == [message.delivery_tag]
        assert [key.decode() for key in redis.zrange(index, 0, -1)] == [message.delivery_tag]
        (copy,) = redis.hvals(copies)
        assert article_in_copy(copy) == article.to_message()
        channel.basic_ack(message.delivery_tag)
    assert keys() == set()


def test_the_first_message_of_a_queue_is_the_last_of_its_list(
    app: Celery, runtime: Runtime, article: Article, redis: RedisClient, prefix: str
) -> None:
    publish(app, runtime.settings, article)
    publish(app, runtime.settings, article)
    first = redis.lindex(queue_key(prefix, "fetch"), -1)
    with app.connection_for_read() as connection:
        message = connection.channel().basic_get("fetch")
        assert message.delivery_tag in first.decode()


def test_a_channel_publishes_takes_and_acknowledges_with_one_client(
    app: Celery, runtime: Runtime, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    init = kombu_redis.PrefixedStrictRedis.__init__
    monkeypatch.setattr(
        kombu_redis.PrefixedStrictRedis,
        "__init__",
        lambda self, *args, **options: made.append(1) or init(self, *args, **options),
    )
    with app.producer_or_acquire() as producer:
        publish(app, runtime.settings, article, producer=producer)
        before = len(made)
        publish(app, runtime.settings, article, producer=producer)
        assert len(made) == before > 0
    with app.connection_for_read() as connection:
        channel = connection.channel()
        channel.basic_ack(channel.basic_get("fetch").delivery_tag)
        before = len(made)
        channel.basic_ack(channel.basic_get("fetch").delivery_tag)
        assert len(made) == before


def test_a_channel_whose_connection_is_closed_says_so_in_redis_s_words(app: Celery) -> None:
    channel = app.connection_for_read().channel()
    assert channel._get_pool()
    channel.connection.client = None
    with pytest.raises(ConnectionError):
        channel._get_pool()


def test_a_message_that_was_taken_has_a_copy_until_it_is_acknowledged_and_no_transaction_is_made(
    app: Celery, runtime: Runtime, article: Article, redis: RedisClient, prefix: str
) -> None:
    def transactions() -> int:
        return int(redis.info("commandstats").get("cmdstat_exec", {}).get("calls", 0))

    def copies() -> tuple[int, int]:
        return redis.hlen(f"{prefix}celery:unacked"), redis.zcard(f"{prefix}celery:unacked_index")

    publish(app, runtime.settings, article)
    before = transactions()
    with app.connection_for_read() as connection:
        channel = connection.channel()
        message = channel.basic_get("fetch")
        assert copies() == (1, 1)
        channel.basic_ack(message.delivery_tag)
    assert copies() == (0, 0)
    assert transactions() == before


@pytest.mark.parametrize("end", ["basic_ack", "basic_reject"])
def test_a_message_is_acknowledged_in_a_full_redis(
    app: Celery, article: Article, keys: Callable[[], set[str]], full: Callable[[], None], end: str
) -> None:
    runtime: Runtime = app.newsmill
    publish(app, runtime.settings, article)
    with app.connection_for_read() as connection:
        channel = connection.channel()
        message = channel.basic_get("fetch")
        full()
        getattr(channel, end)(message.delivery_tag)
    assert keys() == set()
