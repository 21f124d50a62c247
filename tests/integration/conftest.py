"""The Celery application on the session's Redis, which is empty, and on SQLite."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from kombu import pools

from workers.delivery.celery_app import make_app
from workers.delivery.runtime import Runtime
from workers.ledger.redis_client import RedisClient
from workers.settings import load_settings
from workers.store.store import open_store


@pytest.fixture
def app(
    redis: RedisClient,  # noqa: ARG001 - an empty one
    redis_url: str,
    prefix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Celery]:
    monkeypatch.chdir(tmp_path)  # no .env
    settings = load_settings(
        redis_url=redis_url,
        database_url=f"sqlite:///{tmp_path}/newsmill.db",
        key_prefix=prefix,
        host_interval=0,
        max_attempts=1,
    )
    with open_store(settings.database_url.get_secret_value()):
        pass  # a worker brings its tables up to date when it starts
    app = make_app(settings)
    yield app
    pools.reset()  # type: ignore[no-untyped-call]  # kombu shares them by URL among applications
    app.newsmill.redis.close()
    app.newsmill.store.close()
    app.close()


@pytest.fixture
def runtime(app: Celery) -> Runtime:
    runtime: Runtime = app.newsmill
    return runtime
