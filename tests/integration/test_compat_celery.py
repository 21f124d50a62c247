"""Canaries of what newsmill overrides and reads in Celery and billiard: real workers, whose stages do nothing.

They fail where a library renames a part, or calls it no more.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from prometheus_client.parser import text_string_to_metric_families

from monitoring.aggregate import scrape
from tasks.article import Outcome
from tasks.pipeline import STAGES
from tests.poison import RUBBISH
from workers.delivery.compat.celery_events import stage_events
from workers.delivery.compat.kombu_connection import FastReconnect
from workers.delivery.messages import publish
from workers.delivery.runtime import Runtime
from workers.ledger.submit import submission
from workers.local.redis_server import free_port
from workers.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
#: Seconds until something counts as not happening; on an idle machine all of it takes one or two.
PATIENCE = 60


@dataclass
class Worker:
    """A worker as a process (compat_worker.py)."""

    process: "subprocess.Popen[bytes]"
    notes: Path
    hold: Path
    log: Path
    port: int

    def noted(self) -> list[str]:
        return self.notes.read_text().splitlines() if self.notes.exists() else []

    def metric(self, name: str) -> float | None:
        """Return the value of one of the pool's metrics; None before it is served."""
        for family in text_string_to_metric_families(scrape(self.port)):
            for sample in family.samples:
                if sample.name == f"newsmill_{name}":
                    return float(sample.value)
        return None

    def children(self) -> list[int]:
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in listed.read_text().split()]

    def wait_until(self, so: Callable[[], Any]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not so():
            assert time.monotonic() < deadline, (self.noted(), self.log.read_text()[-3000:])
            time.sleep(0.05)


@contextmanager
def running(settings: Settings, queue: str, folder: Path, **env: str) -> Iterator[Worker]:
    port = free_port()
    files = {name: folder / f"{queue}.{name}" for name in ("notes", "hold", "log")}
    variables = {
        **{key: value for key, value in os.environ.items() if not key.startswith("NEWSMILL_")},
        **settings.environment(),
        "NEWSMILL_METRICS_PORT": str(port),
        "NEWSMILL_METRICS_ADDRESS": "127.0.0.1",
        "NOTES": str(files["notes"]),
        "HOLD": str(files["hold"]),
        "PYTHONPATH": str(ROOT),
        **env,
    }
    with files["log"].open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.compat_worker", queue],
            env=variables,
            stdout=log,
            stderr=log,
            cwd=folder,
        )
    try:
        yield Worker(process, port=port, **files)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def settings(runtime: Runtime) -> Settings:
    changes = {"enrich_processes": 2, "fetch_threads": 2, "tasks_per_child": 3, "drain_seconds": 5}
    return load_settings(**{**runtime.settings.model_dump(), **changes})


@pytest.fixture
def submit(app: Celery, runtime: Runtime) -> Callable[..., None]:
    """Lease articles and publish their chains; to `queue` instead of the first stage's."""
    numbers = iter(range(1000))

    def publish_some(count: int, queue: str | None = None) -> None:
        runtime.frontier.submit([submission(f"http://{next(numbers)}.test/") for _ in range(count)])
        leases = runtime.frontier.claim(count)
        assert len(leases) == count
        for lease in leases:
            publish(app, runtime.settings, lease.article, queue=queue)

    return publish_some


def enriched(runtime: Runtime) -> int:
    return runtime.frontier.snapshot().outcomes[Outcome.ENRICHED]


def test_a_chain_goes_through_two_workers_that_call_every_override_of_transport_and_connection(
    runtime: Runtime, settings: Settings, submit: Callable[..., None], tmp_path: Path
) -> None:
    with running(settings, "fetch", tmp_path) as fetch, running(settings, "enrich", tmp_path) as enrich:
        submit(2)
        enrich.wait_until(lambda: enriched(runtime) == 2)
        expected = {
            "QoS.pipe_or_acquire",
            "Channel._create_client",
            "Channel._get_pool",
            "FastReconnect.ensure_connection",
        }
        assert expected <= set(fetch.noted())
        assert expected <= set(enrich.noted())
        # Without the rest of the chain, an article would be settled after its first task.
        first, *later = (f"stage {stage.name}" for stage in STAGES)
        assert [note for note in fetch.noted() if note.startswith("stage")] == [first] * 2
        assert Counter(note for note in enrich.noted() if note.startswith("stage")) == dict.fromkeys(later, 2)


