"""A worker's own metrics: its pool as Celery has it, and the files in which the pool's processes count."""

from collections.abc import Sequence
from typing import Any

import structlog
from billiard.pool import EX_OK, EX_RECYCLE
from billiard.process import current_process
from celery.worker import state

from monitoring.exporter import serve, worker_registry
from monitoring.metrics import share_by_slot
from monitoring.pool import Children, Pool
from monitoring.slots import own_directory
from workers.delivery.runtime import Runtime

log = structlog.get_logger(__name__)


def serve_metrics(runtime: Runtime, worker: Any) -> None:
    """Serve the metrics of a Celery worker on the port of its settings; OSError where that is in use.

    Called in its main process, before the pool is started.
    """
    directory = own_directory()
    share_by_slot(directory, _slot)
    runtime.metrics_directory = directory
    settings = runtime.settings
    registry = worker_registry(directory, watched(worker))
    port = serve(settings.metrics_port or 0, settings.metrics_address, registry)
    log.info("metrics are served", address=settings.metrics_address, port=port)


def watched(worker: Any) -> Pool:
    """Return what there is to see of a worker's pool, whose processes are counted from now on."""
    pool = worker.pool
    children = None
    if hasattr(pool, "Pool"):  # prefork: celery.concurrency.prefork.TaskPool makes its pool of this class
        children = Children()
        pool.Pool = counting(pool.Pool, children)

    def pids() -> Sequence[int]:
        return pool.info.get("processes", ()) if pool.active else ()

    return Pool(
        queue=",".join(sorted(worker.app.amqp.queues.consume_from)),
        size=lambda: pool.num_processes if pool.active else 0,
        busy=lambda: len(state.active_requests),
        pids=pids,
        children=children,
    )


def counting(pool: type, children: Children) -> type:
    """Return the pool class, made to count the processes that it starts and those that it loses.

    billiard tells nobody of either. These two methods are where it does both, for all of its pools.
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


def _slot() -> str:
    """Return the place of this process in its pool; a new process takes that of the one it replaces."""
    return str(getattr(current_process(), "index", "main"))
