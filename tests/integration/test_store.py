"""What the store promises, on SQLite and on PostgreSQL alike: one row a URL, never one of an older attempt."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy import inspect

from tasks.article import Article, Outcome, Topic, article_id
from workers.store.filters import Filter
from workers.store.rows import Result, record_of
from workers.store.schema import documents
from workers.store.store import Store, open_store

SPORT = Topic(id="medtop:15000000", label="sport", score=0.9)
TENNIS = Topic(id="medtop:20001058", label="tennis", score=0.4)


def article(url: str = "http://a.test/1", token: int = 1, **fields: Any) -> Article:
    return Article(id=article_id(url), url=url, token=token, submitted_at=1_700_000_000.123, **fields)


def result(outcome: Outcome = Outcome.ENRICHED, **fields: Any) -> Result:
    return Result(outcome=outcome, **{"stage": "tag_topics", "settled_at": 1_700_000_060.5, **fields})


def put(store: Store, url: str, outcome: Outcome = Outcome.ENRICHED, **fields: Any) -> str:
    """Write a row; fields of the result and of the article by their names."""
    of_result = {name: fields.pop(name) for name in ("reason", "stage", "settled_at") if name in fields}
    host = url.split("/")[2]
    assert store.write(article(url, **fields), host, result(outcome, **of_result))
    return url


def urls(rows: Iterator[Any]) -> list[str]:
    return [row["url"] for row in rows]


FULL = article(
    extras={"desk": "Süd", "row": 3},
    final_url="http://a.test/2",
    status=200,
    html=b"<html>",
    title="A title \N{NEWSPAPER}",
    date="2025-04-16",
    categories=("one", "two"),
    text="First.\nSecond \U0001f30d line\u2028with \ud7ff and \ufffd.",
    language="zh-cn",
    language_confidence=0.75,
    language_detector="langdetect",
    content_id="c" * 32,
    near_duplicate_of="http://b.test/1",
    topics=(SPORT, TENNIS),
    versions={"extractor": "trafilatura/2.3", "detector": "langdetect/1", "tagger": "t/1", "other": "x"},
    timings={"fetch": 12.5, "extract": 3.25},
)


def test_a_row_says_all_that_is_known_of_its_article(store: Store) -> None:
    story = ({"at": 1, "event": "later", "reason": "server_error"},)
    store.write(FULL, "a.test", result(attempts=2, deferrals=1, history=story, detail="why"))
    row = store.row(FULL.id)
    assert row
    columns = dict(row)
    assert columns.pop("record") == msgspec.json.decode(msgspec.json.encode(record_of(FULL)))
    assert columns == {
        "id": FULL.id,
        "url": "http://a.test/1",
        "host": "a.test",
        "outcome": "enriched",
        "reason": None,
        "detail": "why",
        "stage": "tag_topics",
        "attempts": 2,
        "deferrals": 1,
        "token": 1,
        "submitted_at": datetime(2023, 11, 14, 22, 13, 20, 123_000, UTC),
        "settled_at": datetime(2023, 11, 14, 22, 14, 20, 500_000, UTC),
        "language": "zh-cn",
        "language_confidence": 0.75,
        "content_id": "c" * 32,
        "duplicate_of": None,
        "near_duplicate_of": "http://b.test/1",
        "extractor": "trafilatura/2.3",
        "detector": "langdetect/1",
        "tagger": "t/1",
        "taxonomy": None,
        "timings": {"fetch": 12.5, "extract": 3.25},
        "history": list(story),
    }


def test_the_record_keeps_the_text_to_the_letter_and_never_the_page(store: Store) -> None:
    store.write(FULL, "a.test", result())
    row = store.row(FULL.id)
    assert row
    assert row["record"]["text"] == FULL.text
    assert row["record"]["title"] == FULL.title
    assert row["record"]["source"] == FULL.extras
    assert row["record"]["topics"][0] == {"id": "medtop:15000000", "label": "sport", "score": 0.9}
    assert not {"html", "url", "language", "versions"} & row["record"].keys()


def test_a_bare_article_makes_a_row_too(store: Store) -> None:
    assert store.write(article(), "a.test", result(Outcome.REJECTED, stage="fetch", reason="not_found"))
    row = store.row(article().id)
    assert row
    assert (row["outcome"], row["reason"], row["record"], row["history"]) == ("rejected", "not_found", {}, [])


def test_an_older_attempt_never_overwrites_a_newer_one(store: Store) -> None:
    assert store.write(article(token=1_700_000_000_000_002), "a.test", result())
    assert not store.write(article(token=1_700_000_000_000_001), "a.test", result(Outcome.FAILED))
    row = store.row(article().id)
    assert row
    assert (row["outcome"], row["token"]) == ("enriched", 1_700_000_000_000_002)


def test_a_newer_attempt_and_the_same_one_again_overwrite_all_of_the_row(store: Store) -> None:
    store.write(FULL, "a.test", result(detail="old"))
    for token, outcome in ((1, Outcome.DUPLICATE), (2, Outcome.REJECTED)):
        assert store.write(article(token=token), "a.test", result(outcome))
        row = store.row(FULL.id)
        assert row
        assert (row["outcome"], row["detail"], row["language"], row["record"]) == (outcome, None, None, {})
    assert store.statistics.tally() == [("rejected", None, 1)]


def test_the_outcome_of_a_submission_is_known_whichever_attempt_wrote_it(store: Store) -> None:
    assert store.outcome_of(article()) is None
    store.write(article(token=1), "a.test", result(Outcome.DUPLICATE))
    assert store.outcome_of(article(token=2)) is Outcome.DUPLICATE


def test_the_outcome_of_an_earlier_submission_is_not_that_of_a_new_one(store: Store) -> None:
    store.write(article(token=1), "a.test", result())
    again = article(token=2).evolve(submitted_at=1_700_000_000.124)
    assert store.outcome_of(again) is None


def test_a_url_without_a_row_is_not_an_error(store: Store) -> None:
    assert store.row("0" * 32) is None
    assert store.url_of("0" * 32) is None
    put(store, "http://a.test/1")
    assert store.url_of(article().id) == "http://a.test/1"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), "1234"),
        (Filter(outcome=Outcome.FAILED), "34"),
        (Filter(outcome=Outcome.FAILED, host="b.test"), "4"),
        (Filter(reason="crashed"), "3"),
        (Filter(stage="extract"), "34"),
        (Filter(language="de"), "2"),
        (Filter(topic="medtop:15000000"), "1"),
        (Filter(topic="Ten"), "12"),
        (Filter(topic="ennis"), ""),
        (Filter(since=datetime.fromtimestamp(20, UTC)), "234"),
        (Filter(until=datetime.fromtimestamp(20, UTC)), "1"),
        (Filter(since=datetime.fromtimestamp(20, UTC), until=datetime.fromtimestamp(40, UTC)), "23"),
        (Filter(made_by="trafilatura 2"), "2"),
        (Filter(made_by="minhash-1"), "12"),
        (Filter(not_made_by="minhash"), "34"),
        (Filter(made_by="t_afilatura"), ""),
    ],
)
def test_rows_are_found_by_what_they_are_in_the_order_they_were_settled(
    store: Store, wanted: Filter, found: str
) -> None:
    put(store, "http://b.test/4", Outcome.FAILED, stage="extract", reason="error", settled_at=40)
    put(store, "http://a.test/3", Outcome.FAILED, stage="extract", reason="crashed", settled_at=30)
    made_by = {"extractor": "trafilatura 2.3"}
    put(
        store,
        "http://a.test/2",
        language="de",
        topics=(TENNIS,),
        deduper="minhash-1",
        versions=made_by,
        settled_at=20,
    )
    put(
        store,
        "http://a.test/1",
        language="en",
        topics=(SPORT, TENNIS),
        deduper="minhash-1",
        settled_at=10,
    )
    assert "".join(url[-1] for url in urls(store.rows(wanted))) == found


def test_a_limit_counts_the_rows_that_pass_the_filter(store: Store) -> None:
    for number in range(6):
        put(store, f"http://a.test/{number}", settled_at=number, topics=(SPORT,) if number % 2 else ())
    assert urls(store.rows(Filter(topic="sport"), limit=2)) == ["http://a.test/1", "http://a.test/3"]
    assert urls(store.rows(limit=0)) == []


def test_rows_are_streamed_while_others_write(store: Store) -> None:
    for number in range(600):
        put(store, f"http://a.test/{number}", settled_at=number)
    rows = store.rows()
    first = next(rows)
    put(store, "http://a.test/new", settled_at=9_999)
    assert [first["url"], *urls(rows)][:600] == [f"http://a.test/{number}" for number in range(600)]


def test_a_reader_that_stops_early_frees_its_connection(store: Store) -> None:
    for number in range(3):
        put(store, f"http://a.test/{number}")
    for _ in range(50):
        rows = store.rows()
        next(rows)
        rows.close()  # type: ignore[attr-defined]  # a generator, whatever it promises
    assert len(list(store.rows())) == 3


def test_outcomes_are_tallied_with_their_reasons_most_first(store: Store) -> None:
    for number in range(3):
        put(store, f"http://a.test/{number}")
    for number in range(2):
        put(store, f"http://b.test/{number}", Outcome.REJECTED, reason="robots")
    put(store, "http://c.test/", Outcome.REJECTED, reason="not_html")
    put(store, "http://d.test/", Outcome.DUPLICATE)
    assert store.statistics.tally() == [
        ("enriched", None, 3),
        ("rejected", "robots", 2),
        ("duplicate", None, 1),
        ("rejected", "not_html", 1),
    ]


def test_the_dead_are_counted_by_reason_stage_and_host(store: Store) -> None:
    for number in range(2):
        put(store, f"http://a.test/{number}", Outcome.FAILED, reason="error", stage="extract")
    put(store, "http://a.test/x", Outcome.FAILED, reason="timeout", stage="extract")
    put(store, "http://b.test/x", Outcome.FAILED, reason="error", stage="dedupe")
    put(store, "http://a.test/fine")
    assert store.dead(Filter()) == [
        ("error", "extract", "a.test", 2),
        ("error", "dedupe", "b.test", 1),
        ("timeout", "extract", "a.test", 1),
    ]
    assert store.dead(Filter(reason="error", host="b.test")) == [("error", "dedupe", "b.test", 1)]


def test_the_copies_of_an_article_are_found(store: Store) -> None:
    put(store, "http://a.test/1")
    put(store, "http://b.test/1", Outcome.DUPLICATE, duplicate_of="http://a.test/1")
    put(store, "http://c.test/1", Outcome.DUPLICATE, duplicate_of="http://z.test/1")
    assert store.copies_of(["http://a.test/1", "http://q.test/"]) == [("http://a.test/1", "http://b.test/1")]
    assert store.copies_of([]) == []


def test_a_local_document_waits_until_it_is_dropped(store: Store) -> None:
    store.documents.put("d" * 32, b"old")
    store.documents.put("d" * 32, b"\x00\xff<p>new")
    assert store.documents.load("d" * 32) == b"\x00\xff<p>new"
    store.documents.drop("d" * 32)
    with pytest.raises(LookupError, match="submit it again"):
        store.documents.load("d" * 32)


def test_tables_may_be_made_again_and_keep_their_rows(store: Store) -> None:
    put(store, "http://a.test/1")
    store.migrate()
    assert len(list(store.rows())) == 1


CREATE = "import sys; from workers.store.store import Store; s = Store(sys.argv[1]); input(); s.migrate(); s.close()"


def test_processes_that_make_the_tables_at_once_do_not_get_into_each_others_way(store_url: str) -> None:
    command = [sys.executable, "-c", CREATE, store_url]
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    makers = [subprocess.Popen(command, text=True, **pipes) for _ in range(3)]  # type: ignore[call-overload]
    for maker in makers:
        maker.stdin.write("go\n")
        maker.stdin.flush()
    assert [maker.communicate()[1] for maker in makers] == ["", "", ""]
    with open_store(store_url) as made:
        assert inspect(made.engine).has_table(documents.name)


@pytest.fixture
def in_memory() -> Iterator[Store]:
    made = Store.in_memory()
    yield made
    made.close()


def test_a_store_in_memory_is_a_store_like_any_other(in_memory: Store) -> None:
    assert in_memory.write(FULL.evolve(token=2), "a.test", result())
    assert not in_memory.write(FULL, "a.test", result(Outcome.FAILED))
    last = in_memory.last(FULL.id)
    assert last
    assert (last.text, last.topics) == (FULL.text, FULL.topics)
    in_memory.documents.put("d" * 32, b"body")
    assert in_memory.documents.load("d" * 32) == b"body"
    assert in_memory.statistics.tally() == [("enriched", None, 1)]


def test_rows_of_a_store_in_memory_are_streamed_while_the_same_thread_writes(in_memory: Store) -> None:
    for number in range(1200):
        put(in_memory, f"http://a.test/{number}", settled_at=number)
    rows, seen = in_memory.rows(), []
    for row in rows:
        seen.append(row["url"])
        if len(seen) % 100 == 0:
            put(in_memory, f"http://b.test/{len(seen)}", settled_at=0)
    assert seen == [f"http://a.test/{number}" for number in range(1200)]
    assert in_memory.statistics.tally() == [("enriched", None, 1212)]


def test_threads_share_a_store_in_memory_and_none_loses_a_row(in_memory: Store) -> None:
    def work(thread: int) -> None:
        for number in range(50):
            url = put(in_memory, f"http://a.test/{thread}/{number}", settled_at=number)
            assert in_memory.url_of(article_id(url)) == url

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert in_memory.statistics.tally() == [("enriched", None, 400)]


def test_stores_in_memory_are_apart(in_memory: Store) -> None:
    put(in_memory, "http://a.test/1")
    other = Store.in_memory()
    assert list(other.rows()) == []
    other.close()


def test_the_last_owners_are_what_was_enriched_shortly_before_the_newest_row(store: Store) -> None:
    for number, outcome in enumerate(
        [Outcome.ENRICHED, Outcome.DUPLICATE, Outcome.ENRICHED, Outcome.ENRICHED]
    ):
        article = Article(id=f"{number:032x}", url=f"http://a.test/{number}", submitted_at=1, token=1)
        settled = Result(outcome=outcome, stage="tag_topics", settled_at=1_000_000 + 100 * number)
        store.write(article.evolve(content_id=None if number == 3 else f"{number:032x}"), "a.test", settled)
    assert list(store.last_owners(120)) == [(f"{2:032x}", f"{2:032x}")]
    assert {one for one, _ in store.last_owners(3600)} == {f"{0:032x}", f"{2:032x}"}


def test_an_empty_store_has_no_last_owners(store: Store) -> None:
    assert list(store.last_owners(120)) == []
