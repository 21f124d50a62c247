"""A real worker for the canaries: stages that do nothing, and a file that notes which of newsmill's overrides were called.

    NOTES=file BROKEN=1 python -m tests.integration.compat_worker enrich

A stage waits while the file of `HOLD` exists. With BROKEN the consumer raises, as for an error that Celery cannot
recover from.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from celery.worker.consumer import Consumer

from tasks.article import Article
from tasks.pipeline import STAGES
from tasks.stage import Step
from workers.delivery import celery_app, runtime
from workers.delivery.compat import billiard_pool, kombu_connection, kombu_transport
from workers.delivery.service import run_worker
from workers.settings import load_settings

NOTES = Path(os.environ["NOTES"])
HOLD = Path(os.environ["HOLD"])


def note(text: str) -> None:
    with NOTES.open("a") as file:
        file.write(f"{text}\n")


def noting(owner: type, name: str) -> None:
    """Note the calls of a method that `owner` overrides; KeyError where it has none of that name."""
    method = vars(owner)[name]

    def call(*args: Any, **options: Any) -> Any:
        note(f"{owner.__name__}.{name}")
        return method(*args, **options)

    setattr(owner, name, call)


def noting_pool(make: Callable[..., type], *names: str) -> Callable[..., type]:
    """Note the calls of what a pool's class overrides, which `make` returns."""

    def made(*args: Any) -> type:
        pool = make(*args)
        for name in names:
            noting(pool, name)
        return pool

    return made


def steps(_: object) -> Mapping[str, Step]:
    return {stage.name: noting_step(stage.name) for stage in STAGES}


def noting_step(name: str) -> Step:
    def step(article: Article) -> Article:
        note(f"stage {name}")
        while HOLD.exists():
            time.sleep(0.05)
        return article

    return step


def broken(_: Consumer) -> None:
    raise RuntimeError("not to be recovered from")


def main() -> None:
    runtime.bind = steps  # type: ignore[assignment]
    runtime.Runtime.load = lambda *_: None  # type: ignore[method-assign]
    noting(kombu_transport.QoS, "pipe_or_acquire")
    noting(kombu_transport.Channel, "_create_client")
    noting(kombu_transport.Channel, "_get_pool")
    noting(kombu_transport.Channel, "_receive_one")
    noting(kombu_transport.Transport, "_deliver")
    noting(kombu_connection.FastReconnect, "ensure_connection")
    celery_app.noticing_deaths = noting_pool(billiard_pool.noticing_deaths, "_event_process_exit")
    end_within = celery_app.end_within

    def noted_end_within(seconds: float, code: int = 0) -> None:
        note(f"end_within {code}")
        end_within(seconds, code)

    celery_app.end_within = noted_end_within
    if os.environ.get("BROKEN"):
        Consumer.start = broken
    run_worker(load_settings(_env_file=None), sys.argv[1])


if __name__ == "__main__":
    main()
