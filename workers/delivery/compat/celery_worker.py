"""A Celery worker: its pool, its running tasks, its queues, and how it stops after an error.

What and why: Celery has no public way to set the class of a prefork pool, to read how many tasks run, or to be told that a
worker stops because of an error. `worker` is what the signals `worker_init` and `celeryd_after_setup` pass.
- `worker.pool.Pool` (celery.concurrency.prefork.TaskPool): the class that the pool is made of when it starts.
- `worker.pool.info`, `.active`, `.num_processes` (celery.concurrency.base.BasePool): its processes and its size.
- `worker.app.amqp.queues.consume_from`: the queues that the worker consumes.
- `celery.worker.state.active_requests`: the running tasks.
- `worker.stop` (celery.worker.WorkController): Celery calls it with `exitcode` after an error that it cannot recover from
  ("Unrecoverable error"). It is replaced on the object.
Figure: none. `stop` mends a fault: such a worker may wait for its processes for ever.
Versions: Celery 5.7 (`>=5.7,<5.8` in pyproject.toml).
When it is gone: without `Pool` and `stop`, nothing fails: deaths are noticed late and are not counted, and a worker hangs
after an error. Without the others, metrics of the pool are missing. The canaries in
tests/integration/test_compat_celery.py read the metrics of a real worker, and break one.
"""

from collections.abc import Callable, Sequence
from typing import Any

from celery.worker import state


def has_processes(worker: Any) -> bool:
    """Return whether the worker's pool is one of processes."""
    return hasattr(worker.pool, "Pool")


def change_pool(worker: Any, change: Callable[[type], type]) -> None:
    """Replace the class of the worker's pool, which has not started yet, by `change` of it."""
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
    """Return the names of the queues that the worker consumes."""
    return frozenset(worker.app.amqp.queues.consume_from)


def before_stop(worker: Any, call: Callable[[int], object]) -> None:
    """Call `call` with the exit code before the worker stops because of an error."""
    stop = worker.stop

    def stop_after(*, exitcode: int | None = None, **options: Any) -> None:
        call(exitcode or 0)
        stop(exitcode=exitcode, **options)

    worker.stop = stop_after
