"""Latency of a single URL through a system that has nothing else to do."""

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from urllib.request import urlopen

from benchmarks.system.page_server import Page, serving
from benchmarks.system.running_system import RunningSystem
from benchmarks.table import Row


def latency(folder: Path, pages: list[bytes], count: int) -> Iterator[Row]:
    """Time so many URLs, one after the other, from submit to row, less the time that the page server takes."""
    with serving([Page("text/html", page) for page in pages]) as port, RunningSystem(folder, port) as system:
        system.start_all()
        times = []
        for number in range(-2, count):  # the first two load what is loaded at first use, and robots.txt
            system.forget_contents()
            name = f"one{number}/{number % len(pages)}.html"
            server_time = _time_of_request(f"http://127.0.0.1:{port}/{name}")
            began, done = time.perf_counter(), system.settled
            system.submit([f"http://site-0.test:{port}/{name}"])
            while system.settled == done:
                time.sleep(0.002)
            if number >= 0:
                times.append((time.perf_counter() - began - server_time) * 1000)
    percentiles = quantiles(times, n=100)
    yield Row(f"one URL in an idle system, {count} times: median", [percentiles[49]], "ms", ("<=", 150))
    yield Row("... 99th percentile", [percentiles[98]], "ms", ("<=", 500))


def _time_of_request(url: str) -> float:
    """Return the seconds that the page server takes."""
    began = time.perf_counter()
    with urlopen(url, timeout=10) as answer:
        answer.read()
    return time.perf_counter() - began
