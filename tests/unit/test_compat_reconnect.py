"""What Celery and kombu would notice late: dead processes, a Redis that is back."""

from typing import Any

import pytest

from workers.delivery.compat.billiard_pool import noticing_deaths
from workers.delivery.compat.kombu_connection import FastReconnect


class Pool:
    """As much of Celery's prefork pool as looks at a process whose pipe was closed: it is gone at the third look."""

    def __init__(self) -> None:
        self._pool = ["process"]
        self.looks = 0

    def _event_process_exit(self, hub: Any, proc: Any) -> None:
        del hub
        self.looks += 1
        if self.looks == 3:
            self._pool.remove(proc)


class Hub:
    """An event loop that comes to what is due at once."""

    def call_later(self, delay: float, callback: Any, *args: Any) -> None:
        assert 0 < delay < 0.5
        callback(*args)


def test_a_process_that_is_about_to_be_gone_is_looked_at_until_it_is() -> None:
    pool = noticing_deaths(Pool)()
    pool._event_process_exit(Hub(), "process")
    assert (pool.looks, pool._pool) == (3, [])


def test_a_connection_looks_for_its_redis_every_second(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr(FastReconnect, "_ensure_connection", lambda _, *__, **options: asked.update(options))
    FastReconnect("redis://127.0.0.1:1/0").ensure_connection(None, None)
    assert (asked["interval_start"], asked["interval_step"], asked["interval_max"]) == (1, 0, 1)
