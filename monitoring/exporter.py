"""Serves a process's metrics over HTTP, for Prometheus to scrape."""

from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector


def serve(port: int, address: str, registry: CollectorRegistry) -> None:
    """Serve `registry` on http://address:port/metrics from a thread; OSError where the port is in use."""
    start_http_server(port, addr=address, registry=registry)


def shared_registry(directory: Path) -> CollectorRegistry:
    """Return a registry that adds up what all processes of a pool have written into `directory`."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(directory))  # type: ignore[no-untyped-call]
    return registry
