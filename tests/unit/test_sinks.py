"""Sinks take batches; one that comes twice changes nothing."""

from pathlib import Path

from tasks.article import Article, Outcome
from workers.inspect.export import write_all
from workers.sinks.columns import settled
from workers.sinks.memory import MemorySink
from workers.sinks.sink import SettledArticle
from workers.store.rows import Result
from workers.store.store import Store


def article(id_: str, token: int, title: str) -> SettledArticle:
    return SettledArticle(id_, token, {"title": title})


def test_a_batch_that_comes_twice_or_late_changes_nothing() -> None:
    sink = MemorySink()
    sink.write([article("a", 2, "new"), article("b", 1, "other")])
    sink.write([article("a", 2, "new"), article("a", 1, "old")])
    assert sink.fields == {"a": {"title": "new"}, "b": {"title": "other"}}
    sink.write([article("a", 3, "newer")])
    assert sink.fields["a"] == {"title": "newer"}


def test_all_rows_of_a_store_go_through_a_sink_which_is_closed_then(tmp_path: Path) -> None:
    store, sink = Store(f"sqlite:///{tmp_path}/x.db"), MemorySink()
    store.migrate()
    for number in range(1001):
        one = Article(id=f"{number:032x}", url=f"http://a.test/{number}", token=number)
        store.write(one, "a.test", Result(outcome=Outcome.ENRICHED, stage="fetch", settled_at=float(number)))
    assert write_all(store.rows(), sink) == 1001
    assert sink.is_closed
    assert {fields["url"] for fields in sink.fields.values()} == {f"http://a.test/{n}" for n in range(1001)}
    assert {settled(row).token for row in store.rows(limit=2)} == {0, 1}
    store.close()
