"""The sum over several processes, some of which are starting, gone, or started again."""

from collections.abc import Callable, Iterator
from threading import Thread
from wsgiref.simple_server import WSGIServer

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from monitoring.aggregate import Key, Totals, aggregate_registry, scrape
from monitoring.exporter import serve

Serve = Callable[[CollectorRegistry], int]


@pytest.fixture
def serving() -> Iterator[Serve]:
    """Serve a process's registry; its port."""
    servers: list[tuple[WSGIServer, Thread]] = []

    def start(registry: CollectorRegistry) -> int:
        servers.append(start_http_server(0, addr="127.0.0.1", registry=registry))
        return servers[-1][0].server_port

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def process(articles: int, queue: str) -> CollectorRegistry:
    registry = CollectorRegistry()
    Counter("newsmill_articles", "Articles.", ["outcome"], registry=registry).labels("enriched").inc(articles)
    Histogram("newsmill_wait_seconds", "Wait.", registry=registry, buckets=(1, 2)).observe(1.5)
    Gauge("newsmill_pool_size", "Size.", ["queue"], registry=registry).labels(queue).set(2)
    Gauge("newsmill_urls", "URLs.", registry=registry).set(articles)
    Gauge("newsmill_loop_timestamp_seconds", "Last.", registry=registry).set(1000 + articles)
    Gauge("newsmill_worker_info", "Info.", registry=registry).set(1)
    return registry


def test_counters_histograms_and_gauges_are_added_by_their_labels(serving: Serve) -> None:
    front = aggregate_registry([serving(process(3, "fetch")), serving(process(4, "enrich"))])
    value = front.get_sample_value
    assert value("newsmill_articles_total", {"outcome": "enriched"}) == 7
    assert value("newsmill_wait_seconds_bucket", {"le": "1.0"}) == 0
    assert value("newsmill_wait_seconds_bucket", {"le": "2.0"}) == 2
    assert (value("newsmill_wait_seconds_count"), value("newsmill_wait_seconds_sum")) == (2, 3)
    assert value("newsmill_urls") == 7
    assert value("newsmill_pool_size", {"queue": "fetch"}) == 2
    assert value("newsmill_pool_size", {"queue": "enrich"}) == 2


def test_moments_and_ones_are_not_added(serving: Serve) -> None:
    front = aggregate_registry([serving(process(3, "fetch")), serving(process(4, "enrich"))])
    assert front.get_sample_value("newsmill_loop_timestamp_seconds") == 1004
    assert front.get_sample_value("newsmill_worker_info") == 1


def test_a_process_that_does_not_answer_is_left_out(serving: Serve) -> None:
    front = aggregate_registry([serving(process(3, "fetch")), 1])
    assert front.get_sample_value("newsmill_articles_total", {"outcome": "enriched"}) == 3


def test_the_sum_is_itself_served_as_metrics_of_the_same_types(serving: Serve) -> None:
    text = scrape(serving(aggregate_registry([serving(process(3, "fetch"))])))
    assert "# TYPE newsmill_articles_total counter" in text
    assert "# TYPE newsmill_wait_seconds histogram" in text
    assert 'newsmill_articles_total{outcome="enriched"} 3.0' in text


ONE: Key
TWO: Key
ONE, TWO = ("n_total", (("kind", "one"),)), ("n_total", (("kind", "two"),))


def test_what_a_process_counted_before_it_was_started_again_stays_in_the_sum() -> None:
    totals = Totals()
    for shown in ({ONE: 5.0, TWO: 2.0}, {ONE: 7.0, TWO: 2.0}, {ONE: 1.0}, {ONE: 3.0, TWO: 1.0}):
        totals.update({"n": shown})
    assert totals.now() == {"n": {ONE: 10.0, TWO: 3.0}}


def test_the_sum_never_falls() -> None:
    totals = Totals()
    seen = []
    for value in (0.0, 3.0, 0.0, 0.0, 2.0, 1.0, 9.0):
        totals.update({"n": {ONE: value}})
        seen.append(totals.now()["n"][ONE])
    assert seen == [0, 3, 3, 3, 5, 6, 14]


def test_a_port_that_is_in_use_is_refused(serving: Serve) -> None:
    port = serving(CollectorRegistry())
    with pytest.raises(OSError, match="in use"):
        serve(port, "127.0.0.1", CollectorRegistry())
