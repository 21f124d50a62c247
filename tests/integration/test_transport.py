"""What a worker takes: leased articles without a copy in Redis, other messages with one; nothing is lost in order."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from celery import Celery
from celery.worker import state
from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError  # noqa: A004 - redis's own name

from tasks.article import article_id
from workers.messages import publish
from workers.producer import submission
from workers.redis_client import RedisClient
from workers.runtime import Runtime

URL = "http://a.test/1"


@pytest.fixture
def lengths(redis: RedisClient, prefix: str) -> Callable[[], tuple[int, int]]:
    """How many messages wait in the queue, and how many copies of taken ones there are."""
    return lambda: (redis.llen(f"{prefix}celery:fetch"), redis.hlen(f"{prefix}celery:unacked"))


class Taken:
    """A message as a worker takes it: by a consumer that acknowledges."""

    def __init__(self, app: Celery) -> None:
        self.connection = app.connection_for_read()
        self.channel = self.connection.channel()
        self.messages: list[Any] = []
        queue = app.amqp.queues["fetch"].bind(self.channel)
        queue.consume(callback=self.messages.append)
        self.connection.drain_events(timeout=5)


@pytest.fixture
def leased(app: Celery, runtime: Runtime) -> Taken:
    """A message of a leased article."""
    runtime.frontier.submit([submission(URL)])
    (lease,) = runtime.frontier.claim(1)
    publish(app, runtime.settings, lease.article)
    return Taken(app)


@pytest.fixture
def called(app: Celery) -> Taken:
    """A message of `celery call`: its URL is nowhere else."""
    app.send_task("tasks.fetch", args=[URL])
    return Taken(app)


def test_there_is_no_copy_of_a_leased_article_s_message(
    leased: Taken, lengths: Callable[[], tuple[int, int]]
) -> None:
    assert (len(leased.messages), lengths()) == (1, (0, 0))
    leased.messages[0].ack()
    leased.connection.close()
    assert lengths() == (0, 0)


def test_there_is_a_copy_of_any_other_message_until_it_is_acknowledged(
    called: Taken, lengths: Callable[[], tuple[int, int]]
) -> None:
    assert (len(called.messages), lengths()) == (1, (0, 1))
    called.messages[0].ack()
    called.connection.close()
    assert lengths() == (0, 0)


@pytest.fixture(params=[("should_stop", 0), ("should_terminate", True)], ids=["warm", "cold"])
def ending(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this worker been told to end."""
    monkeypatch.setattr(state, *request.param)


@pytest.mark.usefixtures("ending")
@pytest.mark.parametrize("which", ["leased", "called"])
def test_what_is_not_acknowledged_is_put_back_by_a_worker_that_ends(
    which: str, request: pytest.FixtureRequest, lengths: Callable[[], tuple[int, int]]
) -> None:
    taken: Taken = request.getfixturevalue(which)
    taken.connection.close()
    assert lengths() == (1, 0)


@pytest.mark.usefixtures("ending")
def test_a_message_whose_lease_is_another_s_by_now_is_not_put_back(
    leased: Taken,
    runtime: Runtime,
    expire_leases: Callable[..., None],
    lengths: Callable[[], tuple[int, int]],
) -> None:
    expire_leases(article_id(URL))
    runtime.frontier.reclaim()
    runtime.frontier.claim(1)
    leased.connection.close()
    assert lengths() == (0, 0)


def test_a_leased_article_s_message_is_not_put_back_when_only_the_connection_is_lost(
    leased: Taken, lengths: Callable[[], tuple[int, int]]
) -> None:
    leased.connection.collect()
    assert lengths() == (0, 0)


def test_any_other_message_is_put_back_when_the_connection_is_lost(
    called: Taken, lengths: Callable[[], tuple[int, int]]
) -> None:
    called.connection.collect()
    assert lengths() == (1, 0)


@pytest.mark.parametrize("which", ["leased", "called"])
@pytest.mark.parametrize("requeue", [True, False])
def test_a_refused_message_is_put_back_where_that_is_asked(
    which: str, requeue: bool, request: pytest.FixtureRequest, lengths: Callable[[], tuple[int, int]]
) -> None:
    taken: Taken = request.getfixturevalue(which)
    taken.messages[0].reject(requeue=requeue)
    assert lengths() == (int(requeue), 0)
    taken.connection.close()
    assert lengths() == (int(requeue), 0)


@pytest.mark.usefixtures("ending")
def test_what_is_put_back_is_the_message_that_was_taken(
    app: Celery, runtime: Runtime, redis: RedisClient, prefix: str
) -> None:
    runtime.frontier.submit([submission(URL)])
    (lease,) = runtime.frontier.claim(1)
    publish(app, runtime.settings, lease.article)
    (before,) = redis.lrange(f"{prefix}celery:fetch", 0, -1)
    Taken(app).connection.close()
    (after,) = redis.lrange(f"{prefix}celery:fetch", 0, -1)
    again = json.loads(after)
    assert again["headers"].pop("redelivered") is True
    assert again["properties"]["delivery_info"].pop("redelivered") is True
    assert again == json.loads(before)


def test_a_message_is_published_by_one_client(
    app: Celery, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    init = kombu_redis.PrefixedStrictRedis.__init__
    monkeypatch.setattr(
        kombu_redis.PrefixedStrictRedis,
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
