"""Cost of a page as the system grows: more waiting URLs, hosts and contents, and larger pages.

    python -m benchmarks.system.growth [--picture docs/growth.png] [--most 1000000] [--most-contents 1000000]

Prints a table, and plots it with --picture. A flat curve shows a cost that does not grow.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean

from matplotlib.figure import Figure

from benchmarks.generated_pages import sized
from benchmarks.system import content_index, ledger
from seeds.demo.stories import load_stories
from tasks.article import Article
from tasks.extract.page import warm as warm_extraction
from tasks.extract.stage import Extractor, extract

#: Waiting URLs while the number of hosts grows, and hosts while the number of URLs grows.
WAITING, HOSTS = 100_000, 100
#: Words of an article while the contents grow. Short ones are enough: the index keeps as much of each.
WORDS = 100
#: Approximate sizes of pages in bytes.
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve: what grows, what is measured, and the points."""

    grows: str
    measured: str
    points: tuple[tuple[float, float], ...]


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--most", type=int, default=1_000_000, help="the largest number of waiting URLs")
    parser.add_argument("--most-contents", type=int, default=1_000_000, help="the largest number of contents")
    parser.add_argument("--picture", type=Path, help="file to plot the curves to")
    given = parser.parse_args()
    curves = [*by_backlog(given.most), *by_hosts(), *by_contents(given.most_contents), by_size()]
    print("| what grows | size | measurement | value |\n| --- | ---: | --- | ---: |")
    for curve in curves:
        for at, value in curve.points:
            print(f"| {curve.grows} | {at:,.0f} | {curve.measured} | {value:,.1f} |")
    if given.picture:
        draw(curves, given.picture)


def by_backlog(most: int) -> Iterator[Curve]:
    """Measure with more and more waiting URLs, on the same hosts."""
    marks = [one for one in (1000, 10_000, 100_000, 1_000_000) if one <= most]
    yield from _ledger("waiting URLs", [(one, one, HOSTS) for one in marks])


def by_hosts() -> Iterator[Curve]:
    """Measure with the same number of waiting URLs on more and more hosts."""
    yield from _ledger("hosts", [(one, WAITING, one) for one in (10, 100, 1000, 10_000, 100_000)])


def _ledger(grows: str, runs: list[tuple[int, int, int]]) -> Iterator[Curve]:
    found = []
    for at, waiting, hosts in runs:
        with tempfile.TemporaryDirectory(prefix="newsmill-growth-") as folder:
            found.append((at, ledger.with_backlog(Path(folder), waiting, hosts)))
    yield Curve(grows, "Redis bytes of a waiting URL", tuple((at, one.bytes) for at, one in found))
    for call in ("submit", "claim", "settle"):
        points = tuple((at, getattr(one, f"{call}_us")) for at, one in found)
        yield Curve(grows, f"Redis CPU of a {call}, us", points)


def by_contents(most: int) -> Iterator[Curve]:
    """Measure with more and more contents in the index."""
    marks = [one for one in (10_000, 30_000, 100_000, 300_000, 1_000_000) if one <= most]
    found = list(content_index.run(marks, WORDS))
    yield Curve("contents", "Redis bytes of a content", tuple((one.documents, one.bytes) for one in found))
    yield Curve("contents", "Redis CPU of a claim, us", tuple((one.documents, one.redis_us) for one in found))


def by_size() -> Curve:
    """Measure extraction, which is nearly all of a page's cost, with ten pages of each size."""
    warm_extraction()
    extractor, points = Extractor(), []
    for size in SIZES:
        bodies = [sized(load_stories()[number], size, Random(number)) for number in range(10)]
        began = time.process_time()
        for number, body in enumerate(bodies):
            # A fixed id: some ids make the stage reset trafilatura's caches, which takes longer than the page.
            extract(
                Article(id="1" * 32, url=f"https://news.example/{number}", html=body), extractor=extractor
            )
        points.append((mean(map(len, bodies)), (time.process_time() - began) * 100))
    return Curve("bytes of a page", "CPU of extraction, ms", tuple(points))


def draw(curves: list[Curve], file: Path) -> None:
    """Plot a panel for each curve: from zero, over a logarithmic axis."""
    figure = Figure(figsize=(12, 3 * -(-len(curves) // 3)), layout="constrained")
    panels = iter(figure.subplots(-(-len(curves) // 3), 3).flat)
    for curve in curves:
        panel = next(panels)
        panel.plot(*zip(*curve.points, strict=True), marker=".")
        panel.set_xscale("log")
        panel.set_ylim(0, max(value for _, value in curve.points) * 1.2)
        panel.set_title(f"{curve.measured} by {curve.grows}", fontsize=9, loc="left")
        panel.grid(alpha=0.3)
    for panel in panels:
        panel.set_visible(False)
    figure.savefig(file, dpi=80)


if __name__ == "__main__":
    main()
