"""A worker's own metrics: its pool as Celery has it, and the files in which the pool's processes count."""

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
    """Serve the metrics of a Celery worker on the port of its settings; OSError where that is in use.

    Called in its main process, before the pool is started.
    """
    directory = own_directory()
    share_by_slot(directory, slot)
    runtime.metrics_directory = directory
    settings = runtime.settings
    registry = worker_registry(directory, watched(worker))
    port = serve(settings.metrics_port or 0, settings.metrics_address, registry)
    log.info("metrics are served", address=settings.metrics_address, port=port)


def watched(worker: Any) -> Pool:
    """Return what there is to see of a worker's pool, whose processes are counted from now on."""
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
