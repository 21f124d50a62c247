"""A process has four connections to PostgreSQL at the most, however many threads share them; docs/scaling.md counts them."""

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.pool import QueuePool

from tasks.article import Article, Outcome
from workers.settings import Settings
from workers.store import engine
from workers.store.rows import Result
from workers.store.schema import metadata
from workers.store.store import Store

DOCS = Path(__file__).parents[2] / "docs"
THREADS = Settings.model_fields["fetch_threads"].default


@pytest.fixture
def postgresql(postgres_url: str) -> Iterator[Store]:
    """An empty store in PostgreSQL."""
    left = Store(postgres_url)
    metadata.drop_all(left.engine)
    left.close()
    store = Store(postgres_url)
    store.migrate()
    yield store
    store.close()


def article(number: int) -> Article:
    return Article(id=f"{number:032x}", url=f"http://a.test/{number}", submitted_at=1.0, token=1)


def settle(store: Store, number: int) -> None:
    store.documents.put(article(number).id, b"a page")
    assert store.documents.load(article(number).id) == b"a page"
    store.write(article(number), "a.test", Result(outcome=Outcome.ENRICHED, stage="topics", settled_at=2.0))
    assert store.outcome_of(article(number)) is Outcome.ENRICHED
    assert store.row(article(number).id)
    store.last(article(number).id)
    assert store.url_of(article(number).id) == article(number).url
    store.documents.drop(article(number).id)


def test_all_threads_of_a_worker_share_four_connections(postgresql: Store, postgres_url: str) -> None:
    busy = threading.Event()

    def watch() -> int:
        query = "select count(*) - 1 from pg_stat_activity where backend_type = 'client backend'"
        found = 0
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            while not busy.is_set():
                row = connection.execute(query).fetchone()
                found = max(found, row[0] if row else 0)
        return found

    with ThreadPoolExecutor(THREADS + 1) as threads:
        watching = threads.submit(watch)
        try:
            list(threads.map(lambda number: settle(postgresql, number), range(10 * THREADS)))
        finally:
            busy.set()
        most = watching.result()
    assert len(list(postgresql.rows())) == 10 * THREADS
    assert 1 < most <= engine.CONNECTIONS


@pytest.mark.usefixtures("postgresql")
def test_nothing_that_a_worker_does_needs_two_connections_at_once(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else all threads could hold one each, and wait for a second for ever."""
    monkeypatch.setattr(engine, "CONNECTIONS", 1)
    monkeypatch.setattr(engine, "TIMEOUT_MAX", 5)
    store = Store(postgres_url)
    settle(store, 1)
    store.cursors.put("a source", "7")
    assert store.cursors.get("a source") == "7"
    store.probe()
    store.migrate()
    store.statistics.tally()
    store.close()


def test_who_waits_for_a_connection_waits_and_takes_nothing_for_an_outage(postgresql: Store) -> None:
    with ExitStack() as held, ThreadPoolExecutor(1) as thread:
        for _ in range(engine.CONNECTIONS):
            held.enter_context(postgresql.engine.connect())
        waiting = thread.submit(settle, postgresql, 1)
        pool = postgresql.engine.pool
        assert isinstance(pool, QueuePool)
        while not pool._pool.not_empty._waiters:  # type: ignore[attr-defined]
            assert not waiting.done()
            time.sleep(0.01)
        held.close()
        waiting.result()
    assert postgresql.row(article(1).id)


def test_the_page_on_scaling_counts_with_these_numbers() -> None:
    text = (DOCS / "scaling.md").read_text("utf-8")
    (of_fetch,) = re.findall(r"(\d+) x fetch workers", text)
    assert int(of_fetch) == engine.CONNECTIONS
