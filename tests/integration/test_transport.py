"""One client for the messages of a channel, and words for a connection that is closed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from kombu import pools
from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError  # noqa: A004 - redis's own name

from workers.celery_app import make_app
from workers.producer import submission
from workers.redis_client import RedisClient
from workers.runtime import Runtime
from workers.settings import load_settings
from workers.stages import publish

URL = "http://a.test/1"


@pytest.fixture
def app(
    redis: RedisClient,  # noqa: ARG001 - an empty one
    redis_url: str,
    prefix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Celery]:
    monkeypatch.chdir(tmp_path)  # no .env
    app = make_app(load_settings(redis_url=redis_url, key_prefix=prefix))
    yield app
    pools.reset()  # type: ignore[no-untyped-call]  # kombu shares them by URL among applications
    app.newsmill.redis.close()
    app.close()


@pytest.fixture
def runtime(app: Celery) -> Runtime:
    runtime: Runtime = app.newsmill
    return runtime


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
