"""One client for the messages of a channel, and words for a connection that is closed."""

import pytest
from celery import Celery
from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError  # noqa: A004 - redis's own name

from workers.messages import publish
from workers.producer import submission
from workers.runtime import Runtime

URL = "http://a.test/1"


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
