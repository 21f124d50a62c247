"""Soak test: memory, open files, Redis and speed of a system under full load, over many pages.

    python -m benchmarks.system.soak [--pages 50000] [--picture docs/soak.png]

The server generates each page when it is requested, so that no two pages are alike (benchmarks/generated_pages.py).
All figures are read every few seconds. The table has the median of the second tenth of the run, the median of the last
tenth, and their ratio: near 1 means that nothing grows.
"""

import argparse
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

from matplotlib.figure import Figure

from benchmarks.generated_pages import page
from benchmarks.system.page_server import Page, page_urls, serving
from benchmarks.system.process_usage import Usage, process_tree
from benchmarks.system.running_system import RunningSystem
from seeds.demo.stories import load_stories
from workers.local.supervisor import Child

#: Seconds between two readings.
EVERY = 5.0
#: URLs to keep waiting: the system is never idle, and its backlog never long.
BACKLOG = 2000


@dataclass(frozen=True, slots=True)
class Series:
    """A figure over time, and its unit."""

    unit: str
    points: list[float] = field(default_factory=list)

    def tenths(self) -> tuple[float, float]:
        """Return the medians of the second tenth and of the last."""
        tenth = max(len(self.points) // 10, 1)
        return median(self.points[tenth : 2 * tenth] or self.points), median(self.points[-tenth:])


def main() -> None:
    """Run, print the table, and plot it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pages", type=int, default=50_000, help="pages to process")
    parser.add_argument("--picture", type=Path, help="file to plot the curves to")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsmill-soak-") as folder, serving(page_at) as port:
        times, curves = soak(Path(folder), port, given.pages)
    print(f"{given.pages:,} pages in {times[-1] / 60:.0f} minutes\n")
    print("| figure | second tenth of the run | last tenth | ratio |\n| --- | ---: | ---: | ---: |")
    for name, series in curves.items():
        early, late = series.tenths()
        print(
            f"| {name} | {early:,.1f} {series.unit} | {late:,.1f} {series.unit} | {late / max(early, 0.1):.2f} |"
        )
    if given.picture:
        draw(times, curves, given.picture)


def soak(folder: Path, port: int, pages: int) -> tuple[list[float], dict[str, Series]]:
    """Process so many pages; return the times of the readings in seconds, and the curves."""
    curves = {
        "memory: scheduler": Series("MB"),
        "memory: fetch worker": Series("MB"),
        "memory: enrich worker": Series("MB"),
        "Redis: memory": Series("MB"),
        "Redis: keys": Series("keys"),
        "open files": Series("files"),
        "pages a minute": Series("pages/min"),
    }
    times: list[float] = []
    with RunningSystem(folder, port, max_in_flight=200, enrich_processes=2) as system:
        workers = system.start_all()
        began, submitted, before = time.monotonic(), 0, 0
        while (now := system.frontier.snapshot()).settled < pages:
            if submitted < pages and now.unsettled < BACKLOG:
                batch = page_urls(port, range(submitted, min(submitted + BACKLOG, pages)))
                system.submit(batch)
                submitted += len(batch)
            time.sleep(EVERY)
            times.append(time.monotonic() - began)
            settled = system.settled
            used = [Usage.of(one).memory / 1e6 for one in workers]
            info = system.client.info("memory")["used_memory"] / 1e6
            seen = [*used, info, system.client.dbsize(), open_files(workers), (settled - before) * 60 / EVERY]
            for series, value in zip(curves.values(), seen, strict=True):
                series.points.append(value)
            before = settled
    return times, curves


def open_files(workers: list[Child]) -> int:
    """Return how many files the processes and their children have open."""
    count = 0
    for proc in process_tree(*workers):
        with suppress(ProcessLookupError, FileNotFoundError):
            count += sum(1 for _ in (proc / "fd").iterdir())
    return count


def draw(times: list[float], curves: dict[str, Series], file: Path) -> None:
    """Plot a panel for each curve: from zero, over minutes."""
    figure = Figure(figsize=(11, 2 * len(curves)), layout="constrained")
    for panel, (name, series) in zip(figure.subplots(len(curves), sharex=True), curves.items(), strict=True):
        panel.plot([one / 60 for one in times], series.points, linewidth=1)
        panel.set_title(f"{name} [{series.unit}]", fontsize=9, loc="left")
        panel.set_ylim(0, max(series.points) * 1.1)
        panel.grid(alpha=0.3)
    panel.set_xlabel("minutes")
    figure.savefig(file, dpi=80)


def page_at(number: int) -> Page:
    """Return the page of a number; no two are alike."""
    rng = Random(f"soak:{number}")
    return Page("text/html", page(rng.choice(load_stories()), rng))


if __name__ == "__main__":
    main()
