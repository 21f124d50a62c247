"""Exported rows: the same flat object in every format."""

import csv
import gzip
import io
import json
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
import zstandard
from pyarrow import parquet

from tasks.article import Article, Outcome, Topic, article_id
from tasks.pipeline import STAGES
from workers.errors import UserError
from workers.inspect import export as module
from workers.inspect.export import Export, export, write_all
from workers.sinks.arrow import schema
from workers.sinks.columns import columns, flat
from workers.sinks.csv_file import CsvSink, TsvSink
from workers.sinks.formats import FILE_SINKS, Kind
from workers.sinks.jsonl import JsonLinesSink
from workers.sinks.memory import MemorySink
from workers.sinks.parquet import ParquetSink
from workers.sinks.sink import SettledArticle
from workers.store.filters import Filter
from workers.store.rows import Result
from workers.store.schema import articles
from workers.store.store import Store

URL = "http://a.test/1"
STORY = Article(
    id=article_id(URL),
    url=URL,
    extras={"n": 7},
    submitted_at=1_744_804_800.5,
    token=1,
    fetched_at=1_744_804_801.0,
    status=200,
    title="Ein Titel, ü",
    author="Ann One; Bo Two",
    date="2025-04-16",
    tags=("x", "y"),
    text="Zeile\nZeile",
    language="de",
    language_confidence=0.99,
    topics=(Topic("medtop:15000000", "sport", 0.9),),
    deduper="minhash-1",
    versions={"extractor": "e 1", "detector": "d 1", "tagger": "t 1"},
    timings={"fetch": 1.5},
)
BARE = Article(id=article_id("http://b.test/"), url="http://b.test/", submitted_at=1_744_804_800.0, token=1)


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.in_memory()
    store.write(
        STORY, "a.test", Result(outcome=Outcome.ENRICHED, stage="tag_topics", settled_at=1_744_804_802.0)
    )
    store.write(
        BARE,
        "b.test",
        Result(outcome=Outcome.FAILED, stage="fetch", reason="error", settled_at=1_744_804_803.0),
    )
    yield store
    store.close()


def rows(store: Store) -> list[dict[str, Any]]:
    return [flat(row) for row in store.rows()]


def test_no_column_and_no_field_of_an_article_is_left_out() -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(Article)} | set(articles.columns.keys())
    assert fields - set(columns()) == {"html", "token", "again", "record", "versions", "added"}
    added = {name for stage in STAGES for name in (*stage.fields, *stage.version_names)}
    assert set(columns()) <= fields | added | {"authors", "day", "published"}


def test_a_row_has_all_keys_and_null_or_empty_where_there_is_nothing(store: Store) -> None:
    story, bare = rows(store)
    assert list(story) == list(bare) == list(columns())
    assert (bare["title"], bare["tags"], bare["topics"], bare["source"]) == (None, [], [], {})
    assert (bare["authors"], bare["day"], bare["published"]) == ([], None, None)
    assert story["topics"] == [{"id": "medtop:15000000", "label": "sport", "score": 0.9}]
    assert story["submitted_at"] == "2025-04-16T12:00:00Z"
    assert story["fetched_at"] == "2025-04-16T12:00:01Z"


def test_json_lines_hold_the_rows(store: Store) -> None:
    file = io.BytesIO()
    assert write_all(store.rows(), JsonLinesSink(file)) == 2
    assert [json.loads(line) for line in file.getvalue().splitlines()] == rows(store)


@pytest.mark.parametrize(("sink", "delimiter"), [(CsvSink, ","), (TsvSink, "\t")])
def test_csv_holds_lists_and_objects_as_json(store: Store, sink: type[CsvSink], delimiter: str) -> None:
    file = io.BytesIO()
    assert write_all(store.rows(), sink(file, columns=columns())) == 2
    text = io.StringIO(file.getvalue().decode(), newline="")
    story, bare = csv.DictReader(text, delimiter=delimiter)
    assert story["title"] == "Ein Titel, ü"
    assert story["text"] == "Zeile\nZeile"
    assert json.loads(story["source"]) == {"n": 7}
    assert (bare["title"], bare["tags"]) == ("", "[]")


