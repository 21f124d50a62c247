"""What `newsmill export` writes, loaded by the programs that people load it with: every column has its type there."""

import datetime as dt
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest

from tasks.article import Article, Outcome, Topic
from workers.inspect.export import Export, export
from workers.store.filters import Filter
from workers.store.rows import Result, row_of
from workers.store.schema import articles
from workers.store.store import Store

NAMES = [
    "url",
    "title",
    "authors",
    "day",
    "published",
    "settled_at",
    "near_score",
    "status",
    "topics",
    "source",
]
NOON = dt.datetime(2025, 4, 16, 12, tzinfo=dt.UTC)
SETTLED = NOON.replace(minute=1)
TOPIC = {"id": "medtop:15000000", "label": "sport", "score": 0.9}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with an article that has everything, and one that has as good as nothing, whose date is none."""
    made = Store(f"sqlite:///{tmp_path}/newsmill.db")
    made.migrate()
    whole = Article(
        id="1" * 32,
        url="http://a.test/1",
        token=1,
        title="Rain, \N{UMBRELLA}",
        author="Ann One; Bo Two",
        date="2025-04-16",
        language="de",
        near_score=0.5,
        status=200,
        topics=(Topic(**TOPIC),),
        extras={"desk": "Süd"},
    )
    bare = Article(id="2" * 32, url="http://a.test/2", token=1, date="0000-00-00", language="de")
    for number, article in enumerate((whole, bare)):
        settled = Result(outcome=Outcome.ENRICHED, stage="fetch", settled_at=SETTLED.timestamp() + number)
        row = row_of(article, "a.test", settled)
        if article is whole:
            row["record"]["published"] = NOON.timestamp()
        with made.engine.begin() as connection:
            connection.execute(articles.insert(), row)
    yield made
    made.close()


@pytest.fixture
def exported(store: Store, tmp_path: Path) -> Path:
    """The folder of an export in each format, `rows.*`."""
    for suffix in ("jsonl", "csv", "parquet", "db", "duckdb", "jsonl.gz", "csv.zst"):
        export(store, Filter(), Export(output=tmp_path / f"rows.{suffix}", names=NAMES))
    return tmp_path


def test_pandas_reads_parquet_with_its_types(exported: Path) -> None:
    frame = pd.read_parquet(exported / "rows.parquet", dtype_backend="pyarrow")
    assert frame.dtypes.astype(str).to_dict() == {
        "url": "string[pyarrow]",
        "title": "string[pyarrow]",
        "authors": "list<element: string>[pyarrow]",
        "day": "date32[day][pyarrow]",
        "published": "timestamp[ms, tz=UTC][pyarrow]",
        "settled_at": "timestamp[ms, tz=UTC][pyarrow]",
        "near_score": "double[pyarrow]",
        "status": "int64[pyarrow]",
        "topics": "list<element: struct<id: string, label: string, score: double>>[pyarrow]",
        "source": "string[pyarrow]",
    }
    assert frame["day"].dt.year[0] == 2025
    plain = pd.read_parquet(exported / "rows.parquet")
    assert list(plain["authors"][0]) == ["Ann One", "Bo Two"]
    assert plain["day"].to_list() == [dt.date(2025, 4, 16), None]
    assert plain["settled_at"][0] == SETTLED
    assert str(plain["published"].dtype) == "datetime64[ms, UTC]"


def test_pandas_reads_text_formats(exported: Path) -> None:
    for name in ("rows.csv", "rows.csv.zst"):
        frame = pd.read_csv(exported / name, parse_dates=["day", "published", "settled_at"])
        assert frame["day"][0] == pd.Timestamp(2025, 4, 16)
        assert pd.isna(frame["day"][1])
        assert frame["settled_at"][0] == SETTLED
        assert frame["near_score"].dtype == "float64"
        assert json.loads(frame["authors"][0]) == ["Ann One", "Bo Two"]
    for name in ("rows.jsonl", "rows.jsonl.gz"):
        frame = pd.read_json(exported / name, lines=True)
        assert list(frame.columns) == NAMES
        assert frame["authors"][0] == ["Ann One", "Bo Two"]
        assert pd.to_datetime(frame["published"])[0] == NOON


def test_polars_reads_parquet_with_its_types(exported: Path) -> None:
    frame = pl.read_parquet(exported / "rows.parquet")
    topic = pl.Struct({"id": pl.String, "label": pl.String, "score": pl.Float64})
    assert dict(frame.schema) == {
        "url": pl.String,
        "title": pl.String,
        "authors": pl.List(pl.String),
        "day": pl.Date,
        "published": pl.Datetime("ms", "UTC"),
        "settled_at": pl.Datetime("ms", "UTC"),
        "near_score": pl.Float64,
        "status": pl.Int64,
        "topics": pl.List(topic),
        "source": pl.String,
    }
    assert frame["day"].to_list() == [dt.date(2025, 4, 16), None]
    assert frame["published"].to_list() == [NOON, None]
    assert frame["authors"].to_list() == [["Ann One", "Bo Two"], []]


def test_polars_reads_text_formats(exported: Path) -> None:
    frame = pl.read_csv(exported / "rows.csv", try_parse_dates=True)
    assert (frame.schema["day"], frame.schema["near_score"], frame.schema["status"]) == (
        pl.Date,
        pl.Float64,
        pl.Int64,
    )
    assert frame.schema["settled_at"] == pl.Datetime("us", "UTC")
    lines = pl.read_ndjson(exported / "rows.jsonl")
    assert lines.schema["authors"] == pl.List(pl.String)
    assert lines["settled_at"].str.to_datetime()[0] == SETTLED


DUCKDB_TYPES = {
    "url": "VARCHAR",
    "title": "VARCHAR",
    "authors": "VARCHAR[]",
    "day": "DATE",
    "published": "TIMESTAMP WITH TIME ZONE",
    "settled_at": "TIMESTAMP WITH TIME ZONE",
    "near_score": "DOUBLE",
    "status": "BIGINT",
    "topics": 'STRUCT(id VARCHAR, "label" VARCHAR, score DOUBLE)[]',
    "source": "VARCHAR",
}


def described(connection: duckdb.DuckDBPyConnection, what: str) -> dict[str, str]:
    return {name: type_ for name, type_, *_ in connection.execute(f"DESCRIBE FROM {what}").fetchall()}


def test_duckdb_opens_its_own_file_and_parquet_with_the_same_types(exported: Path) -> None:
    parquet = f"'{exported}/rows.parquet'"
    query = "SELECT day, published, authors, topics, source ->> 'desk' FROM {} ORDER BY url"
    with duckdb.connect(exported / "rows.duckdb", read_only=True) as connection:
        for what in ("articles", parquet):
            assert described(connection, what) == DUCKDB_TYPES
            assert connection.execute(query.format(what)).fetchall() == [
                (dt.date(2025, 4, 16), NOON, ["Ann One", "Bo Two"], [TOPIC], "Süd"),
                (None, None, [], [], None),
            ]


def test_duckdb_finds_days_times_and_lists_in_text_formats(exported: Path) -> None:
    with duckdb.connect() as connection:
        for name in ("rows.jsonl", "rows.jsonl.gz", "rows.csv", "rows.csv.zst"):
            found = described(connection, f"'{exported}/{name}'")
            assert list(found) == NAMES
            assert found["day"] == "DATE"
            assert found["settled_at"].startswith("TIMESTAMP")
            assert found["authors"] == ("VARCHAR" if ".csv" in name else "VARCHAR[]")


def test_sqlite_has_iso_text_and_lists_that_its_json_functions_read(exported: Path) -> None:
    with closing(sqlite3.connect(exported / "rows.db")) as connection:
        columns = connection.execute("SELECT name, type FROM pragma_table_info('articles')").fetchall()
        assert dict(columns) == dict.fromkeys(NAMES, "TEXT") | {"near_score": "REAL", "status": "INTEGER"}
        query = """
            SELECT day, date(day, '+1 day'), published, unixepoch(settled_at), json_extract(authors, '$[1]'),
                json_extract(topics, '$[0].label'), typeof(near_score), typeof(status)
            FROM articles ORDER BY url LIMIT 1
        """
        assert connection.execute(query).fetchall() == [
            ("2025-04-16", "2025-04-17", "2025-04-16T12:00:00Z", int(SETTLED.timestamp()), "Bo Two", "sport", "real", "integer")
        ]  # fmt: skip


def datasette(file: Path, path: str) -> Any:
    """Return what datasette answers for a path, as JSON."""
    command = [sys.executable, "-m", "datasette", str(file), "--get", path]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, cwd=file.parent)
    return json.loads(done.stdout)


def test_datasette_shows_an_export(exported: Path) -> None:
    row, other = datasette(
        exported / "rows.db", "/rows/articles.json?_shape=array&_json=authors&_json=topics"
    )
    assert row == {
        "rowid": 1,
        "url": "http://a.test/1",
        "title": "Rain, \N{UMBRELLA}",
        "authors": ["Ann One", "Bo Two"],
        "day": "2025-04-16",
        "published": "2025-04-16T12:00:00Z",
        "settled_at": "2025-04-16T12:01:00Z",
        "near_score": 0.5,
        "status": 200,
        "topics": [TOPIC],
        "source": '{"desk":"Süd"}',
    }
    assert (other["day"], other["authors"]) == (None, [])
    facets = datasette(
        exported / "rows.db", "/rows/articles.json?_facet_array=authors&_facet_date=settled_at"
    )
    found = {one["value"]: one["count"] for one in facets["facet_results"]["authors"]["results"]}
    assert found == {"Ann One": 1, "Bo Two": 1}


def test_datasette_shows_the_view_of_the_store(store: Store) -> None:
    assert store.file
    query = "/newsmill/reading.json?_shape=array&language=de&_sort_desc=day&_col=title&_col=day&_col=published&_col=topics&_col=authors"
    assert datasette(store.file, query) == [
        {
            "title": "Rain, \N{UMBRELLA}",
            "day": "2025-04-16",
            "published": "2025-04-16 12:00:00",
            "topics": "sport",
            "authors": "Ann One; Bo Two",
        },
        {"title": None, "day": None, "published": None, "topics": None, "authors": None},
    ]
