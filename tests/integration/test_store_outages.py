"""Whose trouble it is, the database's or the row's: what both databases really raise."""

import resource
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from tests.integration.old_store import FAILED
from workers.store.faults import Fault, fault_of
from workers.store.store import Store


def raised(work: Callable[[], object]) -> DBAPIError:
    with pytest.raises(DBAPIError) as caught:
        work()
    return caught.value


def run(store: Store, *statements: str) -> Callable[[], None]:
    def work() -> None:
        with store.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    return work


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE articles RENAME COLUMN language TO gone",),
        ("DROP VIEW reading", "DROP TABLE articles"),
    ],
)
def test_a_table_or_column_that_is_gone_is_no_outage_and_no_articles_fault(
    store: Store, statements: tuple[str, ...]
) -> None:
    run(store, *statements)()
    for work in (lambda: store.row(FAILED), store.statistics.tally, lambda: list(store.rows())):
        if statements[0].startswith("ALTER") and work == store.statistics.tally:
            continue
        error = raised(work)
        assert fault_of(error) is Fault.UNFIT


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO documents VALUES (NULL, NULL)",
        "INSERT INTO schema_migrations SELECT version, applied_at FROM schema_migrations",
    ],
)
def test_values_that_a_constraint_does_not_take_are_no_outage(store: Store, statement: str) -> None:
    error = raised(run(store, statement))
    assert fault_of(error) is Fault.ROW


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Store]:
    """A store in a file that does not wait for locks."""
    made = Store(f"sqlite:///{tmp_path}/x.db")
    made.migrate()
    run(made, "PRAGMA busy_timeout=0")()
    yield made
    made.close()


WRITE = "INSERT INTO documents VALUES ('1', 'x')"


def test_a_locked_file_is_an_outage(file: Store) -> None:
    with closing(sqlite3.connect(file.engine.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        error = raised(run(file, WRITE))
    assert fault_of(error) is Fault.OUTAGE


def test_a_full_disk_is_an_outage(file: Store) -> None:
    run(file, "PRAGMA max_page_count=10")()
    error = raised(run(file, "INSERT INTO documents VALUES ('1', zeroblob(1000000))"))
    assert isinstance(error.orig, sqlite3.Error)
    assert error.orig.sqlite_errorname == "SQLITE_FULL"
    assert fault_of(error) is Fault.OUTAGE


def test_a_disk_that_takes_no_more_bytes_is_an_outage(file: Store) -> None:
    # EFBIG instead of ENOSPC: what a disk does that is full, without one.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        error = raised(run(file, "INSERT INTO documents VALUES ('1', zeroblob(1000000))"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert fault_of(error) is Fault.OUTAGE


def test_a_value_that_is_too_large_is_no_outage(file: Store) -> None:
    error = raised(run(file, "INSERT INTO documents VALUES ('1', zeroblob(2000000000))"))
    assert fault_of(error) is Fault.ROW


def test_a_file_that_cannot_be_opened_is_an_outage(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/x.db")
    (tmp_path / "x.db").mkdir()
    assert fault_of(raised(store.migrate)) is Fault.OUTAGE


@pytest.fixture
def server(postgres_url: str) -> Iterator[Store]:
    made = Store(postgres_url)
    made.migrate()
    yield made
    run(made, "TRUNCATE documents")()
    made.close()


def test_a_connection_that_the_server_ends_is_an_outage(server: Store) -> None:
    error = raised(run(server, "SELECT pg_terminate_backend(pg_backend_pid())"))
    assert fault_of(error) is Fault.OUTAGE


def test_a_postgresql_that_is_not_there_is_an_outage() -> None:
    store = Store("postgresql://postgres@127.0.0.1:1/x")
    assert fault_of(raised(store.migrate)) is Fault.OUTAGE


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        (("SET LOCAL statement_timeout = 10", "SELECT pg_sleep(9)"), Fault.OUTAGE),
        (("SET TRANSACTION READ ONLY", WRITE), Fault.OUTAGE),
        (("SELECT 1 / 0",), Fault.ROW),
        (("DO $$ BEGIN RAISE 'not this one'; END $$",), Fault.ROW),
        (("SELECT 1 FROM pg_authid, nothing",), Fault.UNFIT),
        (("SELEKT 1",), Fault.UNFIT),
    ],
)
def test_sqlstates_decide(server: Store, statements: tuple[str, ...], fault: Fault) -> None:
    assert fault_of(raised(run(server, *statements))) is fault


def test_a_row_that_an_index_cannot_take_is_the_rows_trouble(server: Store) -> None:
    noise = "(SELECT string_agg(md5(n::text), '') FROM generate_series(1, 200) n)"
    run(server, "CREATE TABLE noted (what TEXT)", "CREATE INDEX noted_by_what ON noted (what)")()
    try:
        error = raised(run(server, f"INSERT INTO noted SELECT {noise}"))
    finally:
        run(server, "DROP TABLE noted")()
    assert getattr(error.orig, "sqlstate", None) == "54000"
    assert fault_of(error) is Fault.ROW


def test_a_lock_that_is_not_to_be_had_is_an_outage(server: Store, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as other:
        other.execute("LOCK TABLE documents")
        error = raised(run(server, "SET LOCAL lock_timeout = 10", WRITE))
        other.rollback()
    assert fault_of(error) is Fault.OUTAGE


def test_a_privilege_that_is_x(server: Store) -> None:
    run(server, "CREATE ROLE nobody_else")()
    try:
        error = raised(run(server, "SET LOCAL ROLE nobody_else", WRITE))
    finally:
        run(server, "DROP ROLE nobody_else")()
    assert fault_of(error) is Fault.UNFIT
