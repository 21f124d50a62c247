"""The catalogue is what is served: nothing else, nothing less, each with its unit and its buckets."""

from itertools import pairwise
from pathlib import Path

from prometheus_client import CollectorRegistry

from monitoring.backlog import Backlog, BacklogCollector, RedisState, StoreState
from monitoring.catalogue import Definition, catalogue
from monitoring.exporter import describe_process
from monitoring.metrics import Meter, SchedulerMeter
from monitoring.pool import Children, Pool, PoolCollector

ROOT = Path(__file__).parents[2]

BACKLOG = Backlog(
    waiting=3,
    in_flight=2,
    in_flight_limit=200,
    deferred=1,
    settled={"enriched": 7},
    oldest=60,
    next_due=5,
    hosts_due=4,
    hosts_paced=6,
    paused={"a.test": 9},
    walls={("a.test", "blocked"): 3},
    blocks={"a.test": 7200},
    queues={"fetch": 8},
    invalid={("fetch", "body"): 1},
    kept={"robots": 0.5},
)
REDIS = RedisState(memory=1, memory_limit=0, aof_ok=True, evicted_keys=0, clients=2, commands=3)
STORE = StoreState(rows=7, size=4096, connections=1)


def served() -> CollectorRegistry:
    """Return all metrics of all processes."""
    registry = CollectorRegistry()
    Meter(registry)
    SchedulerMeter(registry)
    registry.register(BacklogCollector(lambda: (REDIS, BACKLOG), lambda: STORE))
    pool = Pool("enrich", size=lambda: 2, busy=lambda: 1, pids=lambda: [1], children=Children(2, 0))
    registry.register(PoolCollector(pool))
    describe_process(registry, "enrich")
    return registry


def shown_name(one: Definition) -> str:
    return one.name.removesuffix("_total") if one.kind == "counter" else one.name


def test_what_is_served_is_what_the_catalogue_has_with_its_type_and_help() -> None:
    metrics = [metric for metric in served().collect() if metric.name.startswith("newsmill_")]
    assert {metric.name: (metric.type, metric.documentation) for metric in metrics} == {
        shown_name(one): (one.kind, one.help) for one in catalogue()
    }


def test_every_sample_has_the_labels_of_its_definition() -> None:
    known = {shown_name(one): set(one.labels) for one in catalogue()}
    for metric in served().collect():
        for sample in metric.samples:
            if metric.name in known:
                assert set(sample.labels) - {"le"} == known[metric.name]


def test_process_metrics_are_there_too() -> None:
    assert (served().get_sample_value("process_resident_memory_bytes") or 0) > 0


def test_names_end_in_their_unit_and_counters_in_total() -> None:
    for one in catalogue():
        assert one.name.endswith("_total") is (one.kind == "counter"), one.name
        assert one.kind != "histogram" or one.name.endswith("_seconds"), one.name
        assert one.help.endswith("."), one.name


def test_buckets_rise_by_steps_off_which_a_quantile_can_be_read() -> None:
    histograms = [one for one in catalogue() if one.kind == "histogram"]
    assert len(histograms) == 5
    for one in histograms:
        assert all(1 < then / first <= 7 for first, then in pairwise(one.buckets)), one.name


def test_each_set_of_buckets_says_why() -> None:
    lines = (ROOT / "monitoring" / "catalogue.py").read_text("utf-8").splitlines()
    sets = [number for number, line in enumerate(lines) if "_BUCKETS = (" in line]
    assert len(sets) == 5
    assert all(lines[number - 1].startswith("#:") for number in sets)


def test_what_is_away_is_shown_as_down_and_nothing_is_made_up() -> None:
    registry = CollectorRegistry()
    registry.register(BacklogCollector(lambda: None, lambda: None))
    samples = {sample.name: sample.value for metric in registry.collect() for sample in metric.samples}
    assert samples == {"newsmill_redis_up": 0, "newsmill_store_up": 0}
