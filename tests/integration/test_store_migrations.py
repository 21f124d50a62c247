"""Migrations, on SQLite and on PostgreSQL: from an empty database and from the first release's to today's tables."""

import json
import re
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex, CreateTable

from tasks.article import Outcome, Topic
from tests.integration.old_store import (
    DOCUMENT,
    DUPLICATE,
    ENRICHED,
    EXPORTED,
    FAILED,
    make_old_store,
    make_old_tables,
)
from workers.inspect.export import Export, export
from workers.store import migrations
from workers.store.engine import engine_for
from workers.store.filters import Filter
from workers.store.migrations import StoreError, latest, steps
from workers.store.rows import Result
from workers.store.schema import metadata
from workers.store.store import Store, open_store, open_to_read


@pytest.fixture
def old_url(store_url: str) -> str:
    """A store that the first release has made."""
    make_old_store(store_url)
    return store_url


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """An engine on the database, which is empty."""
    made = engine_for(store_url)
    yield made
    made.dispose()


def exported(store: Store, folder: Path) -> list[dict[str, Any]]:
    """Return the rows as `newsmill export` writes them, without what is null or empty."""
    file = folder / "rows.jsonl"
    export(store, Filter(), Export(output=file))
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    return [{name: value for name, value in line.items() if value not in (None, [], {})} for line in lines]


def tables(engine: Engine) -> dict[str, Any]:
    """Return the tables that the database has: columns and their types in order, keys, indexes on columns."""
    found = MetaData()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")
        found.reflect(engine)
    return described(found, engine)


def described(made: MetaData, engine: Engine) -> dict[str, Any]:
    """Return tables as the statements that make them; PostgreSQL has names of its own for FLOAT and for keys."""
    return {
        table.name: (
            re.sub(r"CONSTRAINT \w+ ", "", str(CreateTable(table).compile(engine))).replace(
                "DOUBLE PRECISION", "FLOAT"
            ),
            sorted(
                str(CreateIndex(index).compile(engine))
                for index in table.indexes
                if index.name != "articles_by_day"
            ),
        )
        for table in made.sorted_tables
    }


def versions(engine: Engine) -> list[int]:
    """Return the steps that are noted as applied, as often as they are."""
    with engine.connect() as connection:
        return sorted(connection.execute(text("SELECT version FROM schema_migrations")).scalars())


def test_an_empty_database_gets_the_tables_of_the_schema_and_nothing_else(
    store_url: str, engine: Engine
) -> None:
    with open_store(store_url):
        assert tables(engine) == described(metadata, engine)
    assert versions(engine) == list(steps(engine.dialect.name))


def test_a_store_of_the_first_release_gets_the_same_tables(old_url: str, engine: Engine) -> None:
    with open_store(old_url):
        assert tables(engine) == described(metadata, engine)
    assert versions(engine) == list(steps(engine.dialect.name))


def test_both_databases_have_the_same_steps_without_a_gap() -> None:
    assert list(steps("sqlite")) == list(steps("postgresql")) == list(range(1, latest("sqlite") + 1))


def test_the_rows_of_the_first_release_are_exported_as_it_did(old_url: str, tmp_path: Path) -> None:
    with open_store(old_url) as store:
        assert exported(store, tmp_path) == EXPORTED


def test_rows_of_the_first_release_are_read_before_anything_migrates(old_url: str, tmp_path: Path) -> None:
    with open_to_read(old_url) as store:
        assert exported(store, tmp_path) == EXPORTED


def test_an_article_of_the_first_release_is_made_of_its_row_again(old_url: str) -> None:
    with open_store(old_url) as store:
        last = store.last(ENRICHED)
        assert last
        assert last.title == "A title \N{NEWSPAPER}"
        assert last.topics == (Topic(id="medtop:15000000", label="sport", score=0.9),)
        assert last.deduper == "minhash-1"
        assert last.versions == {
            "extractor": "trafilatura/2.0",
            "detector": "langdetect/1",
            "tagger": "gazetteer-1",
            "taxonomy": "2025-01",
        }
        assert (last.submitted_at, last.fetched_at) == (1_700_000_000.123, 1_700_000_010.5)
        assert last.added == {}
        assert last.reason is None
        copy = store.last(DUPLICATE)
        assert copy
        assert (copy.title, copy.duplicate_of) == ("Copy", "http://a.test/1")
        assert store.last(FAILED) is None


def test_rows_of_the_first_release_are_found_counted_and_overwritten(old_url: str) -> None:
    with open_store(old_url) as store:
        assert [row["id"] for row in store.rows(Filter(made_by="minhash"))] == [ENRICHED]
        assert [row["id"] for row in store.rows(Filter(topic="sport"))] == [ENRICHED]
        assert store.dead(Filter()) == [("crashed", "extract", "b.test", 1)]
        assert store.documents.load(DOCUMENT) == b"<p>waiting"
        article = store.last(ENRICHED)
        assert article
        assert store.outcome_of(article) is Outcome.ENRICHED
        older, newer = article.evolve(token=article.token - 1), article.evolve(token=article.token + 1)
        result = Result(outcome=Outcome.REJECTED, stage="fetch", reason="gone", settled_at=1_700_000_100.0)
        assert not store.write(older, "a.test", result)
        assert store.write(newer, "a.test", result)
        assert store.statistics.tally() == [
            ("duplicate", None, 1),
            ("failed", "crashed", 1),
            ("rejected", "gone", 1),
        ]


