"""The scheduler's gauges on a real Redis and real databases, there and away."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from tasks.article import Article, Outcome
from workers.delivery import backlog_metrics
from workers.delivery.backlog_metrics import HOSTS_SHOWN, backlog_collector, impatient_engine, read_store
from workers.ledger.entries import Deferral
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission
from workers.local.redis_server import EmbeddedRedis, free_port
from workers.settings import load_settings
from workers.store.rows import Result
from workers.store.store import Store

Shown = Callable[..., dict[str, float]]


def samples_of(**settings: Any) -> dict[str, float]:
    """Return what the collector of these settings shows: `name` or `name:value of its label`."""
    registry = CollectorRegistry()
    registry.register(backlog_collector(load_settings(_env_file=None, **settings)))
    samples = [sample for metric in registry.collect() for sample in metric.samples]
    return {
        ":".join([one.name.removeprefix("newsmill_"), *one.labels.values()]): one.value for one in samples
    }


@pytest.fixture
def shown(redis: RedisClient, redis_url: str, prefix: str, tmp_path: Path) -> Shown:
    """What is shown of the empty Redis and of a database that nobody has used yet."""
    del redis
    database = f"sqlite:///{tmp_path}/newsmill.db"

    def show(**settings: Any) -> dict[str, float]:
        return samples_of(
            **{"redis_url": redis_url, "key_prefix": prefix, "database_url": database, **settings}
        )

    return show


def submit(frontier: Frontier, *urls: str) -> None:
    frontier.submit([submission(url) for url in urls])


def test_an_empty_mill_shows_noughts(shown: Shown) -> None:
    now = shown()
    assert (now["redis_up"], now["store_up"], now["store_rows"]) == (1, 1, 0)
    assert {now[f"urls:{state}"] for state in ("waiting", "in_flight", "deferred")} == {0}
    assert {now[f"settled:{outcome}"] for outcome in Outcome} == {0}
    assert (now["oldest_seconds"], now["next_due_seconds"]) == (0, 0)
    assert (now["queue_length:fetch"], now["queue_length:enrich"]) == (0, 0)


def test_urls_are_shown_by_where_they_are(shown: Shown, make_frontier: Callable[..., Frontier]) -> None:
    frontier = make_frontier(backoff_base=300)
    submit(frontier, *(f"http://{host}.test/" for host in "abcde"))
    leases = frontier.claim(3)
    frontier.defer(leases[0].article, Deferral.LATER, "fetch", reason="server_error")
    frontier.settle(leases[1].article, Outcome.REJECTED)
    now = shown(max_in_flight=50)
    assert {state: now[f"urls:{state}"] for state in ("waiting", "in_flight", "deferred")} == {
        "waiting": 2,
        "in_flight": 1,
        "deferred": 1,
    }
    assert (now["settled:rejected"], now["settled:enriched"], now["in_flight_limit"]) == (1, 0, 50)
    assert 0 <= now["oldest_seconds"] < 120
    assert 200 < now["next_due_seconds"] <= 300


def test_hosts_are_due_or_held_back_by_their_interval_or_their_concurrency(
    shown: Shown, make_frontier: Callable[..., Frontier]
) -> None:
    frontier = make_frontier(host_interval=3600)
    submit(frontier, "http://busy.test/1", "http://busy.test/2", "http://paced.test/1", "http://paced.test/2")
    for lease in frontier.claim(9):
        if "paced" in lease.article.url:
            frontier.settle(lease.article, Outcome.ENRICHED)
    submit(frontier, "http://due.test/1")
    now = shown()
    assert (now["hosts:due"], now["hosts:paced"]) == (1, 2)
    assert 3500 < now["host_paused_seconds:paced.test"] <= 3600
    assert "host_paused_seconds:due.test" not in now


def test_of_ten_thousand_hosts_the_ten_longest_paused_are_shown(
    shown: Shown, redis: RedisClient, prefix: str
) -> None:
    now = int(time.time() * 1000)
    redis.zadd(f"{prefix}ready:1", {f"host-{n}.test": now + (n + 60) * 1000 for n in range(10_000)})
    samples = shown()
    paused = {name for name in samples if name.startswith("host_paused_seconds")}
    assert paused == {f"host_paused_seconds:host-{n}.test" for n in range(10_000 - HOSTS_SHOWN, 10_000)}
    assert samples["hosts:paced"] == 10_000


def test_of_many_hosts_with_walls_the_worst_ten_are_shown(
    shown: Shown, redis: RedisClient, prefix: str, make_frontier: Callable[..., Frontier]
) -> None:
    frontier = make_frontier()
    for host, reasons in {"a": ["blocked"], "b": ["soft_404"], "c": ["blocked", "soft_404"]}.items():
        for n, reason in enumerate(reasons):
            submit(frontier, f"http://{host}.test/{n}")
            redis.hdel(f"{prefix}host:{host}.test", "due")
            redis.zadd(f"{prefix}ready:1", {f"{host}.test": 0}, xx=True)
            (lease,) = frontier.claim(1)
            assert frontier.settle(lease.article, Outcome.REJECTED, reason=reason)
    now = shown()
    walls = {name: value for name, value in now.items() if name.startswith("host_walls:")}
    wanted = {"a.test:blocked": 1, "b.test:soft_404": 1, "c.test:blocked": 1, "c.test:soft_404": 1}
    assert walls == {f"host_walls:{name}": value for name, value in wanted.items()}
    assert {name for name in now if name.startswith("host_blocks_seconds")} == {
        "host_blocks_seconds:a.test",
        "host_blocks_seconds:c.test",
    }
    redis.zadd(f"{prefix}walls:blocked", {f"host-{n}.test": n for n in range(100)})
    redis.zadd(f"{prefix}walls:last", {"a.test": 1})  # asked long ago
    now = shown()
    assert len({name.split(":")[1] for name in now if name.startswith("host_walls:")}) == HOSTS_SHOWN
    assert "host_blocks_seconds:a.test" not in now


def test_queues_show_the_messages_that_wait(shown: Shown, redis: RedisClient, prefix: str) -> None:
    redis.rpush(f"{prefix}celery:topics", "a", "b")
    now = shown(queues={"tag_topics": "topics"})
    assert {name: value for name, value in now.items() if name.startswith("queue_length")} == {
        "queue_length:fetch": 0,
        "queue_length:enrich": 0,
        "queue_length:topics": 2,
    }


def test_redis_shows_its_memory_its_file_and_its_work(shown: Shown, redis: RedisClient) -> None:
    redis.config_set("maxmemory", 50_000_000)
    try:
        now = shown()
    finally:
        redis.config_set("maxmemory", 0)
    assert (now["redis_memory_limit_bytes"], now["redis_aof_ok"]) == (50_000_000, 1)
    assert 500_000 < now["redis_memory_bytes"] < 50_000_000
    assert now["redis_clients"] >= 2
    assert now["redis_commands_total"] > 0
    assert now["redis_evicted_keys_total"] == 0


def test_the_store_shows_rows_bytes_and_connections(store: Store, store_url: str) -> None:
    for number in range(30):
        article = Article(id=f"{number:032}", url="http://a.test/", submitted_at=1.0, text="word " * 500)
        store.write(article, "a.test", Result(outcome=Outcome.ENRICHED, stage="tag_topics", settled_at=2.0))
    if store_url.startswith("postgresql"):
        with store.engine.connect() as connection:
            connection.execute(text("SELECT pg_stat_force_next_flush()"))  # else within a second
    state = read_store(impatient_engine(store_url))
    assert state.rows == 30
    assert state.size > 40_000
    assert state.connections >= 1


def test_a_database_without_tables_has_no_rows(store_url: str) -> None:
    assert read_store(impatient_engine(store_url)).rows == 0


@pytest.fixture
def hanging_redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """A Redis that takes connections and answers nothing."""
    server = EmbeddedRedis(tmp_path / "redis", free_port())
    child = server.child()
    child.start()
    server.wait(child)
    assert child.process is not None
    child.process.send_signal(signal.SIGSTOP)
    yield server
    child.process.send_signal(signal.SIGCONT)
    child.terminate()
    child.wait(10)


def test_without_redis_the_store_is_shown_and_nothing_of_the_frontier(shown: Shown) -> None:
    now = shown(redis_url=f"redis://127.0.0.1:{free_port()}/0")
    assert (now["redis_up"], now["store_up"]) == (0, 1)
    assert not [name for name in now if name.startswith(("urls", "hosts", "redis_memory"))]


def test_without_the_store_redis_and_the_frontier_are_shown(shown: Shown, tmp_path: Path) -> None:
    now = shown(database_url=f"sqlite:///{tmp_path}/no-such-folder/newsmill.db")
    assert (now["redis_up"], now["store_up"], now["urls:waiting"]) == (1, 0, 0)
    away = shown(database_url=f"postgresql://user@127.0.0.1:{free_port()}/newsmill")
    assert (away["redis_up"], away["store_up"]) == (1, 0)


def test_a_redis_that_hangs_delays_nobody(shown: Shown, hanging_redis: EmbeddedRedis) -> None:
    began = time.monotonic()
    now = shown(redis_url=hanging_redis.url)
    assert time.monotonic() - began < 3.5
    assert (now["redis_up"], now["store_up"]) == (0, 1)


def test_what_nobody_can_read_does_not_look_like_a_redis_that_is_down(
    redis: RedisClient, prefix: str, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[str] = []
    monkeypatch.setattr(backlog_metrics, "unexpected", lambda loop, _: met.append(loop))
    redis.set(f"{prefix}ready:1", "not a sorted set")
    now = shown()
    assert now["redis_up"] == 1
    assert met == ["metrics"]
    assert "urls:waiting" not in now