def test_csv_makes_safe_what_a_spreadsheet_would_run_unless_it_shall_be_raw(
    store: Store, tmp_path: Path
) -> None:
    hostile = STORY.evolve(id="1" * 32, title='=HYPERLINK("http://evil.test","x")', near_score=-0.5)
    store.write(hostile, "a.test", Result(outcome=Outcome.ENRICHED, stage="dedupe", settled_at=2e9))
    names = ["title", "near_score", "attempts"]
    for raw, title in ((False, "'" + hostile.title), (True, hostile.title)):
        export(store, Filter(), Export(output=tmp_path / "x.csv", names=names, raw=raw))
        *_, last = csv.reader((tmp_path / "x.csv").read_text().splitlines())
        assert last == [title, "-0.5", "1"]


def test_parquet_has_a_fixed_schema_and_the_values(store: Store) -> None:
    file = io.BytesIO()
    assert write_all(store.rows(), ParquetSink(file, columns=columns())) == 2
    table = parquet.read_table(io.BytesIO(file.getvalue()))
    assert table.schema == schema(columns())
    story, bare = table.to_pylist()
    assert story["settled_at"] == datetime(2025, 4, 16, 12, 0, 2, tzinfo=UTC)
    assert story["day"] == date(2025, 4, 16)
    assert story["authors"] == ["Ann One", "Bo Two"]
    assert story["topics"] == [{"id": "medtop:15000000", "label": "sport", "score": 0.9}]
    assert bare["title"] is None
    assert bare["day"] is None


def test_the_row_groups_of_parquet_are_bounded_by_rows_and_by_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.sinks.parquet.ROW_GROUP", 3)
    monkeypatch.setattr("workers.sinks.parquet.LARGEST_GROUP", 1000)
    file = io.BytesIO()
    sink = ParquetSink(file, columns={"text": str})
    sink.write([SettledArticle("", 1, {"text": "x" * size}) for size in (1, 1, 1, 999, 1, 2000, 5, 5)])
    sink.close()
    metadata = parquet.ParquetFile(file).metadata
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [3, 2, 1, 2]


