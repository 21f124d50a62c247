"""The shorter way of messages, and words for a connection that is closed."""

from types import SimpleNamespace

import pytest
from celery import Celery
from redis.exceptions import ConnectionError, ResponseError  # noqa: A004 - redis's own name

from workers.delivery.compat import kombu_transport as transport
from workers.delivery.messages import publish
from workers.delivery.runtime import Runtime
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission

URL = "http://a.test/1"


def test_a_message_is_published_by_one_client(
    app: Celery, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    init = transport.Client.__init__
    monkeypatch.setattr(
        transport.Client,
        "__init__",
        lambda self, *args, **kwargs: made.append(1) or init(self, *args, **kwargs),
    )
    runtime.frontier.submit([submission(URL)])
    (lease,) = runtime.frontier.claim(1)
    with app.producer_or_acquire() as producer:
        publish(app, runtime.settings, lease.article, producer=producer)
        before = len(made)
        publish(app, runtime.settings, lease.article, producer=producer)
    assert len(made) == before


def test_a_channel_whose_connection_is_closed_says_so_in_redis_s_words(app: Celery) -> None:
    channel = app.connection_for_read().channel()
    assert channel._connparams()["port"]
    channel.connection.client = None
    with pytest.raises(ConnectionError):
        channel._connparams()


def test_a_message_that_was_taken_has_a_copy_until_it_is_acknowledged_and_no_transaction_is_made(
    app: Celery, runtime: Runtime, redis: RedisClient, prefix: str
) -> None:
    def transactions() -> int:
        return int(redis.info("commandstats").get("cmdstat_exec", {}).get("calls", 0))

    def copies() -> tuple[int, int]:
        return redis.hlen(f"{prefix}celery:unacked"), redis.zcard(f"{prefix}celery:unacked_index")

    runtime.frontier.submit([submission(URL)])
    (lease,) = runtime.frontier.claim(1)
    publish(app, runtime.settings, lease.article)
    before = transactions()
    with app.connection_for_read() as connection:
        channel = connection.channel()
        message = channel.basic_get("fetch")
        assert copies() == (1, 1)
        channel.basic_ack(message.delivery_tag)
    assert copies() == (0, 0)
    assert transactions() == before


def test_commands_that_are_sent_together_are_all_carried_out_and_an_error_is_raised_then(
    runtime: Runtime, prefix: str
) -> None:
    key, redis = f"{prefix}one", runtime.redis
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        redis.send_together(("SET", key, 1), ("LPUSH", key, 1), ("SET", key, 2))
    assert redis.get(key) == b"2"


def test_the_event_loop_is_told_of_a_reader_again_only_once_it_has_forgotten_it() -> None:
    readers: dict[int, object] = {}
    told = []

    def add_reader(fd: int, callback: object, *args: object) -> None:
        told.append(fd)
        readers[fd] = (callback, args)

    hub = transport.Hub(SimpleNamespace(readers=readers, add_reader=add_reader))
    for _ in range(3):
        hub.add_reader(7, print, 7)
    assert told == [7]
    del readers[7]
    hub.add_reader(7, print, 7)
    hub.add_reader(7, len, 7)
    assert told == [7, 7, 7]
