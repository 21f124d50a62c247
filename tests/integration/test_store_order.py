"""Rows by their publication and in any order, on SQLite and on PostgreSQL alike."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tasks.article import Article, Outcome, Topic
from workers.errors import UserError
from workers.store import articles as module
from workers.store.filters import Filter
from workers.store.order import SORTS, Order
from workers.store.rows import Result, row_of
from workers.store.schema import articles
from workers.store.store import Store
from workers.times import moment

APRIL_16 = datetime(2025, 4, 16, tzinfo=UTC)
NOON = datetime(2025, 4, 16, 12, tzinfo=UTC)
APRIL_17 = datetime(2025, 4, 17, tzinfo=UTC)


def put(store: Store, name: str, *, settled: float = 0.0, published: Any = None, **fields: Any) -> None:
    article = Article(id=f"{ord(name):032x}", url=f"http://{name}.test/", token=1, **fields)
    row = row_of(article, f"{name}.test", Result(outcome=Outcome.ENRICHED, stage="fetch", settled_at=settled))
    if published is not None:
        row["record"]["published"] = published
    with store.engine.begin() as connection:
        connection.execute(articles.insert(), row)


def names(store: Store, filter_: Filter | None = None, **more: Any) -> str:
    return "".join(chr(int(row["id"], 16)) for row in store.rows(filter_, **more))


@pytest.fixture
def published(store: Store) -> Store:
    """Rows of the day before, of a day, of noon that day, of the day after, and without a date."""
    put(store, "b", settled=1, date="2025-04-15")
    put(store, "d", settled=2, date="2025-04-16")
    put(store, "n", settled=3, date="2025-04-16", published=NOON.timestamp())
    put(store, "a", settled=4, date="2025-04-17")
    put(store, "x", settled=5, date="2025-02-30")
    return store


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (None, None, "bdnax"),
        (APRIL_16, None, "dna"),
        (None, APRIL_16, "b"),
        (APRIL_16, APRIL_17, "dn"),
        (NOON, None, "na"),
        (None, NOON, "bd"),
        (moment("2025-04-16T14:00+02:00"), None, "na"),
        (moment("2025-04-16T14:00:01+02:00"), None, "a"),
    ],
)
def test_publication_is_the_time_where_it_is_known_else_the_beginning_of_the_day(
    published: Store, since: datetime | None, until: datetime | None, found: str
) -> None:
    assert names(published, Filter(published_since=since, published_until=until)) == found


def test_times_of_another_zone_are_compared_as_the_moments_they_are(store: Store) -> None:
    put(store, "a", settled=NOON.timestamp())
    assert names(store, Filter(since=moment("2025-04-16T14:00+02:00"))) == "a"
    assert names(store, Filter(since=moment("2025-04-16T14:00:01+02:00"))) == ""


@pytest.mark.parametrize(
    ("by", "ascending", "descending"),
    [
        ("settled_at", "bdnax", "xandb"),
        ("published", "bdnax", "andbx"),
        ("day", "bdnax", "andbx"),
        ("host", "abdnx", "xndba"),
        ("url", "abdnx", "xndba"),
    ],
)
def test_rows_are_sorted_and_those_without_it_come_last(
    published: Store, by: str, ascending: str, descending: str
) -> None:
    assert names(published, order=Order(by)) == ascending
    assert names(published, order=Order(by, descending=True)) == descending


@pytest.mark.parametrize("by", SORTS)
def test_every_order_has_every_row_once(published: Store, by: str) -> None:
    assert sorted(names(published, order=Order(by))) == sorted("bdnax")


def test_rows_that_are_alike_come_as_they_were_settled(store: Store) -> None:
    for name, settled in (("b", 2.0), ("a", 3.0), ("c", 1.0)):
        put(store, name, settled=settled, title="Rain")
    assert names(store, order=Order("title")) == "cba"


def test_what_cannot_be_sorted_by_is_answered_with_what_can() -> None:
    with pytest.raises(UserError, match=r"by 'text'\. Choose one of settled_at, .*title"):
        Order("text")


def test_sorted_rows_are_filtered_and_limited_over_many_fetches(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FETCHED", 2)
    sport = (Topic("medtop:15000000", "sport", 0.9),)
    for number, name in enumerate("hgfedcba"):
        put(store, name, settled=float(number), title=name, topics=sport if number % 2 else (), language="de")
    by_title = Order("title")
    assert names(store, order=by_title) == "abcdefgh"
    assert names(store, Filter(topic="sport", language="de"), limit=3, order=by_title) == "ace"
    assert names(store, Filter(language="en"), order=by_title) == ""


def test_no_row_comes_that_the_filter_does_not_want_though_rows_change_meanwhile(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FETCHED", 1)
    for name in "abc":
        put(store, name, title=name, language="de")
    rows = store.rows(Filter(language="de"), order=Order("title"))
    assert next(rows)["url"] == "http://a.test/"
    with store.engine.begin() as connection:
        connection.execute(articles.update().where(articles.c.host == "b.test").values(language="en"))
    # SQLite shows what was there when the reading began; PostgreSQL what is there when a row is fetched.
    left = ["http://b.test/"] if store.file else []
    assert [row["url"] for row in rows] == [*left, "http://c.test/"]
