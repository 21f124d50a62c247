"""The view `reading`, on SQLite and on PostgreSQL: an article a row, for whoever asks the database itself."""

from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest
from sqlalchemy import text

from tasks.article import Article, Outcome, Topic, article_id
from tests.integration.old_store import make_old_store
from workers.sinks.columns import flat
from workers.store.rows import Result, row_of
from workers.store.schema import articles
from workers.store.store import Store, open_store

SPORT, TENNIS = Topic("medtop:15000000", "sport", 0.9), Topic("medtop:20001058", "tennis", 0.4)
NO_DAYS = [
    *("0000-00-00", "0000-01-01", "99999-01-01", "2025-02-30", "2023-02-29", "1900-02-29", "2025-13-01", "2025-04-31"),
    *("now", "today", "infinity", "", " 2025-04-16", "2025-04-16\n", "2025-04-16T10:00", "20250416", "2025-W16-3"),
    *("16.04.2025", "-4713-11-24", "2025-4-16", "٢٠٢٥-٠٤-١٦", "'; DROP TABLE articles; --"),
]  # fmt: skip
QUERY = "SELECT title FROM reading WHERE language = 'de' ORDER BY day LIMIT 20"


def put(store: Store, number: int = 1, outcome: Outcome = Outcome.ENRICHED, **fields: Any) -> str:
    """Write a row; its URL."""
    url = f"http://a.test/{number}"
    one = Article(id=article_id(url), url=url, submitted_at=1_700_000_000.5, token=1, **fields)
    assert store.write(
        one, "a.test", Result(outcome=outcome, stage="tag_topics", settled_at=1_700_000_060.25 + number)
    )
    return url


def put_record(store: Store, number: int, record: dict[str, Any]) -> None:
    """Write a row with a record that no version of newsmill has made."""
    one = Article(id=f"{number:032x}", url=f"http://a.test/{number}", token=1)
    row = row_of(one, "a.test", Result(outcome=Outcome.ENRICHED, stage="fetch", settled_at=float(number)))
    with store.engine.begin() as connection:
        connection.execute(articles.insert(), {**row, "record": record})


def reading(store: Store, columns: str = "*") -> list[Any]:
    query = f"SELECT {columns} FROM reading ORDER BY settled_at"
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(query)).mappings()]


def is_sqlite(store: Store) -> bool:
    return store.engine.dialect.name == "sqlite"


def test_an_article_is_a_row_that_a_person_can_read(store: Store) -> None:
    url = put(
        store,
        title="Rain",
        date="2025-04-16",
        language="de",
        topics=(SPORT, TENNIS),
        author="Ann One; Bo Two",
        site="A",
        description="About rain",
        text="It rains.\nIt pours.",
    )
    (row,) = reading(store)
    times = {name: row.pop(name) for name in ("day", "submitted_at", "settled_at")}
    assert row == {
        "title": "Rain",
        "published": None,
        "language": "de",
        "topics": "sport, tennis",
        "authors": "Ann One; Bo Two",
        "site": "A",
        "host": "a.test",
        "url": url,
        "description": "About rain",
        "text": "It rains.\nIt pours.",
        "outcome": "enriched",
        "reason": None,
        "detail": None,
        "stage": "tag_topics",
        "duplicate_of": None,
        "near_duplicate_of": None,
        "id": article_id(url),
    }
    assert times == (
        {
            "day": "2025-04-16",
            "submitted_at": "2023-11-14 22:13:20.500000",
            "settled_at": "2023-11-14 22:14:21.250000",
        }
        if is_sqlite(store)
        else {
            "day": date(2025, 4, 16),
            "submitted_at": datetime(2023, 11, 14, 22, 13, 20, 500_000, UTC),
            "settled_at": datetime(2023, 11, 14, 22, 14, 21, 250_000, UTC),
        }
    )


