"""Exported rows: the same flat object in every format."""

import csv
import io
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pyarrow import parquet

from tasks.article import Article, Outcome, Topic, article_id
from tasks.pipeline import STAGES
from workers.inspect.export import export, write_all
from workers.sinks.columns import columns, flat
from workers.sinks.csv_file import CsvSink
from workers.sinks.jsonl import JsonLinesSink
from workers.sinks.parquet import ParquetSink, schema
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
    assert set(columns()) <= fields | added


def test_a_row_has_all_keys_and_null_or_empty_where_there_is_nothing(store: Store) -> None:
    story, bare = rows(store)
    assert list(story) == list(bare) == list(columns())
    assert (bare["title"], bare["tags"], bare["topics"], bare["source"]) == (None, [], [], {})
    assert story["topics"] == [{"id": "medtop:15000000", "label": "sport", "score": 0.9}]
    assert story["submitted_at"] == "2025-04-16T12:00:00.500Z"
    assert story["fetched_at"] == "2025-04-16T12:00:01.000Z"


def test_json_lines_hold_the_rows(store: Store) -> None:
    file = io.BytesIO()
    assert write_all(store.rows(), JsonLinesSink(file)) == 2
    assert [json.loads(line) for line in file.getvalue().splitlines()] == rows(store)


def test_csv_holds_lists_and_objects_as_json(store: Store) -> None:
    file = io.BytesIO()
    assert write_all(store.rows(), CsvSink(file)) == 2
    story, bare = csv.DictReader(io.StringIO(file.getvalue().decode(), newline=""))
    assert story["title"] == "Ein Titel, ü"
    assert story["text"] == "Zeile\nZeile"
    assert json.loads(story["source"]) == {"n": 7}
    assert (bare["title"], bare["tags"]) == ("", "[]")


def test_parquet_has_a_fixed_schema_and_the_values(store: Store) -> None:
    file = io.BytesIO()
    assert write_all(store.rows(), ParquetSink(file)) == 2
    table = parquet.read_table(io.BytesIO(file.getvalue()))
    assert table.schema == schema()
    story, bare = table.to_pylist()
    assert story["settled_at"] == datetime(2025, 4, 16, 12, 0, 2, tzinfo=UTC)
    assert story["topics"] == [{"id": "medtop:15000000", "label": "sport", "score": 0.9}]
    assert bare["title"] is None


def test_parquet_of_nothing_is_a_table_without_rows() -> None:
    file = io.BytesIO()
    assert write_all([], ParquetSink(file)) == 0
    assert parquet.read_table(io.BytesIO(file.getvalue())).num_rows == 0


@pytest.mark.parametrize(
    ("name", "start"), [("x.csv", b"id,url"), ("x.parquet", b"PAR1"), ("x.json", b'{"id":')]
)
def test_the_suffix_of_the_output_names_the_format(
    store: Store, tmp_path: Path, name: str, start: bytes
) -> None:
    export(store, Filter(), format_=None, output=tmp_path / name, limit=1)
    assert (tmp_path / name).read_bytes().startswith(start)


def test_an_export_that_breaks_leaves_the_file_as_it_was(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_row: Any) -> None:
        raise OSError("No space left on device")

    output = tmp_path / "x.jsonl"
    output.write_text("as it was")
    monkeypatch.setattr("workers.sinks.columns.flat", full)
    with pytest.raises(OSError, match="No space"):
        export(store, Filter(), format_=None, output=output, limit=None)
    assert output.read_text() == "as it was"
    assert not list(tmp_path.glob("*.part"))


def test_rows_are_filtered_and_limited(store: Store, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for filter_, urls in (
        (Filter(outcome=Outcome.FAILED), [BARE.url]),
        (Filter(topic="Spor"), [URL]),
        (Filter(language="de"), [URL]),
        (Filter(since=datetime(2025, 4, 16, 12, 0, 3, tzinfo=UTC)), [BARE.url]),
        (Filter(until=datetime(2025, 4, 16, 12, 0, 3, tzinfo=UTC)), [URL]),
        (Filter(host="nobody.test"), []),
        (Filter(made_by="e 1"), [URL]),
        (Filter(made_by="minhash"), [URL]),
        (Filter(made_by="%"), []),
        (Filter(not_made_by="e 2"), [URL, BARE.url]),
        (Filter(not_made_by="e"), [BARE.url]),
        (Filter(not_made_by="minhash-1", outcome=Outcome.ENRICHED), []),
    ):
        export(store, filter_, format_="jsonl", output=None, limit=None)
        sys.stdout.flush()
        assert [json.loads(line)["url"] for line in capfdbinary.readouterr().out.splitlines()] == urls
