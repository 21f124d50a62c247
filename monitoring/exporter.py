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


def serve(port: int, address: str, registry: CollectorRegistry) -> int:
    """Serve `registry` on http://address:port/metrics from a thread; return the port, which 0 lets the system choose.

    Raises OSError where the port is in use.
    """
    hide_created()
    server, _ = start_http_server(port, addr=address, registry=registry)
    return server.server_port


def worker_registry(directory: Path, pool: Pool) -> CollectorRegistry:
    """Return the metrics of a worker: what all processes of its pool have written into `directory`, and its pool's."""
    registry = CollectorRegistry()
    registry.register(PoolFiles(directory))
    registry.register(PoolCollector(pool))
    describe_process(registry, pool.queue)
    return registry


def describe_process(registry: CollectorRegistry, queue: str) -> None:
    """Add what is said of every process: who it is, and process_*, its memory and CPU."""
    registry.register(_Info(queue))
    ProcessCollector(registry=registry)


class _Info(Collector):
    """The process's build information."""

    def __init__(self, queue: str) -> None:
        self._values = (queue, version("newsmill"), platform.python_version(), version("celery"))

    def collect(self) -> Iterable[Metric]:
        yield catalogue.WORKER_INFO.show((*self._values, 1))
