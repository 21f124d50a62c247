"""Whether anything grows: memory, open files and Redis of a mill at full load, page after page.

    python -m benchmarks.soak [--pages 50000] [--picture docs/soak.png]

A server makes each page when it is asked for it (corpus.py), so that no two are alike. Everything is read every few
seconds; printed is the median of the second tenth of the run beside that of the last tenth, and the ratio of the two.
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

from benchmarks.corpus import page
from benchmarks.mill import Mill, Page, Use, addresses, family, serving
from seeds.demo.stories import load_stories
from workers.local.supervisor import Child

#: Seconds between two looks.
EVERY = 5.0
#: URLs that are kept waiting in front of the mill: it is never idle, and its backlog never long.
AHEAD = 2000


@dataclass(frozen=True, slots=True)
class Series:
    """One curve: its unit, and its points over time."""

    unit: str
    points: list[float] = field(default_factory=list)

    def tenths(self) -> tuple[float, float]:
        """Return the medians of the second tenth and of the last."""
        tenth = max(len(self.points) // 10, 1)
        return median(self.points[tenth : 2 * tenth] or self.points), median(self.points[-tenth:])


def main() -> None:
    """Run, print the table, and draw it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pages", type=int, default=50_000)
    parser.add_argument("--picture", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsmill-soak-") as folder, serving(page_at) as port:
        times, curves = soak(Path(folder), port, given.pages)
    print(f"{given.pages:,} pages in {times[-1] / 60:.0f} minutes\n")
    print("| what | second tenth | last tenth | ratio |\n| --- | ---: | ---: | ---: |")
    for name, series in curves.items():
        early, late = series.tenths()
        print(
            f"| {name} | {early:,.1f} {series.unit} | {late:,.1f} {series.unit} | {late / max(early, 0.1):.2f} |"
        )
    if given.picture:
        draw(times, curves, given.picture)


def soak(folder: Path, port: int, pages: int) -> tuple[list[float], dict[str, Series]]:
    """Work on `pages` pages; return the seconds at which it was looked, and what was seen."""
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
    with Mill(folder, port, max_in_flight=200, enrich_processes=2) as mill:
        workers = [mill.start("scheduler"), mill.start("worker", "fetch"), mill.start("worker", "enrich")]
        began, submitted, before = time.monotonic(), 0, 0
        while (now := mill.frontier.snapshot()).settled < pages:
            if submitted < pages and now.unsettled < AHEAD:
                batch = addresses(port, range(submitted, min(submitted + AHEAD, pages)))
                mill.submit(batch)
                submitted += len(batch)
            time.sleep(EVERY)
            times.append(time.monotonic() - began)
            settled = mill.settled
            used = [Use.of(one).memory / 1e6 for one in workers]
            info = mill.client.info("memory")["used_memory"] / 1e6
            seen = [*used, info, mill.client.dbsize(), open_files(workers), (settled - before) * 60 / EVERY]
            for series, value in zip(curves.values(), seen, strict=True):
                series.points.append(value)
            before = settled
    return times, curves


def open_files(workers: list[Child]) -> int:
    """Return the open files of the processes and their children."""
    count = 0
    for proc in family(*workers):
        with suppress(ProcessLookupError, FileNotFoundError):
            count += sum(1 for _ in (proc / "fd").iterdir())
    return count


def draw(times: list[float], curves: dict[str, Series], file: Path) -> None:
    """Draw a panel a curve, from zero, over minutes."""
    figure = Figure(figsize=(11, 2 * len(curves)), layout="constrained")
    for panel, (name, series) in zip(figure.subplots(len(curves), sharex=True), curves.items(), strict=True):
        panel.plot([one / 60 for one in times], series.points, linewidth=1)
        panel.set_title(f"{name} [{series.unit}]", fontsize=9, loc="left")
        panel.set_ylim(0, max(series.points) * 1.1)
        panel.grid(alpha=0.3)
    panel.set_xlabel("minutes")
    figure.savefig(file, dpi=80)


def page_at(number: int) -> Page:
    """Return a page of its own for each number."""
    rng = Random(f"soak:{number}")
    return Page("text/html", page(rng.choice(load_stories()), rng))


if __name__ == "__main__":
    main()