def test_a_batch_is_bounded_by_rows_and_by_text(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []

    class Sink(MemorySink):
        def write(self, batch: Sequence[SettledArticle]) -> None:
            batches.append(len(batch))

    for number in range(7):
        one = BARE.evolve(id=f"{number:032x}", url=f"http://b.test/{number}", text="x" * (number > 3) * 500)
        store.write(one, "b.test", Result(outcome=Outcome.ENRICHED, stage="fetch", settled_at=2e9 + number))
    monkeypatch.setattr(module, "BATCH", 3)
    monkeypatch.setattr(module, "LARGEST_BATCH", 900)
    write_all(store.rows(Filter(outcome=Outcome.ENRICHED)), Sink())
    assert batches == [3, 3, 2]


def test_parquet_of_nothing_is_a_table_without_rows() -> None:
    file = io.BytesIO()
    assert write_all([], ParquetSink(file, columns=columns())) == 0
    assert parquet.read_table(io.BytesIO(file.getvalue())).num_rows == 0


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("x.csv", b"id,url"),
        ("x.tsv", b"id\turl"),
        ("x.parquet", b"PAR1"),
        ("x.jsonl", b'{"id":'),
        ("x.ndjson", b'{"id":'),
        ("X.JSONL", b'{"id":'),
        ("x.jsonl.gz", b"\x1f\x8b"),
        ("x.csv.zst", b"\x28\xb5\x2f\xfd"),
        ("x.db", b"SQLite format 3\0"),
        ("x.sqlite3", b"SQLite format 3\0"),
    ],
)
def test_the_suffix_of_the_output_names_the_format(
    store: Store, tmp_path: Path, name: str, start: bytes
) -> None:
    assert export(store, Filter(), Export(output=tmp_path / name, limit=1)) == 1
    assert (tmp_path / name).read_bytes().startswith(start)
    assert [one.name for one in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(("suffix", "opener"), [("gz", gzip.open), ("zst", zstandard.open)])
def test_a_compressed_file_holds_the_rows(store: Store, tmp_path: Path, suffix: str, opener: Any) -> None:
    file = tmp_path / f"x.jsonl.{suffix}"
    export(store, Filter(), Export(output=file))
    with opener(file, "rt", encoding="utf-8") as lines:
        assert [json.loads(line) for line in lines] == rows(store)


@pytest.mark.parametrize("format_", FILE_SINKS)
def test_an_export_without_a_row_is_a_whole_file(store: Store, tmp_path: Path, format_: str) -> None:
    file = tmp_path / f"x.{format_}"
    nobody = Filter(host="nobody.test")
    assert export(store, nobody, Export(output=file, names=["url", "day"])) == 0
    match format_:
        case "parquet":
            assert parquet.read_schema(file).names == ["url", "day"]
        case "sqlite":
            with closing(sqlite3.connect(file)) as sqlite:
                assert sqlite.execute("SELECT count(url), count(day) FROM articles").fetchall() == [(0, 0)]
        case "duckdb":
            with duckdb.connect(file, read_only=True) as connection:
                found = connection.execute("SELECT count(url), count(day) FROM articles").fetchall()
                assert found == [(0, 0)]
        case _:
            header = {"csv": "url,day\n", "tsv": "url\tday\n"}
            assert file.read_text() == header.get(format_, "")


@pytest.mark.parametrize("format_", ["jsonl", "csv", "tsv", "parquet", "sqlite", "duckdb"])
def test_any_text_comes_back_from_every_format(store: Store, tmp_path: Path, format_: str) -> None:
    texts = [
        "",
        "\0 a NUL \0",
        "\u2028\x85\x1b[31m",
        "\"'`,;\t\\",
        "\r\nlines\r\n",
        "\U0001f30d\ufeff",
        "x" * 3_000_000,
    ]
    for number, text in enumerate(texts):
        one = BARE.evolve(
            id=f"{number:032x}", url=f"http://t.test/{number}", title=text, text=text, tags=(text,)
        )
        store.write(one, "t.test", Result(outcome=Outcome.ENRICHED, stage="fetch", settled_at=2e9 + number))
    file = tmp_path / f"x.{format_}"
    export(store, Filter(host="t.test"), Export(output=file, names=["title", "tags"], raw=True))
    found = read(file)
    assert [(one["title"] or "") for one in found] == texts
    assert [one["tags"] for one in found] == [[text] for text in texts]


def read(file: Path) -> list[dict[str, Any]]:
    """Return the rows of an export by another way than that by which they were written."""
    match file.suffix:
        case ".jsonl":
            return [json.loads(line) for line in file.read_bytes().split(b"\n")[:-1]]
        case ".csv" | ".tsv":
            before = csv.field_size_limit(10_000_000)
            try:
                with file.open(encoding="utf-8", newline="") as lines:
                    found = csv.DictReader(lines, delimiter="," if file.suffix == ".csv" else "\t")
                    return [{**one, "tags": json.loads(one["tags"])} for one in found]
            finally:
                csv.field_size_limit(before)
        case ".parquet":
            return parquet.read_table(file).to_pylist()
        case ".sqlite":
            with closing(sqlite3.connect(file)) as connection:
                rows = connection.execute("SELECT title, tags FROM articles ORDER BY rowid").fetchall()
            return [{"title": title, "tags": json.loads(tags)} for title, tags in rows]
        case _:
            with duckdb.connect(file, read_only=True) as connection:
                found = connection.execute("SELECT title, tags FROM articles").fetchall()
            return [{"title": title, "tags": tags} for title, tags in found]


@pytest.mark.parametrize(
    ("name", "format_", "complaint"),
    [
        ("x.json", None, "cannot write .json files.* .jsonl"),
        ("x.txt", None, "cannot write .txt files"),
        ("x", None, "x has no suffix"),
        (".csv", None, ".csv has no suffix"),
        ("x.gz", None, "x.gz has no suffix"),
        ("x.txt.gz", None, "cannot write .txt files"),
        ("x.csv.bz2", None, "cannot write .bz2 files"),
        ("x.parquet.gz", None, "compressed by its own means"),
        ("x.db.zst", None, "compressed by its own means"),
        ("x.gz", "duckdb", "compressed by its own means"),
    ],
)
def test_a_file_that_names_no_format_is_refused_with_those_there_are(
    store: Store, tmp_path: Path, name: str, format_: str | None, complaint: str
) -> None:
    with pytest.raises(UserError, match=complaint):
        export(store, Filter(), Export(output=tmp_path / name, format_=format_))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x", "x.txt", "x.jsonl", "x.json"])
def test_a_format_that_is_named_overrides_the_suffix(store: Store, tmp_path: Path, name: str) -> None:
    export(store, Filter(), Export(output=tmp_path / name, format_="csv", limit=0))
    assert (tmp_path / name).read_bytes().startswith(b"id,url")


def test_a_named_text_format_is_compressed_as_the_suffix_says(store: Store, tmp_path: Path) -> None:
    export(store, Filter(), Export(output=tmp_path / "x.gz", format_="csv"))
    assert gzip.decompress((tmp_path / "x.gz").read_bytes()).startswith(b"id,url")


@pytest.mark.parametrize("format_", [name for name, one in FILE_SINKS.items() if one.kind is Kind.DATABASE])
@pytest.mark.parametrize("output", [None, Path("-"), Path("/dev/null")])
def test_a_database_needs_a_file(store: Store, format_: str, output: Path | None) -> None:
    with pytest.raises(UserError, match=f"{format_} needs a file. Name one with --output"):
        export(store, Filter(), Export(format_=format_, output=output))


def test_the_same_rows_are_the_same_bytes(store: Store, tmp_path: Path) -> None:
    for name in ("jsonl.gz", "csv.zst", "sqlite", "parquet"):
        for number in range(2):
            export(store, Filter(), Export(output=tmp_path / f"{number}.{name}"))
        assert (tmp_path / f"0.{name}").read_bytes() == (tmp_path / f"1.{name}").read_bytes()


def test_rows_are_filtered_and_limited(store: Store, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for filter_, urls in (
        (Filter(outcome=Outcome.FAILED), [BARE.url]),
        (Filter(topic="Spor"), [URL]),
        (Filter(language="de"), [URL]),
        (Filter(since=datetime(2025, 4, 16, 12, 0, 3, tzinfo=UTC)), [BARE.url]),
        (Filter(until=datetime(2025, 4, 16, 12, 0, 3, tzinfo=UTC)), [URL]),
        (Filter(published_since=datetime(2025, 4, 16, tzinfo=UTC)), [URL]),
        (Filter(published_until=datetime(2025, 4, 16, tzinfo=UTC)), []),
        (Filter(host="nobody.test"), []),
        (Filter(made_by="e 1"), [URL]),
        (Filter(made_by="minhash"), [URL]),
        (Filter(made_by="%"), []),
        (Filter(not_made_by="e 2"), [URL, BARE.url]),
        (Filter(not_made_by="e"), [BARE.url]),
        (Filter(not_made_by="minhash-1", outcome=Outcome.ENRICHED), []),
    ):
        export(store, filter_, Export(format_="jsonl"))
        sys.stdout.flush()
        assert [json.loads(line)["url"] for line in capfdbinary.readouterr().out.splitlines()] == urls
