"""Throughput of one enrich worker against two, and of a Redis with network latency against one without."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from benchmarks.system.page_server import Page, page_urls, serving
from benchmarks.system.redis_latency import delayed
from benchmarks.system.running_system import RunningSystem, wait_for
from benchmarks.table import Row
from workers.local.supervisor import running
from workers.settings import Settings

#: Seconds of a round trip to Redis in one of the slower data centres.
ROUND_TRIP = 0.002
#: Enrich processes on a core where Redis has that latency (docs/scaling.md).
PROCESSES_A_CORE = 6


@dataclass(frozen=True, slots=True)
class Layout:
    """So many enrich workers with these settings, bound to these cores."""

    workers: int
    settings: Settings
    cores: set[int]


def scaling(folder: Path, pages: list[bytes], rounds: int) -> Iterator[Row]:
    """Compare the throughput of one enrich worker with two, and of a Redis 2 ms away with a local one.

    All pages are fetched before: fetching would compete with the enrich workers for the two cores. The latency is
    measured on one core, with the number of processes that docs/scaling.md recommends for it: while one waits for Redis,
    another works.
    """
    with (
        serving([Page("text/html", page) for page in pages]) as port,
        RunningSystem(folder, port) as system,
        _layouts(system) as layouts,
    ):
        system.start("scheduler")
        system.start("worker", "fetch")
        speeds: dict[str, list[float]] = {name: [] for name in layouts}
        for number in range(rounds):
            for name, layout in layouts.items():
                fetch_all(system, page_urls(port, range(len(pages)), f"{name}{number}"))
                speeds[name].append(_speed(system, layout))
    one = speeds["one"]
    yield Row("one enrich worker: pages a second", one, "pages/s")
    two = [mine / base for mine, base in zip(speeds["two"], one, strict=True)]
    yield Row("two enrich workers on two cores: throughput against one", two, "x", (">=", 1.9))
    remote = [mine / base for mine, base in zip(speeds["remote"], speeds["local"], strict=True)]
    name = f"Redis 2 ms away: throughput against a local one, {PROCESSES_A_CORE} processes on a core"
    yield Row(name, remote, "x", (">=", 0.95))


@contextmanager
def _layouts(system: RunningSystem) -> Iterator[dict[str, Layout]]:
    """Yield the layouts that are compared, by name; the proxy with the latency runs meanwhile."""
    cores = os.sched_getaffinity(0)
    core = {min(cores)}
    several = system.settings.model_copy(update={"enrich_processes": PROCESSES_A_CORE})
    address = urlsplit(system.settings.redis_url.get_secret_value())
    with delayed(address.port or 0, ROUND_TRIP) as port:
        url = SecretStr(f"redis://127.0.0.1:{port}/0")
        yield {
            "one": Layout(1, system.settings, cores),
            "two": Layout(2, system.settings, cores),
            "local": Layout(1, several, core),
            "remote": Layout(1, several.model_copy(update={"redis_url": url}), core),
        }


def fetch_all(system: RunningSystem, urls: list[str]) -> None:
    """Have all URLs fetched; their messages then wait for an enrich worker."""
    system.forget_contents()
    system.submit(urls)
    before = system.settled
    wait_for(lambda: system.waiting_for_enrich + system.settled - before, len(urls))


def _speed(system: RunningSystem, layout: Layout) -> float:
    """Start the layout's workers; return the pages a second from the first quarter of what is in flight to the last."""
    with ExitStack() as stack:
        for _ in range(layout.workers):
            child = system.child("worker", "enrich", settings=layout.settings)
            process = stack.enter_context(running(child)).process
            assert process
            os.sched_setaffinity(process.pid, layout.cores)  # before it forks
        in_flight, done = system.frontier.snapshot().in_flight, system.settled
        wait_for(lambda: system.settled, done + in_flight // 4)
        first, began = system.settled, time.perf_counter()
        wait_for(lambda: system.settled, done + in_flight)
        return (done + in_flight - first) / (time.perf_counter() - began)
