"""What a page costs as things grow: the backlog, the index of contents, the hosts, the page itself.

    python -m benchmarks.growth [--picture docs/growth.png] [--most 1000000] [--most-contents 1000000]

Prints a table, and draws it: what is flat does not depend on what grows.
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

from benchmarks import content_index, frontier
from benchmarks.corpus import sized
from seeds.demo.stories import load_stories
from tasks.article import Article
from tasks.extract.page import warm as warm_extraction
from tasks.extract.stage import Extractor, extract

#: URLs waiting while the number of hosts grows, and hosts while that of URLs does.
WAITING, HOSTS = 100_000, 100
#: Words of an article while the contents grow, short: what is kept of one is as long, and its signature is not measured.
WORDS = 100
#: Bytes of a page, about.
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Curve:
    """What grows, what is measured, and the points."""

    grows: str
    measured: str
    points: tuple[tuple[float, float], ...]


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--most", type=int, default=1_000_000, help="URLs waiting")
    parser.add_argument("--most-contents", type=int, default=1_000_000, help="contents known")
    parser.add_argument("--picture", type=Path)
    given = parser.parse_args()
    curves = [*by_backlog(given.most), *by_hosts(), *by_contents(given.most_contents), by_size()]
    print("| what grows | to | what is measured | figure |\n| --- | ---: | --- | ---: |")
    for curve in curves:
        for at, value in curve.points:
            print(f"| {curve.grows} | {at:,.0f} | {curve.measured} | {value:,.1f} |")
    if given.picture:
        draw(curves, given.picture)


def by_backlog(most: int) -> Iterator[Curve]:
    """Grow the backlog, on the same hosts."""
    marks = [one for one in (1000, 10_000, 100_000, 1_000_000) if one <= most]
    yield from _frontier("URLs waiting", [(one, one, HOSTS) for one in marks])


def by_hosts() -> Iterator[Curve]:
    """Grow the number of hosts that the same number of URLs waits on."""
    yield from _frontier("hosts", [(one, WAITING, one) for one in (10, 100, 1000, 10_000, 100_000)])


def _frontier(grows: str, runs: list[tuple[int, int, int]]) -> Iterator[Curve]:
    found = []
    for at, waiting, hosts in runs:
        with tempfile.TemporaryDirectory(prefix="newsmill-growth-") as folder:
            found.append((at, frontier.passing(Path(folder), waiting, hosts)))
    yield Curve(grows, "Redis bytes a waiting URL", tuple((at, one.bytes) for at, one in found))
    for call in ("submit", "claim", "settle"):
        points = tuple((at, getattr(one, f"{call}_us")) for at, one in found)
        yield Curve(grows, f"Redis CPU a {call}, us", points)


def by_contents(most: int) -> Iterator[Curve]:
    """Grow the index of contents."""
    marks = [one for one in (10_000, 30_000, 100_000, 300_000, 1_000_000) if one <= most]
    found = list(content_index.run(marks, WORDS))
    yield Curve("contents", "Redis bytes a content", tuple((one.documents, one.bytes) for one in found))
    yield Curve("contents", "Redis CPU a claim, us", tuple((one.documents, one.redis_us) for one in found))


def by_size() -> Curve:
    """Grow the page: ten pages of each size through the extract stage, which is nearly all of a page's cost."""
    warm_extraction()
    extractor, points = Extractor(), []
    for size in SIZES:
        bodies = [sized(load_stories()[number], size, Random(number)) for number in range(10)]
        began = time.process_time()
        for number, body in enumerate(bodies):
            # Of a URL's id depends whether a page resets the caches of trafilatura, which takes longer than the page.
            extract(
                Article(id="1" * 32, url=f"https://news.example/{number}", html=body), extractor=extractor
            )
        points.append((mean(map(len, bodies)), (time.process_time() - began) * 100))
    return Curve("bytes of a page", "CPU of extraction, ms", tuple(points))


def draw(curves: list[Curve], file: Path) -> None:
    """Draw a panel a curve, from zero, over what grows in powers of ten."""
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