def test_a_worker_outlives_messages_and_broadcasts_that_nobody_can_read(
    runtime: Runtime, settings: Settings, submit: Callable[..., None], tmp_path: Path
) -> None:
    redis, prefix = runtime.redis, settings.key_prefix
    redis.rpush(f"{prefix}celery:fetch", *RUBBISH.values())
    with running(settings, "fetch", tmp_path) as fetch, running(settings, "enrich", tmp_path) as enrich:
        submit(1)
        enrich.wait_until(lambda: enriched(runtime) == 1)
        for item in RUBBISH.values():
            assert redis.publish(f"{prefix}celery:/0.celery.pidbox", item) == 2
        submit(1)
        enrich.wait_until(lambda: enriched(runtime) == 2)
        assert {"Transport._deliver", "Channel._receive_one"} <= set(fetch.noted())
        assert redis.llen(f"{prefix}invalid") == len(RUBBISH)


def test_a_pool_s_processes_are_seen_and_replaced_without_loss(
    runtime: Runtime, settings: Settings, submit: Callable[..., None], tmp_path: Path
) -> None:
    with running(settings, "enrich", tmp_path) as worker:
        worker.wait_until(lambda: worker.metric("pool_size") == 2)
        worker.wait_until(lambda: worker.metric("children_started_total") == 2)
        assert (worker.metric("child_memory_bytes") or 0) > 1e6
        worker.hold.touch()
        submit(1, "enrich")
        worker.wait_until(lambda: worker.metric("pool_busy") == 1)
        worker.hold.unlink()
        submit(5, "enrich")
        worker.wait_until(lambda: enriched(runtime) == 6)
        # Six articles, three a process: at least one process is replaced.
        worker.wait_until(lambda: (worker.metric("children_started_total") or 0) > 2)
        assert worker.metric("children_lost_total") == 0


def test_a_killed_process_of_a_pool_is_noticed_counted_and_replaced(
    runtime: Runtime, settings: Settings, submit: Callable[..., None], tmp_path: Path
) -> None:
    with running(settings, "enrich", tmp_path) as worker:
        # An article each: Celery ends a worker whose processes die before they are up.
        worker.hold.touch()
        submit(2, "enrich")
        worker.wait_until(lambda: worker.noted().count(f"stage {STAGES[0].name}") == 2)
        worker.hold.unlink()
        worker.wait_until(lambda: enriched(runtime) == 2)
        assert "NoticingPool._event_process_exit" not in worker.noted()
        os.kill(worker.children()[0], signal.SIGKILL)
        worker.wait_until(lambda: worker.metric("children_lost_total") == 1)
        worker.wait_until(lambda: worker.metric("children_started_total") == 3)
        worker.wait_until(lambda: "NoticingPool._event_process_exit" in worker.noted())


def test_an_unrecoverable_error_stops_a_worker_by_the_method_that_is_replaced(
    settings: Settings, tmp_path: Path
) -> None:
    with running(settings, "fetch", tmp_path, BROKEN="1") as worker:
        worker.wait_until(lambda: worker.process.poll() is not None)
        assert "end_within 1" in worker.noted()


def test_connections_are_of_the_class_that_is_set(app: Celery) -> None:
    with app.connection_for_read() as for_read, app.connection_for_write() as for_write:
        assert isinstance(for_read, FastReconnect)
        assert isinstance(for_write, FastReconnect)


def test_a_stage_in_place_is_announced_as_a_task(app: Celery) -> None:
    seen: list[dict[str, Any]] = []
    task = app.tasks["tasks.fetch"]
    task.push_request(id="one", root_id="root", hostname="here")
    deadline = time.monotonic() + PATIENCE
    try:
        with app.connection_for_read() as connection:
            receiver = app.events.Receiver(connection, handlers={"*": seen.append})
            with receiver.consumer_context() as (connected, _, _):
                # Redis has the subscription only after the first look: what is sent before is heard by nobody.
                while len(seen) < 3 and time.monotonic() < deadline:
                    stage_events(task)("extract")()
                    with suppress(TimeoutError):
                        connected.drain_events(timeout=0.1)
    finally:
        task.pop_request()
    assert [event["type"] for event in seen[:3]] == ["task-received", "task-started", "task-succeeded"]
    received = seen[0]
    assert {event["uuid"] for event in seen} == {"one.extract"}
    assert (received["name"], received["root_id"], received["parent_id"], received["hostname"]) == (
        *("tasks.extract", "root", "one", "here"),
    )
