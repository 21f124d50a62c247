"""A worker's metrics: its pool, and what the pool's processes have counted in files."""

from typing import Any

import structlog

from monitoring.compat import share_by_slot
from monitoring.exporter import serve, worker_registry
from monitoring.pool import Children, Pool
from monitoring.pool_files import own_directory
from workers.delivery.compat.billiard_pool import counting, slot
from workers.delivery.compat.celery_worker import (
    change_pool,
    consumed_queues,
    has_processes,
    pool_pids,
    pool_size,
    running_tasks,
)
from workers.delivery.runtime import Runtime

log = structlog.get_logger(__name__)


def serve_metrics(runtime: Runtime, worker: Any) -> None:
    """Serve the metrics of a Celery worker on NEWSMILL_METRICS_PORT; OSError if that port is in use.

    Call it in the worker's main process, before the pool starts.
    """
    directory = own_directory()
    share_by_slot(directory, slot)
    runtime.metrics_directory = directory
    settings = runtime.settings
    registry = worker_registry(directory, watched(worker))
    port = serve(settings.metrics_port or 0, settings.metrics_address, registry)
    log.info("Serving metrics", address=settings.metrics_address, port=port)


def watched(worker: Any) -> Pool:
    """Return a view of a worker's pool; count its processes from now on."""
    children = None
    if has_processes(worker):
        children = Children()
        change_pool(worker, lambda pool: counting(pool, children))
    return Pool(
        queue=",".join(sorted(consumed_queues(worker))),
        size=lambda: pool_size(worker),
        busy=running_tasks,
        pids=lambda: pool_pids(worker),
        children=children,
    )