def test_a_store_that_is_up_to_date_is_not_written_to(store: Store) -> None:
    before = versions(store.engine)
    with store.engine.connect() as connection:
        when = connection.execute(text("SELECT applied_at FROM schema_migrations")).all()
        store.migrate()
        assert connection.execute(text("SELECT applied_at FROM schema_migrations")).all() == when
    assert versions(store.engine) == before


MIGRATE = """
import sys
from workers.store.store import open_store
print("ready", flush=True)
sys.stdin.readline()
with open_store(sys.argv[1]) as store:
    store.statistics.tally()
"""


def at_once(store_url: str, count: int, between: Callable[[], object] = lambda: None) -> list[str]:
    """Migrate in `count` processes that begin at the same moment; what each says on standard error."""
    command = [sys.executable, "-c", MIGRATE, store_url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    started = [subprocess.Popen(command, text=True, **pipes) for _ in range(count)]  # type: ignore[call-overload]
    for one in started:
        assert one.stdout.readline() == "ready\n"
    for one in started:
        one.stdin.write("go\n")
        one.stdin.flush()
    between()
    return [one.communicate()[1] for one in started]


def test_ten_processes_that_migrate_at_once_apply_each_step_once(store_url: str, engine: Engine) -> None:
    assert at_once(store_url, 10) == [""] * 10
    assert versions(engine) == list(steps(engine.dialect.name))


def test_processes_of_the_version_before_write_on_while_others_migrate(old_url: str, engine: Engine) -> None:
    written = 0

    def write() -> None:
        nonlocal written
        until = time.monotonic() + 2
        while time.monotonic() < until:
            with engine.begin() as connection:
                connection.exec_driver_sql(
                    "INSERT INTO articles SELECT 'new-"
                    f"{written}', url, host, outcome, reason, detail, stage, attempts, deferrals, token, submitted_at, "
                    "settled_at, language, language_confidence, content_id, duplicate_of, near_duplicate_of, extractor, "
                    f"detector, tagger, taxonomy, timings, history, record FROM articles WHERE id = '{FAILED}'"
                )
            written += 1

    assert at_once(old_url, 5, write) == [""] * 5
    assert versions(engine) == list(steps(engine.dialect.name))
    with open_to_read(old_url) as store:
        assert written > 0
        assert store.dead(Filter()) == [("crashed", "extract", "b.test", written + 1)]


@pytest.fixture
def further_steps(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Give this version of newsmill steps that it does not have; its version then."""
    real = {dialect: steps(dialect) for dialect in ("sqlite", "postgresql")}

    def give(*sql: str) -> int:
        first = latest("sqlite") + 1
        monkeypatch.setattr(
            migrations, "steps", lambda dialect: {**real[dialect], **dict(enumerate(sql, first))}
        )
        return first + len(sql) - 1

    return give


@pytest.mark.parametrize("is_old", [False, True], ids=["empty", "first release"])
def test_a_step_that_fails_leaves_the_database_as_it_was(
    store_url: str, engine: Engine, further_steps: Callable[..., int], *, is_old: bool
) -> None:
    if is_old:
        make_old_tables(engine)
    before = tables(engine)
    good = "ALTER TABLE articles ADD COLUMN mood TEXT;\nCREATE TABLE moods (id TEXT);"
    further_steps(good, "CREATE TABLE more (id TEXT);\nALTER TABLE nothing ADD COLUMN x TEXT;")
    with pytest.raises(DBAPIError), open_store(store_url):
        pass
    assert tables(engine) == before
    further_steps(good, "CREATE TABLE more (id TEXT)")
    with open_store(store_url):
        assert tables(engine).keys() == {*metadata.tables, "moods", "more"}
    with engine.begin() as connection:
        for table in ("moods", "more"):
            connection.exec_driver_sql(f"DROP TABLE {table}")


def test_tables_that_are_not_newsmills_are_refused_and_left_alone(store_url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE articles (id TEXT, title TEXT)")
    before = tables(engine)
    with pytest.raises(StoreError, match=r"lacks articles\.url"), open_store(store_url):
        pass
    assert tables(engine) == before


def test_a_newer_store_is_refused_by_writers_and_readers(store_url: str, store: Store) -> None:
    version = latest("sqlite") + 1
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO schema_migrations SELECT {version}, max(applied_at) FROM schema_migrations"
        )
    for opened in (open_store, open_to_read):
        with pytest.raises(StoreError, match=rf"version is {version}.*Upgrade"), opened(store_url):
            pass


@pytest.mark.parametrize("column", ["articles.language", "articles.record", "documents.body"])
def test_a_store_that_lacks_a_column_of_its_version_is_refused_by_writers_and_readers(
    store_url: str, store: Store, column: str
) -> None:
    table, name = column.split(".")
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME COLUMN {name} TO gone")
    for opened in (open_store, open_to_read):
        with pytest.raises(StoreError, match=f"lacks {column}, "), opened(store_url):
            pass
    assert inspect(store.engine).has_table(table)


def test_a_table_that_is_gone_is_named_once(store_url: str, store: Store) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP VIEW reading")
        connection.exec_driver_sql("DROP TABLE articles")
        connection.exec_driver_sql("ALTER TABLE cursors DROP COLUMN position")
    with (
        pytest.raises(StoreError, match=r"lacks the table articles, cursors\.position, which"),
        open_store(store_url),
    ):
        pass
