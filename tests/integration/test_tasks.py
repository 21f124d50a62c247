"""Deliveries that break off, and workers that cannot go on: an article's lease brings it back."""

from typing import Any

import pytest
from celery import Celery, signals
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError  # noqa: A004 - redis's own name

from workers.delivery import celery_app, tasks
from workers.delivery.runtime import Runtime
from workers.ledger.entries import State
from workers.ledger.submit import submission


def broken_off(error: Exception) -> Any:
    """Be a call that raises the error."""

    def call(*_: object, **__: object) -> None:
        raise error

    return call


@pytest.mark.parametrize("error", [ConnectionError("away"), OperationalError("away")])
def test_a_task_raises_nothing_where_its_delivery_breaks_off(
    app: Celery, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    runtime.frontier.submit([submission("http://a.test/1")])
    (lease,) = runtime.frontier.claim(1)
    monkeypatch.setattr(runtime.runner, "deliver", broken_off(error))
    done = app.tasks["tasks.fetch"].apply(args=(lease.article.to_message(),))
    assert done.successful()
    assert runtime.frontier.state(lease.article.id) is State.IN_FLIGHT


def test_a_task_raises_nothing_where_the_next_one_cannot_be_published(
    app: Celery, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.frontier.submit([submission("http://a.test/1")])
    (lease,) = runtime.frontier.claim(1)
    monkeypatch.setattr(runtime.runner, "deliver", lambda article, *_, **__: article)
    monkeypatch.setattr(tasks, "pass_on", broken_off(OperationalError("away")))
    links = [{"task": "tasks.extract", "options": {"queue": "enrich", "task_id": "next"}}]
    done = app.tasks["tasks.fetch"].apply(args=(lease.article.to_message(),), chain=links)
    assert done.successful()


class Worker:
    """Notes how it is stopped."""

    def __init__(self) -> None:
        self.stops: list[dict[str, Any]] = []

    def stop(self, **how: Any) -> None:
        self.stops.append(how)


@pytest.mark.usefixtures("app")
def test_a_worker_that_cannot_go_on_is_given_its_drain_time_to_end_as_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[tuple[float, int]] = []
    monkeypatch.setattr(celery_app, "end_within", lambda *limit: given.append(limit))
    worker = Worker()
    signals.worker_init.send(sender=worker)
    worker.stop(exitcode=1)
    assert worker.stops == [{"exitcode": 1}]
    assert (25, 1) in given
