"""`newsmill export --changes`: what is new, in each format, and the number to go on from."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from tasks.article import Outcome
from tests.integration.test_store import put
from workers.cli import app
from workers.store.store import Store

runner = CliRunner()
GERMAN, ENGLISH = "http://a.test/de", "http://a.test/en"


@pytest.fixture
def rows(store: Store, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with two articles, in the settings of the commands."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSMILL_DATABASE_URL", store_url)
    put(store, GERMAN, language="de")
    put(store, ENGLISH, language="en")
    return store


def export(*arguments: str) -> Result:
    return runner.invoke(app, ["export", "--changes", *arguments])


def lines(result: Result) -> list[tuple[str, bool]]:
    """Return URL and whether it is deleted of each line on standard output."""
    assert result.exit_code == 0, result.stderr
    return [(line["url"], line["deleted"]) for line in map(json.loads, result.stdout.splitlines())]


def test_the_number_on_standard_error_is_where_to_go_on(rows: Store) -> None:
    first = export()
    assert lines(first) == [(GERMAN, False), (ENGLISH, False)]
    last = json.loads(first.stdout.splitlines()[-1])["change"]
    assert first.stderr == f"2 changes. Go on with --after {last}.\n"
    put(rows, GERMAN, Outcome.REJECTED)
    assert lines(export("--after", str(last))) == [(GERMAN, False)]


def test_with_a_file_the_number_is_all_of_standard_output(rows: Store, tmp_path: Path) -> None:
    last = export("--output", "new.jsonl").stdout
    assert json.loads((tmp_path / "new.jsonl").read_text().splitlines()[-1])["change"] == int(last)
    again = export("--after", last.strip(), "--output", "new.jsonl")
    assert (again.exit_code, again.stdout) == (0, last)
    assert (tmp_path / "new.jsonl").read_bytes() == b""
    put(rows, "http://b.test/")
    assert int(export("--after", last.strip(), "--output", "new.jsonl").stdout) > int(last)


def test_a_limit_is_gone_on_from_without_a_gap(rows: Store) -> None:
    put(rows, "http://b.test/")
    after, found = "0", []
    for _ in range(3):
        result = export("--after", after, "--limit", "1")
        found += lines(result)
        after = result.stderr.split()[-1].rstrip(".")
    assert found == [(GERMAN, False), (ENGLISH, False), ("http://b.test/", False)]
    assert lines(export("--after", after)) == []


def test_what_does_not_pass_the_filter_comes_as_deleted_with_its_id(rows: Store) -> None:
    del rows
    kept, gone = map(json.loads, export("--language", "de").stdout.splitlines())
    assert (kept["url"], kept["deleted"]) == (GERMAN, False)
    assert (gone["url"], gone["deleted"], len(gone["id"])) == (None, True, 32)


@pytest.mark.parametrize("columns", [(), ("--columns", "url,outcome")])
def test_the_columns_change_and_deleted_are_in_front_in_every_format(
    rows: Store, tmp_path: Path, columns: tuple[str, ...]
) -> None:
    del rows
    for suffix in ("parquet", "csv", "sqlite"):
        assert export("--output", f"new.{suffix}", *columns).exit_code == 0
    table = pq.read_table(tmp_path / "new.parquet")
    assert table.column_names[:2] == ["change", "deleted"]
    assert table["deleted"].to_pylist() == [False, False]
    assert (tmp_path / "new.csv").read_text("utf-8-sig").startswith("change,deleted,")
    with closing(sqlite3.connect(tmp_path / "new.sqlite")) as read:
        assert read.execute("SELECT deleted, url FROM articles").fetchall() == [(0, GERMAN), (0, ENGLISH)]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--changes", "--sort", "day"),
        ("--changes", "--desc"),
        ("--changes", "--since", "2h"),
        ("--changes", "--until", "2h"),
        ("--after", "3"),
    ],
)
def test_options_that_say_nothing_of_changes_are_refused(rows: Store, arguments: tuple[str, ...]) -> None:
    del rows
    result = runner.invoke(app, ["export", *arguments])
    assert result.exit_code == 2
    assert "--changes" in result.stderr
