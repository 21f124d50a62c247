"""The counters of real workers equal the rows, with a new process for every article, and in a few files only.

100 processes here; NEWSMILL_RECYCLINGS=1000 makes them a thousand, in five minutes.
"""

import os
import re
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from kombu import pools
from prometheus_client.parser import text_string_to_metric_families

from monitoring.aggregate import scrape
from tasks.article import Article, article_id
from workers.delivery.celery_app import make_app
from workers.delivery.runtime import Runtime
from workers.delivery.scheduler import Scheduler
from workers.ledger.entries import Submission
from workers.local.redis_server import free_port
from workers.local.supervisor import Child, Supervisor
from workers.settings import Settings, load_settings
from workers.store.schema import articles

RECYCLINGS = int(os.environ.get("NEWSMILL_RECYCLINGS", "100"))
SLOTS = 2

pytestmark = pytest.mark.timeout(120 + RECYCLINGS)

#: A news item in each of several languages.
TEXTS = [
    " ".join(page["text"].split())
    for page in tomllib.loads((Path(__file__).parent / "pages.toml").read_text("utf-8")).values()
]

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def document(number: int) -> str:
    """Return a document: every fifth is a copy of the one before, every seventh has no article in it."""
    if number % 7 == 6:
        return f"<!doctype html><title>{number}</title><p>Nothing."
    number -= number % 5 == 4
    return f"{TEXTS[number % len(TEXTS)]} {number} {number * 7}."


@dataclass
class Plant:
    """Two workers, and the scheduler in the test's hands."""

    app: Celery
    settings: Settings
    folder: Path
    ports: dict[str, int]
    supervisor: Supervisor

    def __post_init__(self) -> None:
        self.runtime: Runtime = self.app.newsmill
        self.scheduler = Scheduler(self.app, self.runtime)

    def settle(self, texts: list[str], first: int = 0) -> None:
        """Submit documents, and work until all have their rows."""
        for number, text in enumerate(texts, first):
            url = f"file:///{number}.{'html' if text.startswith('<') else 'txt'}"
            self.runtime.store.documents.put(article_id(url), text.encode())
            self.runtime.frontier.submit([Submission(article_id(url), url, "")])
        self.drive(lambda: not self.runtime.frontier.snapshot().unsettled)

    def drive(self, until: Callable[[], Any]) -> Any:
        """Let scheduler and workers work until something is so; return it."""
        deadline = time.monotonic() + 60 + RECYCLINGS
        while not (so := until()):
            self.scheduler.step()
            logs = "\n".join(file.read_text()[-3000:] for file in self.folder.glob("*.log"))
            assert time.monotonic() < deadline, f"{self.runtime.frontier.snapshot()}\n{logs}"
            time.sleep(0.02)
        return so

    def metrics(self) -> Samples:
        """Return the sum of what the two workers serve."""
        total: Counter[Any] = Counter()
        for port in self.ports.values():
            for metric in text_string_to_metric_families(scrape(port)):
                for one in metric.samples:
                    total[one.name, tuple(sorted(one.labels.items()))] += one.value  # type: ignore[assignment]
        return dict(total)

    def files(self, queue: str) -> set[str]:
        """Return the names of the files that a worker and its processes count in."""
        (directory,) = (self.folder / queue).glob("newsmill-metrics-*")
        return {file.name for file in directory.iterdir()}


@contextmanager
def plant(redis_url: str, folder: Path) -> Iterator[Plant]:
    """Run a fetch worker, and an enrich worker whose processes do one article each."""
    settings = load_settings(
        _env_file=None,
        redis_url=redis_url,
        database_url=f"sqlite:///{folder}/newsmill.db",
        key_prefix=f"{folder.name}:",
        enrich_processes=SLOTS,
        fetch_threads=4,
        tasks_per_child=1,
        drain_seconds=5,
        host_interval=0,
    )
    supervisor, app = Supervisor(folder / "pids"), make_app(settings)
    app.newsmill.store.migrate()
    ports = {"fetch": free_port(), "enrich": free_port()}
    try:
        for queue, port in ports.items():
            (folder / queue).mkdir()
            env = {
                **settings.environment(),
                "NEWSMILL_METRICS_PORT": str(port),
                "TMPDIR": str(folder / queue),
            }
            command = [sys.executable, "-m", "workers.cli", "worker", queue]
            supervisor.start(Child(queue, command, folder / f"{queue}.log", env=env))
        yield Plant(app, settings, folder, ports, supervisor)
    finally:
        supervisor.stop(15)
        app.newsmill.redis.close()
        app.newsmill.store.close()
        app.close()
        pools.reset()  # type: ignore[no-untyped-call]  # kombu shares them by URL among applications


