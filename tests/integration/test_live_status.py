"""What `newsmill status --watch` reads, on a real Redis and both databases."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tasks.article import Article, Outcome, article_id
from tasks.urls import server_of
from workers.delivery.backlog_metrics import HOSTS_SHOWN
from workers.inspect.connections import frontier_on
from workers.inspect.live_status import TALLY_REST, TIMED_ROWS, StatusReader
from workers.ledger.entries import Priority, Submission
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.settings import load_settings
from workers.store.rows import Result
from workers.store.store import Store

#: A multiple of 5 s.
NOON = datetime(2027, 1, 15, 12, tzinfo=UTC).timestamp()


def write(store: Store, number: int, settled_at: float, outcome: Outcome = Outcome.ENRICHED) -> None:
    url = f"http://a.test/{number}"
    timings = {"fetch": float(number), "extract": 2.0}
    article = Article(id=article_id(url), url=url, submitted_at=1.0, token=1, timings=timings)
    store.write(article, "a.test", Result(outcome=outcome, stage="tag_topics", settled_at=settled_at))


def submission(url: str, priority: Priority = Priority.NORMAL) -> Submission:
    return Submission(article_id(url), url, server_of(url), priority)


@pytest.fixture
def reader(
    redis: RedisClient, make_frontier: Callable[..., Frontier], store: Store, prefix: str
) -> StatusReader:
    settings = load_settings(key_prefix=prefix, _env_file=None)
    return StatusReader(redis, make_frontier(), store, settings)


def test_rows_are_counted_by_outcome_and_step(store: Store) -> None:
    write(store, 0, NOON - 0.1)
    write(store, 1, NOON)
    write(store, 2, NOON + 4.4)
    write(store, 3, NOON + 5)
    write(store, 4, NOON + 5, Outcome.FAILED)
    first = int(NOON) // 5
    assert store.statistics.settled_by_step(first, 5) == {
        (Outcome.ENRICHED, first): 2,
        (Outcome.ENRICHED, first + 1): 1,
        (Outcome.FAILED, first + 1): 1,
    }


def test_the_stage_times_are_those_of_the_newest_rows(store: Store) -> None:
    for number in range(205):
        write(store, number, NOON + number)
    times = [one["fetch"] for one in store.statistics.newest_timings(TIMED_ROWS)]
    assert times == [float(number) for number in range(204, 4, -1)]


def test_a_second_look_adds_what_was_settled_since_and_late_rows(reader: StatusReader, store: Store) -> None:
    now = reader.frontier.snapshot().now / 1000
    write(store, 0, now - 200)
    write(store, 1, now - 8)
    assert sum(reader.read().rates.all()) == 2
    write(store, 2, now - 6)
    write(store, 3, now)
    write(store, 4, now - 400)
    assert sum(reader.read().rates.all()) == 4


def test_a_second_look_asks_for_the_newest_rows_only(reader: StatusReader, store: Store) -> None:
    now = reader.frontier.snapshot().now / 1000
    write(store, 0, now)
    reader.read()
    write(store, 1, now - 100)
    assert sum(reader.read().rates.all()) == 1


def test_the_last_half_second_of_a_step_belongs_to_it(store: Store) -> None:
    write(store, 0, NOON + 4.9)
    write(store, 1, NOON + 5)
    first = int(NOON) // 5
    assert store.statistics.settled_by_step(first, 5) == {
        (Outcome.ENRICHED, first): 1,
        (Outcome.ENRICHED, first + 1): 1,
    }


def test_a_look_at_an_empty_system_succeeds(reader: StatusReader) -> None:
    live = reader.read()
    assert (live.rate, live.drained_seconds, live.stages) == (0.0, None, ())
    assert (live.hosts.due, live.hosts.paced, live.hosts.longest) == (0, 0, ())


def test_what_is_left_is_done_at_the_rate_of_the_rows(reader: StatusReader, store: Store) -> None:
    reader.frontier.submit([submission("http://b.test/1"), submission("http://b.test/2")])
    write(store, 0, reader.frontier.snapshot().now / 1000 - 30)
    live = reader.read()
    assert live.drained_seconds == pytest.approx(2 / live.rate)


def test_the_tally_rests_in_proportion_to_what_it_took(reader: StatusReader, store: Store) -> None:
    times = iter((0.0, 3.0, 3.0 + TALLY_REST, 3.0 + 3 * TALLY_REST, 3.0 + 3 * TALLY_REST))
    reader.clock = lambda: next(times)
    assert reader.read().status.tally == []
    write(store, 0, NOON)
    assert reader.read().status.tally == []
    assert reader.read().status.tally == [("enriched", None, 1)]


def test_hosts_are_due_or_held_back_by_time_or_by_what_is_in_flight(
    reader: StatusReader, prefix: str
) -> None:
    reader.settings = load_settings(key_prefix=prefix, host_interval=1000, _env_file=None)
    frontier = reader.frontier = frontier_on(reader.client, reader.settings)
    frontier.submit(submission(f"http://{host}.test/{number}") for host in "abc" for number in range(3))
    first, _ = frontier.claim(2)
    frontier.settle(first.article, Outcome.ENRICHED)
    host = server_of(first.article.url)
    reader.client.hset(f"{prefix}host:{host}", "fails", 4)
    hosts = reader.read().hosts
    assert (hosts.due, hosts.paced) == (1, 2), "one is at its concurrency"
    (held,) = hosts.longest
    assert (held.host, held.failures) == (host, 4)
    assert 990 < held.seconds <= 1000


def test_hosts_are_listed_in_the_order_of_their_pauses(reader: StatusReader, prefix: str) -> None:
    for number in range(100):
        reader.client.zadd(f"{prefix}ready:{number % 3}", {f"{number}.test": 10**15 + number * 1000})
    hosts = reader.read().hosts
    assert [one.host for one in hosts.longest] == [f"{99 - number}.test" for number in range(HOSTS_SHOWN)]
    assert hosts.paced == 100


def test_redis_says_how_much_it_may_take(reader: StatusReader) -> None:
    assert reader.read().redis.memory_limit == 0
