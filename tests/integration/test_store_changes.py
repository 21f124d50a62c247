"""What has changed, on SQLite and on PostgreSQL: nobody who reads on from a number misses anything."""

import threading
from collections.abc import Iterable
from itertools import pairwise

import pytest
from sqlalchemy import Connection, text

from tasks.article import Outcome
from tests.integration.old_store import DUPLICATE, ENRICHED, FAILED, make_old_store
from tests.integration.test_store import article, put, result
from workers.errors import UserError
from workers.store.changes import Change
from workers.store.filters import Filter
from workers.store.store import Store, open_store, open_to_read


def seen(found: Iterable[Change]) -> list[tuple[str, str | None]]:
    """Return id and outcome of each change."""
    return [(one.id, one.row["outcome"] if one.row else None) for one in found]


def test_each_article_comes_once_as_it_is_now_in_the_order_of_its_last_change(store: Store) -> None:
    first, second = article("http://a.test/1"), article("http://b.test/1")
    put(store, first.url, Outcome.FAILED)
    put(store, second.url)
    put(store, first.url)
    found = list(store.changes.after(0))
    assert seen(found) == [(second.id, "enriched"), (first.id, "enriched")]
    assert all(one.number < other.number for one, other in pairwise(found))
    assert [one.token for one in found] == [1, 1]


def test_a_reader_goes_on_from_the_number_it_has_come_to(store: Store) -> None:
    put(store, "http://a.test/1")
    (one,) = store.changes.after(0)
    assert list(store.changes.after(one.number)) == []
    put(store, "http://a.test/2")
    assert seen(store.changes.after(one.number)) == [(article("http://a.test/2").id, "enriched")]


def test_a_row_that_an_older_attempt_may_not_overwrite_is_no_change(store: Store) -> None:
    put(store, "http://a.test/1", token=7)
    (one,) = store.changes.after(0)
    assert not store.write(article("http://a.test/1", token=6), "a.test", result(Outcome.FAILED))
    assert list(store.changes.after(one.number)) == []


def test_a_row_that_somebody_deletes_or_changes_by_hand_is_a_change(store: Store) -> None:
    put(store, "http://a.test/1", token=5)
    put(store, "http://a.test/2")
    *_, last = store.changes.after(0)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM articles WHERE url = 'http://a.test/1'")
    (gone,) = store.changes.after(last.number)
    assert (gone.id, gone.token, gone.row) == (article("http://a.test/1").id, 5, None)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE articles SET id = 'another' WHERE url = 'http://a.test/2'")
    renamed = seen(store.changes.after(gone.number))
    assert sorted(renamed) == sorted([(article("http://a.test/2").id, None), ("another", "enriched")])


def test_an_article_that_does_not_pass_the_filter_any_more_comes_as_deleted(store: Store) -> None:
    put(store, "http://a.test/1", language="de")
    put(store, "http://a.test/2", language="en")
    german = Filter(language="de", outcome=Outcome.ENRICHED)
    assert [outcome for _, outcome in seen(store.changes.after(0, german))] == ["enriched", None]


def test_what_an_older_version_has_written_before_and_after_the_upgrade_is_there(store_url: str) -> None:
    make_old_store(store_url)
    with open_store(store_url) as store:
        found = list(store.changes.after(0))
        assert [one.id for one in found] == [row["id"] for row in store.rows()]
        assert {one.id for one in found} == {ENRICHED, DUPLICATE, FAILED}
        with store.engine.begin() as connection:
            connection.execute(
                text("UPDATE articles SET outcome = 'enriched' WHERE id = :id"), {"id": FAILED}
            )
        assert seen(store.changes.after(found[-1].number)) == [(FAILED, "enriched")]


def test_a_store_of_an_older_version_is_not_taken_for_one_without_changes(store_url: str) -> None:
    make_old_store(store_url)
    with open_to_read(store_url) as store, pytest.raises(UserError, match="notes no changes yet"):
        list(store.changes.after(0))


def test_a_number_that_the_store_has_not_come_to_is_refused(store: Store) -> None:
    put(store, "http://a.test/1")
    with pytest.raises(UserError, match="a backup was restored"):
        list(store.changes.after(store.changes.last() + 10**9))


@pytest.fixture
def server(store: Store) -> Store:
    if store.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    return store


def write_in(connection: Connection, url: str, store: Store) -> None:
    """Write a row within a transaction of the test's own."""
    put(store, "http://template.test/")
    connection.exec_driver_sql(
        "INSERT INTO articles SELECT (jsonb_populate_record(a, jsonb_build_object('id', md5(%(url)s), 'url', %(url)s))).* "
        "FROM articles a WHERE url = 'http://template.test/'",
        {"url": url},
    )


def test_a_row_that_commits_late_is_not_passed_by_a_reader(server: Store) -> None:
    with server.engine.connect() as slow:
        write_in(slow, "http://slow.test/", server)
        put(server, "http://fast.test/")  # begins later, commits earlier
        number = max((one.number for one in server.changes.after(0)), default=0)
        assert all(one.row and one.row["url"] != "http://fast.test/" for one in server.changes.after(0))
        slow.commit()
    urls = [one.row["url"] for one in server.changes.after(number) if one.row]
    assert {"http://slow.test/", "http://fast.test/"} <= set(urls)


def test_a_reader_among_eight_writers_misses_nothing(store: Store) -> None:
    stopped, ids = threading.Event(), set[str]()

    def write(who: int) -> None:
        for number in range(25):
            put(store, f"http://{who}.test/{number}")

    writers = [threading.Thread(target=write, args=(who,)) for who in range(8)]
    for one in writers:
        one.start()
    number = 0
    while True:
        done = stopped.is_set()
        for change in store.changes.after(number):
            number = change.number
            ids.add(change.id)
        if done:
            break
        if not any(one.is_alive() for one in writers):
            stopped.set()
    assert len(ids) == 200


def test_after_a_restore_in_another_cluster_numbers_go_on_from_the_highest(server: Store) -> None:
    put(server, "http://a.test/1")
    with server.engine.begin() as connection:  # as if the old cluster had come further than this one
        connection.exec_driver_sql("UPDATE change_numbers SET base = base + 1000000000000")
        connection.exec_driver_sql("UPDATE articles SET attempts = attempts")
        connection.exec_driver_sql("UPDATE change_numbers SET base = base - 1000000000000")
    with server.engine.connect() as connection:
        (highest,) = connection.exec_driver_sql("SELECT max(number) FROM changes").one()
    with pytest.raises(UserError, match="a backup was restored"):
        list(server.changes.after(highest))
    server.migrate()  # as whoever is to write does
    assert list(server.changes.after(highest)) == []
    put(server, "http://a.test/2")
    assert [one.row["url"] for one in server.changes.after(highest) if one.row] == ["http://a.test/2"]
    assert len(list(server.changes.after(0))) == 2
