"""billiard's prefork pool, of which Celery's is made: processes that end are noticed at once, and counted.

What and why: two subclasses override private methods, for which billiard has no hook.
- `_event_process_exit` (celery.concurrency.asynpool.AsynPool): a process's pipe is closed a moment before the process
  can be waited for. Celery looks once, when the pipe is closed, may find the process still there, and next looks when a
  timer says so, up to 5 s later; its article waits that long.
- `_create_worker_process`, `_join_exited_workers` (billiard.pool.Pool): where each process of every pool is started,
  and where each that has ended is found. billiard tells nobody of either.
Figure: an article whose process was killed is delivered again after 0.1 s, not after up to 5 s (tests/faults).
Versions: Celery 5.7 with the billiard it asks for (pyproject.toml).
When it is gone: a renamed method would fail silently: late deliveries, counters at 0. The canaries start a real pool,
kill a process of it, and look.
"""

from typing import Any

from billiard.pool import EX_OK, EX_RECYCLE
from billiard.process import current_process

from monitoring.pool import Children

#: Seconds between two looks at a process that is about to be gone.
_LOOK_AGAIN = 0.05


def noticing_deaths(pool: type) -> type:
    """Return the prefork pool's class, made to notice at once that one of its processes has died."""

    class NoticingPool(pool):  # type: ignore[misc]
        def _event_process_exit(self, hub: Any, proc: Any) -> None:
            super()._event_process_exit(hub, proc)
            if proc in self._pool:
                hub.call_later(_LOOK_AGAIN, self._event_process_exit, hub, proc)

    return NoticingPool


def counting(pool: type, children: Children) -> type:
    """Return the pool's class, made to count the processes that it starts, and those that died.

    A process that was replaced as intended, or ended with its pool, has not died.
    """

    class CountingPool(pool):  # type: ignore[misc]
        def _create_worker_process(self, i: int) -> Any:
            process = super()._create_worker_process(i)
            children.started += 1
            return process

        def _join_exited_workers(self, shutdown: bool = False) -> Any:
            codes = super()._join_exited_workers(shutdown)
            if not shutdown:  # a pool that shuts down ends its processes itself
                children.lost += sum(code not in {EX_OK, EX_RECYCLE} for code in codes or ())
            return codes

    return CountingPool


def slot() -> str:
    """Return the place of this process in its pool; a new process takes that of the one it replaces."""
    return str(getattr(current_process(), "index", "main"))
