"""A running Celery worker, as its signals hand it over: its pool, its running tasks, and how it stops.

What and why: Celery has no public way to give a prefork pool another class, to read how many tasks run, or to be told
that a worker stops because of an error.
- `worker.pool.Pool` (celery.concurrency.prefork.TaskPool): the class that the pool is made of when it starts.
- `worker.pool.info`, `.active`, `.num_processes`: its processes and size.
- `celery.worker.state.active_requests`: what runs now.
- `worker.stop`: called with `exitcode` where a worker cannot go on ("Unrecoverable error").
Versions: Celery 5.7 (pyproject.toml).
When it is gone: without `Pool`, deaths are noticed late and not counted; without `stop`, a worker that cannot go on may
wait for its processes for ever. The canaries run a worker and look.
"""

from collections.abc import Callable, Sequence
from typing import Any

from celery.worker import state


def has_processes(worker: Any) -> bool:
    """Return whether the worker's pool is one of processes."""
    return hasattr(worker.pool, "Pool")


def change_pool(worker: Any, change: Callable[[type], type]) -> None:
    """Have the worker's pool, which has not started yet, made of `change` of its class."""
    worker.pool.Pool = change(worker.pool.Pool)


def pool_size(worker: Any) -> int:
    """Return how many processes or threads the pool has, 0 before it starts."""
    return worker.pool.num_processes if worker.pool.active else 0


def pool_pids(worker: Any) -> Sequence[int]:
    """Return the ids of the pool's processes; none for threads."""
    return worker.pool.info.get("processes", ()) if worker.pool.active else ()


def running_tasks() -> int:
    """Return how many tasks run in this worker."""
    return len(state.active_requests)


def consumed_queues(worker: Any) -> frozenset[str]:
    """Return the names of the queues that the worker takes messages from."""
    return frozenset(worker.app.amqp.queues.consume_from)


def before_stop(worker: Any, call: Callable[[int], object]) -> None:
    """Have `call` called with the exit code before the worker stops because it cannot go on."""
    stop = worker.stop

    def stop_after(*, exitcode: int | None = None, **options: Any) -> None:
        call(exitcode or 0)
        stop(exitcode=exitcode, **options)

    worker.stop = stop_after
