"""The columns of an export: what docs/columns.md says of them, and those that are made of others."""

import re
import sqlite3
from datetime import date
from pathlib import Path
from typing import Any, get_args

import duckdb
import pytest

from tasks.article import Article, Outcome, Timestamp
from tasks.stage import ROW
from workers.errors import UserError
from workers.sinks.columns import choose, columns, flat, is_list, is_object
from workers.sinks.duckdb_file import DuckDbSink
from workers.sinks.sqlite_file import SqliteSink
from workers.store.rows import Result, row_of
from workers.store.store import Store

PAGE = (Path(__file__).parents[2] / "docs" / "columns.md").read_text("utf-8")
#: Column, JSON, DuckDB and Parquet, SQLite, what it says.
TABLE = [
    tuple(cell.strip() for cell in line.strip("|").split(" | "))
    for line in PAGE.split("## The columns")[1].split("\n## ")[0].splitlines()
    if line.startswith("| `")
]


def row(**fields: Any) -> dict[str, Any]:
    article = Article(id="0" * 32, url="http://a.test/", submitted_at=1_744_804_800.999, token=1, **fields)
    return row_of(
        article, "a.test", Result(outcome=Outcome.ENRICHED, stage="fetch", settled_at=1_744_804_801.5)
    )


def kind(type_: Any) -> str:
    """Return what the page calls the JSON of a type."""
    if type_ == Timestamp:
        return "time"
    if is_list(type_):
        return "list of texts" if get_args(type_)[0] is str else "list of objects"
    return "object" if is_object(type_) else {str: "text", int: "number", float: "number", date: "day"}[type_]


def test_the_page_lists_every_column_in_order_with_its_type_in_json_and_what_it_says() -> None:
    assert [(name, json) for name, json, *_ in TABLE] == [
        (f"`{name}`", kind(type_)) for name, type_ in columns().items()
    ]
    assert all(len(cells) == 5 and cells[-1].endswith(".") for cells in TABLE)


def test_the_page_has_the_types_of_a_duckdb_file(tmp_path: Path) -> None:
    with (tmp_path / "x.duckdb").open("wb") as file:
        DuckDbSink(file, columns=columns()).close()
    with duckdb.connect(tmp_path / "x.duckdb", read_only=True) as connection:
        found = connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'articles'"
        ).fetchall()
    assert [(f"`{name}`", type_.replace('"', "")) for name, type_ in found] == [
        (name, type_) for name, _, type_, *_ in TABLE
    ]


def test_the_page_has_the_types_of_an_sqlite_file(tmp_path: Path) -> None:
    with (tmp_path / "x.db").open("wb") as file:
        SqliteSink(file, columns=columns()).close()
    connection = sqlite3.connect(tmp_path / "x.db")
    found = connection.execute("SELECT name, type FROM pragma_table_info('articles')").fetchall()
    connection.close()
    assert [(f"`{name}`", type_) for name, type_ in found] == [(cells[0], cells[3]) for cells in TABLE]


def test_the_page_lists_the_columns_of_the_view_in_order() -> None:
    table = PAGE.split("## The view `reading`")[1]
    named = [
        name
        for line in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", line)
    ]
    store = Store.in_memory()
    with store.engine.connect() as connection:
        found = list(connection.exec_driver_sql("SELECT * FROM reading").keys())
    store.close()
    assert set(named) == set(found)
    assert len(named) == len(found)


def test_no_stage_may_add_a_column_that_is_made_of_others() -> None:
    assert "day" in ROW & columns().keys()


@pytest.mark.parametrize(
    ("author", "authors"),
    [
        (None, []),
        ("", []),
        ("Ann One", ["Ann One"]),
        ("Ann One; Bo Two", ["Ann One", "Bo Two"]),
        ("Ann One;Bo", ["Ann One;Bo"]),
        (" ; Ann One; ; ", ["Ann One"]),
    ],
)
def test_authors_of_a_row_of_an_older_version_are_the_names_in_author(
    author: str | None, authors: list[str]
) -> None:
    fields = flat(row(author=author))
    assert (fields["author"], fields["authors"]) == (author, authors)


def test_authors_are_those_of_the_row() -> None:
    fields = flat(row(author="Ann One; Bo Two", authors=("Ann One", "Bo Two; jr.")))
    assert list(fields["authors"]) == ["Ann One", "Bo Two; jr."]


def test_a_row_whose_author_is_no_person_has_no_authors() -> None:
    fields = flat(row(author="Reuters", versions={"extractor": "trafilatura 2.3.1 / newsmill 6"}))
    assert (fields["author"], fields["authors"]) == ("Reuters", [])
    fields = flat(row(author="Ann One", versions={"extractor": "trafilatura 2.3.1 / newsmill 4"}))
    assert fields["authors"] == ["Ann One"]


def test_a_time_of_publication_is_in_utc_and_as_it_was_stated() -> None:
    fields = flat(row(published=1_744_804_800.0, published_stated="2025-04-16T14:00:00+02:00"))
    assert (fields["published"], fields["published_stated"]) == (
        "2025-04-16T12:00:00Z",
        "2025-04-16T14:00:00+02:00",
    )


@pytest.mark.parametrize(
    ("given", "day"),
    [
        ("2025-04-16", "2025-04-16"),
        ("2024-02-29", "2024-02-29"),
        *(
            (one, None)
            for one in (None, "", "0000-00-00", "99999-01-01", "2025-02-30", "2025-W16-3", "20250416")
        ),
        *((one, None) for one in ("2025-04-16\n", "2025-04-16T10:00", "٢٠٢٥-٠٤-١٦", "now")),
    ],
)
def test_a_day_is_the_date_where_there_is_such_a_day(given: str | None, day: str | None) -> None:
    fields = flat(row(date=given))
    assert (fields["date"], fields["day"]) == (given, day)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (1_744_804_800, "2025-04-16T12:00:00Z"),
        (1_744_804_800.999, "2025-04-16T12:00:00Z"),
        *((one, None) for one in (None, 1e18, -1e18, float("inf"), float("nan"), "2025-04-16", [])),
    ],
)
def test_a_time_that_no_calendar_has_is_null(seconds: Any, shown: str | None) -> None:
    given = row()
    given["record"] = {"published": seconds, "fetched_at": seconds}
    fields = flat(given)
    assert (fields["published"], fields["fetched_at"]) == (shown, shown)


def test_times_are_cut_to_whole_seconds_in_utc() -> None:
    fields = flat(row())
    assert (fields["submitted_at"], fields["settled_at"]) == ("2025-04-16T12:00:00Z", "2025-04-16T12:00:01Z")


def test_chosen_columns_come_in_the_order_that_was_asked_for() -> None:
    chosen = choose(["title", "authors", "id"])
    assert flat(row(title="Rain", author="Ann"), chosen) == {
        "title": "Rain",
        "authors": ["Ann"],
        "id": "0" * 32,
    }
    assert chosen == {name: columns()[name] for name in chosen}


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (["url", "titel"], "There is no column 'titel'. Near it: title, "),
        (["settled"], "Near it: settled_at"),
        (["xxxxxxxxxxxx"], "docs/columns.md lists all columns"),
        ([""], "There is no column ''"),
        (["url", "url"], "The column url is named twice"),
        (["record"], "There is no column 'record'"),
    ],
)
def test_a_column_that_does_not_exist_is_answered_with_those_near_it(
    names: list[str], complaint: str
) -> None:
    with pytest.raises(UserError, match=complaint):
        choose(names)