def test_what_an_article_does_not_have_is_null(store: Store) -> None:
    put(store, outcome=Outcome.REJECTED)
    (row,) = reading(store)
    given = {"host", "url", "outcome", "stage", "submitted_at", "settled_at", "id"}
    assert {name for name, value in row.items() if value is not None} == given


def test_a_date_that_is_none_is_no_day_and_fails_no_query(store: Store) -> None:
    for number, given in enumerate(NO_DAYS):
        put(store, number, date=given)
    put_record(store, 100, {"date": 20250416})
    put_record(store, 101, {"date": ["2025-04-16"]})
    assert reading(store, "day") == [{"day": None}] * (len(NO_DAYS) + 2)
    assert [flat(row)["day"] for row in store.rows()] == [None] * (len(NO_DAYS) + 2)


def test_a_day_is_one_exactly_where_the_calendar_has_it(store: Store) -> None:
    years = (0, 1, 4, 100, 400, 999, 1000, 1900, 2000, 2023, 2024, 2100, 9996, 9999)
    given = [
        f"{y:04}-{m:02}-{d:02}" for y, m, d in product(years, range(14), (0, 1, 9, 19, 28, 29, 30, 31, 32))
    ]
    rows = [
        row_of(
            Article(id=f"{number:032x}", url=str(number), token=1, date=day),
            "a.test",
            Result(outcome=Outcome.ENRICHED, stage="fetch", settled_at=0.0),
        )
        for number, day in enumerate(given)
    ]
    with store.engine.begin() as connection:
        connection.execute(articles.insert(), rows)
        found = connection.execute(text("SELECT id, day FROM reading")).all()
    days = {int(id_, 16): str(day) for id_, day in found if day is not None}
    assert days == {number: day for number, day in enumerate(given) if is_day(day)}
    assert len(days) > 1000


def is_day(text_: str) -> bool:
    try:
        return bool(date.fromisoformat(text_))
    except ValueError:
        return False


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        (1_744_804_800, "2025-04-16 12:00:00"),
        (1_744_804_800.75, "2025-04-16 12:00:00"),
        (-62_135_596_800, "0001-01-01 00:00:00"),
        (1e300, None),
        (-1e18, None),
        ("2025-04-16T12:00:00Z", None),
        ([], None),
        (True, None),
    ],
)
def test_a_time_of_publication_is_read_where_a_later_version_has_written_one(
    store: Store, published: Any, shown: str | None
) -> None:
    put_record(store, 1, {"published": published})
    (row,) = reading(store, "published")
    value = row["published"]
    assert (value and str(value)[:19]) == shown


@pytest.mark.parametrize("topics", [None, "sport", {"label": "sport"}, 7, [], ["sport"], [None, 1, []]])
def test_topics_that_are_none_are_null(store: Store, topics: Any) -> None:
    put_record(store, 1, {"topics": topics})
    (row,) = reading(store, "topics")
    assert row["topics"] is None


def test_the_articles_of_a_day_and_language_are_found_by_an_index(store: Store) -> None:
    for number in range(3):
        put(
            store, number, title=f"{number}", date=f"2025-04-1{9 - number}", language="de" if number else "en"
        )
    with store.engine.connect() as connection:
        assert list(connection.execute(text(QUERY)).scalars()) == ["2", "1"]
        if not is_sqlite(store):
            connection.execute(text("SET enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if is_sqlite(store) else "EXPLAIN"
        plan = "\n".join(str(row) for row in connection.execute(text(f"{explain} {QUERY}")))
    assert "articles_by_day" in plan
    assert "B-TREE FOR ORDER BY" not in plan
    assert "Sort" not in plan


def test_the_view_of_a_store_of_the_first_release_shows_its_rows(store_url: str) -> None:
    make_old_store(store_url)
    with open_store(store_url) as store:
        rows = reading(store, "title, topics, authors, outcome")
    assert [tuple(row.values()) for row in rows] == [
        ("A title \N{NEWSPAPER}", "sport", "A. Author", "enriched"),
        (None, None, None, "failed"),
        ("Copy", None, None, "duplicate"),
    ]
