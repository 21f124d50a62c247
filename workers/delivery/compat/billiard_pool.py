"""The prefork pool of Celery and billiard: processes that have died are replaced at once, and counted.

What and why: two subclasses override private methods; there is no hook.
- `_event_process_exit` (celery.concurrency.asynpool.AsynPool): the pipe of a dying process is closed a moment before
  its exit code can be read. Celery looks once, when the pipe is closed; if there is no exit code yet, it looks again at
  its next timer, up to 5 s later. The article of that process waits that long. Here it looks every 0.05 s.
- `_create_worker_process`, `_join_exited_workers` (billiard.pool.Pool): start each process of a pool, and find each that
  has ended. `newsmill_children_started_total` and `_lost_total` are counted there.
- `EX_OK`, `EX_RECYCLE` (billiard.pool): exit codes of processes that end as intended.
- `current_process().index` (billiard.process): a process's place in the pool.
Figure: it mends a fault. A process that got SIGKILL was replaced within .1 to .4 s (median .2 s of 16 times), and within
.15 to 5 s without the override (median 3.2 s).
Versions: Celery 5.7, billiard 4.3 (`>=5.7,<5.8` and `>=4.3.2,<4.4` in pyproject.toml).
When it is gone: nothing fails. Articles of killed processes wait for seconds, counters stay at 0. The canary in
tests/integration/test_compat_celery.py lets a real pool replace its processes, kills one, and reads both.
"""

from typing import Any

from billiard.pool import EX_OK, EX_RECYCLE
from billiard.process import current_process

from monitoring.pool import Children

#: Seconds until the next look at a process without an exit code.
_LOOK_AGAIN = 0.05


def noticing_deaths(pool: type) -> type:
    """Return a subclass of the prefork pool's class that notices at once when one of its processes has died."""

    class NoticingPool(pool):  # type: ignore[misc]
        def _event_process_exit(self, hub: Any, proc: Any) -> None:
            super()._event_process_exit(hub, proc)
            if proc in self._pool:
                hub.call_later(_LOOK_AGAIN, self._event_process_exit, hub, proc)

    return NoticingPool


def counting(pool: type, children: Children) -> type:
    """Return a subclass of the pool's class that counts in `children` the processes that it starts, and those that died.

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
