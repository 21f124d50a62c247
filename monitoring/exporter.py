"""Serves a process's metrics over HTTP, for Prometheus to scrape."""

import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from monitoring import catalogue
from monitoring.metrics import hide_created
from monitoring.pool import Pool, PoolCollector
from monitoring.pool_files import PoolFiles
from monitoring.unexpected import UnexpectedErrors


def serve(port: int, address: str, registry: CollectorRegistry) -> int:
    """Serve `registry` on http://address:port/metrics from a thread; return the port. With port 0 the system chooses one.

    Raises OSError if the port is in use.
    """
    hide_created()
    server, _ = start_http_server(port, addr=address, registry=registry)
    return server.server_port


def worker_registry(directory: Path, pool: Pool) -> CollectorRegistry:
    """Return the metrics of a worker: those of its processes, from files in `directory`, and those of its pool."""
    registry = CollectorRegistry()
    registry.register(PoolFiles(directory))
    registry.register(PoolCollector(pool))
    describe_process(registry, pool.queue)
    return registry


def describe_process(registry: CollectorRegistry, queue: str) -> None:
    """Add the metrics that every process has: its versions, unexpected errors, and process_* for memory and CPU."""
    registry.register(_Info(queue))
    registry.register(UnexpectedErrors())
    ProcessCollector(registry=registry)


class _Info(Collector):
    """The versions of the process."""

    def __init__(self, queue: str) -> None:
        self._values = (queue, version("newsmill"), platform.python_version(), version("celery"))

    def collect(self) -> Iterable[Metric]:
        yield catalogue.WORKER_INFO.show((*self._values, 1))