@pytest.fixture(scope="module")
def recycled(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """Workers that have done one document, and then so many more that each slot had many processes."""
    with plant(redis_url, tmp_path_factory.mktemp("recycled")) as running:
        running.settle([TEXTS[0]])
        running.drive(lambda: len(running.files("enrich")) >= 2)
        running.settle([document(number) for number in range(RECYCLINGS)], first=1)
        yield running


@pytest.fixture(scope="module")
def counted(recycled: Plant) -> Samples:
    """What is shown once the last process has been replaced."""
    recycled.drive(lambda: recycled.metrics().get(("newsmill_pool_busy", (("queue", "enrich"),))) == 0)
    return recycled.metrics()


@pytest.fixture(scope="module")
def rows(recycled: Plant) -> list[dict[str, Any]]:
    return [dict(row) for row in recycled.runtime.store.rows()]


def labelled(counted: Samples, name: str, *labels: str) -> dict[Any, int]:
    """Return the counts of a metric by its labels' values, those that are nought left out."""
    found = {
        tuple(dict(pairs)[label] for label in labels): int(value)
        for (sample, pairs), value in counted.items()
        if sample == f"newsmill_{name}" and value
    }
    return {key if len(key) > 1 else key[0]: value for key, value in found.items()}


def test_articles_by_outcome_and_reason_equal_the_rows(counted: Samples, rows: list[dict[str, Any]]) -> None:
    assert len(rows) == RECYCLINGS + 1
    assert {row["outcome"] for row in rows} == {"enriched", "duplicate", "rejected"}
    assert labelled(counted, "articles_total", "outcome", "reason") == Counter(
        (row["outcome"], row["reason"] or "") for row in rows
    )


def test_duplicates_languages_and_topics_equal_the_rows(counted: Samples, rows: list[dict[str, Any]]) -> None:
    enriched = [row for row in rows if row["outcome"] == "enriched"]
    best = [next((one["label"] for one in row["record"].get("topics", ())), "none") for row in enriched]
    kinds = Counter(
        "exact" if row["duplicate_of"] else "near"
        for row in rows
        if row["duplicate_of"] or row["near_duplicate_of"]
    )
    assert len({row["language"] for row in enriched}) > 5
    assert labelled(counted, "languages_total", "language") == Counter(row["language"] for row in enriched)
    assert labelled(counted, "topics_total", "topic") == Counter(best)
    assert labelled(counted, "duplicates_total", "kind") == kinds


def test_attempts_stages_writes_and_waits_are_as_many_as_the_articles(
    counted: Samples, rows: list[dict[str, Any]]
) -> None:
    number = len(rows)
    stages = Counter(stage for row in rows for stage in row["timings"])
    assert labelled(counted, "attempts_total", "stage") == {"fetch": number, "extract": number}
    assert labelled(counted, "queue_wait_seconds_count", "queue") == {"fetch": number, "enrich": number}
    assert labelled(counted, "stage_seconds_count", "stage") == stages
    assert counted["newsmill_store_write_seconds_count", ()] == number
    assert counted["newsmill_end_to_end_seconds_count", ()] == number
    assert counted["newsmill_stale_deliveries_total", ()] == 0


def test_every_article_had_a_process_of_its_own_and_none_was_lost(counted: Samples) -> None:
    started = counted["newsmill_children_started_total", (("queue", "enrich"),)]
    assert RECYCLINGS + 1 <= started <= RECYCLINGS + 1 + SLOTS
    assert counted["newsmill_children_lost_total", (("queue", "enrich"),)] == 0


def test_so_many_processes_left_two_files_a_slot(recycled: Plant, counted: Samples) -> None:
    assert counted
    files = recycled.files("enrich")
    assert files == {f"{kind}_{slot}.db" for kind in ("counter", "histogram") for slot in range(SLOTS)}
    assert recycled.files("fetch") == {"counter_main.db", "histogram_main.db"}
    (directory,) = (recycled.folder / "enrich").glob("newsmill-metrics-*")
    assert max(file.stat().st_size for file in directory.iterdir()) < 1_000_000


def test_the_pools_and_their_processes_are_shown(recycled: Plant, counted: Samples) -> None:
    in_pool = ("newsmill_child_memory_bytes", (("queue", "enrich"),))
    # Between the end of a process and the start of the next there may be none.
    shown = recycled.drive(lambda: samples if in_pool in (samples := recycled.metrics()) else None)

    def of(name: str, queue: str) -> float:
        value: float = shown[f"newsmill_{name}", (("queue", queue),)]
        return value

    assert (of("pool_size", "enrich"), of("pool_size", "fetch")) == (SLOTS, 4)
    assert of("worker_memory_bytes", "enrich") > of("child_memory_bytes", "enrich") > 10_000_000
    assert of("worker_cpu_seconds_total", "enrich") > RECYCLINGS * 0.01
    infos = [dict(pairs) for (name, pairs), _ in counted.items() if name == "newsmill_worker_info"]
    assert {info["queue"] for info in infos} == {"fetch", "enrich"}
    assert all(re.fullmatch(r"[\d.]+\w*", info[name]) for info in infos for name in ("version", "celery"))
    assert recycled.metrics()["process_open_fds", ()] > 0


def test_a_killed_process_is_a_lost_one_and_what_it_had_counted_stays(
    recycled: Plant, counted: Samples
) -> None:
    main = recycled.supervisor._children[1].process
    assert main is not None
    listed = Path(f"/proc/{main.pid}/task/{main.pid}/children")
    # Between the end of a process and the start of the next there may be none.
    children = recycled.drive(lambda: listed.read_text().split())
    lost = ("newsmill_children_lost_total", (("queue", "enrich"),))
    before = recycled.metrics()[lost]
    os.kill(int(children[-1]), signal.SIGKILL)
    recycled.drive(lambda: recycled.metrics().get(lost, 0) > before)
    after = recycled.metrics()
    assert labelled(after, "articles_total", "outcome", "reason") == labelled(
        counted, "articles_total", "outcome", "reason"
    )


def test_a_row_that_an_attempt_before_wrote_is_counted_by_what_is_in_it(recycled: Plant) -> None:
    runtime = recycled.runtime
    with runtime.store.engine.connect() as connection:
        columns = (articles.c.id, articles.c.url, articles.c.language, articles.c.submitted_at)
        found = connection.execute(articles.select().with_only_columns(*columns).where(columns[2] == "de"))
        row = found.mappings().first()
    assert row is not None
    runtime.frontier.submit([Submission(row["id"], row["url"], "")], again=True)
    (lease,) = runtime.frontier.claim(1)
    at = row["submitted_at"].timestamp()
    finished = runtime.ledger.finish(Article(**{**_fields(lease.article), "submitted_at": at}))
    value = runtime.meter.registry.get_sample_value
    assert finished
    assert value("newsmill_languages_total", {"language": "de"}) == 1
    assert value("newsmill_articles_total", {"outcome": "enriched", "reason": ""}) == 1


def _fields(article: Article) -> dict[str, Any]:
    return {name: getattr(article, name) for name in ("id", "url", "token")}


def test_a_worker_that_ends_takes_its_directory_with_it(recycled: Plant) -> None:
    fetch = recycled.supervisor._children[0]
    assert list((recycled.folder / "fetch").iterdir())
    fetch.terminate()
    fetch.wait(20)
    assert list((recycled.folder / "fetch").iterdir()) == []
