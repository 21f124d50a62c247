"""What is an outage, which passes, and what is not: what both databases really raise."""

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
from workers.store.engine import is_outage, is_unfit
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
        assert not is_outage(error)
        assert is_unfit(error)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO documents VALUES (NULL, NULL)",
        "INSERT INTO schema_migrations SELECT version, applied_at FROM schema_migrations",
    ],
)
def test_values_that_a_constraint_does_not_take_are_no_outage(store: Store, statement: str) -> None:
    error = raised(run(store, statement))
    assert (is_outage(error), is_unfit(error)) == (False, False)


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
    assert (is_outage(error), is_unfit(error)) == (True, False)


def test_a_full_disk_is_an_outage(file: Store) -> None:
    run(file, "PRAGMA max_page_count=10")()
    error = raised(run(file, "INSERT INTO documents VALUES ('1', zeroblob(1000000))"))
    assert isinstance(error.orig, sqlite3.Error)
    assert error.orig.sqlite_errorname == "SQLITE_FULL"
    assert (is_outage(error), is_unfit(error)) == (True, False)


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
    assert (is_outage(error), is_unfit(error)) == (True, False)


def test_a_value_that_is_too_large_is_no_outage(file: Store) -> None:
    error = raised(run(file, "INSERT INTO documents VALUES ('1', zeroblob(2000000000))"))
    assert (is_outage(error), is_unfit(error)) == (False, False)


def test_a_file_that_cannot_be_opened_is_an_outage(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/x.db")
    (tmp_path / "x.db").mkdir()
    assert is_outage(raised(store.migrate))


@pytest.fixture
def server(postgres_url: str) -> Iterator[Store]:
    made = Store(postgres_url)
    made.migrate()
    yield made
    run(made, "TRUNCATE documents")()
    made.close()


def test_a_connection_that_the_server_ends_is_an_outage(server: Store) -> None:
    error = raised(run(server, "SELECT pg_terminate_backend(pg_backend_pid())"))
    assert (is_outage(error), is_unfit(error)) == (True, False)


def test_a_postgresql_that_is_not_there_is_an_outage() -> None:
    store = Store("postgresql://postgres@127.0.0.1:1/x")
    assert is_outage(raised(store.migrate))


@pytest.mark.parametrize(
    ("statements", "outage"),
    [
        (("SET LOCAL statement_timeout = 10", "SELECT pg_sleep(9)"), True),
        (("SET TRANSACTION READ ONLY", WRITE), True),
        (("SELECT 1 / 0",), False),
        (("SELECT 1 FROM pg_authid, nothing",), False),
        (("SELEKT 1",), False),
    ],
)
def test_sqlstates_decide(server: Store, statements: tuple[str, ...], *, outage: bool) -> None:
    assert is_outage(raised(run(server, *statements))) is outage


def test_a_lock_that_is_not_to_be_had_is_an_outage(server: Store, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as other:
        other.execute("LOCK TABLE documents")
        error = raised(run(server, "SET LOCAL lock_timeout = 10", WRITE))
        other.rollback()
    assert (is_outage(error), is_unfit(error)) == (True, False)


def test_a_privilege_that_is_x(server: Store) -> None:
    run(server, "CREATE ROLE nobody_else")()
    try:
        error = raised(run(server, "SET LOCAL ROLE nobody_else", WRITE))
    finally:
        run(server, "DROP ROLE nobody_else")()
    assert (is_outage(error), is_unfit(error)) == (False, True)


@pytest.mark.parametrize(
    ("state", "outage", "unfit"),
    [
        ("08006", True, False),  # connection failure
        ("40P01", True, False),  # deadlock
        ("53100", True, False),  # disk full
        ("53200", True, False),  # out of memory
        ("53300", True, False),  # too many connections
        ("57P01", True, False),  # admin shutdown
        ("57P03", True, False),  # cannot connect now
        ("58030", True, False),  # I/O error
        ("25006", True, False),  # read-only transaction
        ("22P05", False, False),  # untranslatable character
        ("23514", False, False),  # check violation
        ("54000", False, False),  # program limit exceeded
        ("25P02", False, False),  # in failed transaction
        ("42501", False, True),  # insufficient privilege
        ("42703", False, True),  # undefined column
        ("XX001", False, True),  # data corrupted
    ],
)
def test_the_state_decides_whatever_class_the_driver_has_for_it(
    state: str, *, outage: bool, unfit: bool
) -> None:
    orig = psycopg.errors.lookup(state)("why")
    error = DBAPIError.instance("INSERT", {}, orig, psycopg.Error)
    assert isinstance(error, DBAPIError)
    assert (is_outage(error), is_unfit(error)) == (outage, unfit)
