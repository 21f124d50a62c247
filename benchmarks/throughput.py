"""What one process of each kind does: pages a second, CPU and memory, milliseconds a stage.

    python -m benchmarks.throughput [--copies 4]                 the demo's stories
    NEWSMILL_DATA=folder python -m benchmarks.throughput         the pages in its pages/html/*.html.gz

A server on loopback has the pages on 40 hosts; a scheduler, a fetch worker and an enrich worker of one process work on
them one after the other, so that each has the machine for itself. Hosts have no budget here: the network and their
budgets are what limits a real run (docs/scaling.md).
"""

import argparse
import gzip
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median

from benchmarks.mill import Mill, Page, Use, addresses, serving, until
from seeds.demo.pages import story_page
from seeds.demo.sites import load_sites
from seeds.demo.stories import load_stories
from workers.local.supervisor import Child, running
from workers.store.store import open_store


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--copies", type=int, default=4, help="of each story, every one with a text of its own"
    )
    given = parser.parse_args()
    data = os.environ.get("NEWSMILL_DATA")
    pages = pages_in(Path(data)) if data else demo_pages(given.copies)
    with tempfile.TemporaryDirectory(prefix="newsmill-bench-") as folder, serving(pages) as port:
        print(f"{len(pages)} pages, {median(len(page.body) for page in pages) / 1000:.0f} kB in the median\n")
        with Mill(Path(folder), port) as mill:
            measure(mill, addresses(port, range(len(pages))))


def measure(mill: Mill, urls: list[str]) -> None:
    """Let the three kinds of process work one after the other, and print what that took."""
    client, pages = mill.client, len(urls)
    queue = mill.settings.key_prefix + "celery:enrich"
    print(f"{'process':12}{'pages/s':>10}{'CPU ms/page':>14}{'MB':>8}")
    empty, idle = client.info("memory")["used_memory"], Use.of(mill.redis)
    with open_store(mill.settings.database_url.get_secret_value()) as store:
        with running(mill.child("scheduler")) as scheduler:
            # One page for it to wake up on: its start does not count.
            mill.submit(urls[:1])
            until(lambda: mill.frontier.snapshot().in_flight, 1)
            before = Use.of(scheduler)
            mill.submit(urls[1:])
            until(lambda: mill.frontier.snapshot().in_flight, pages)
            report("scheduler", pages - 1, before, Use.of(scheduler))
        with running(mill.child("worker", "fetch")) as fetch:
            phase("fetch", fetch, lambda: client.llen(queue) + mill.settled, pages)
        waiting = client.info("memory")["used_memory"] - empty
        with running(mill.child("worker", "enrich")) as enrich:
            phase("enrich", enrich, lambda: mill.settled, pages)
        cpu = (Use.of(mill.redis).cpu - idle.cpu) * 1000 / pages
        print(f"{'redis':12}{'':>10}{cpu:>14.1f}{'':>8}   {waiting / pages / 1000:.0f} kB a page in flight")
        rows = list(store.rows())
    print_stages([row["timings"] for row in rows])
    outcomes = Counter(row["outcome"] for row in rows)
    print("\n" + ", ".join(f"{count} {name}" for name, count in outcomes.items()))


def phase(name: str, child: Child, done: Callable[[], int], pages: int) -> None:
    """Report what a worker took from its first page on: its start does not count."""
    first = until(done, done() + 1)
    before = Use.of(child)
    until(done, pages)
    report(name, pages - first, before, Use.of(child))


def report(name: str, pages: int, before: Use, after: Use) -> None:
    """Print a process's line."""
    speed = pages / (after.at - before.at)
    print(
        f"{name:12}{speed:>10,.0f}{(after.cpu - before.cpu) * 1000 / pages:>14.1f}{after.memory / 1e6:>8,.0f}"
    )


def print_stages(timings: list[dict[str, float]]) -> None:
    """Print the milliseconds of each stage."""
    print(f"\n{'stage':16}{'mean ms':>10}{'median':>10}")
    for stage in ("fetch", "extract", "detect_language", "dedupe", "tag_topics"):
        times = [one[stage] for one in timings if stage in one]
        print(f"{stage:16}{mean(times):>10.1f}{median(times):>10.1f}")


def pages_in(folder: Path) -> list[Page]:
    """Return the pages of a folder of data."""
    files = sorted((folder / "pages" / "html").glob("*.html.gz"))
    return [Page("text/html", gzip.decompress(file.read_bytes())) for file in files]


def demo_pages(copies: int) -> list[Page]:
    """Return the demo's stories; each copy has a number after each paragraph, so that none is a duplicate."""
    sites = load_sites()
    pages = []
    for story in load_stories():
        site = sites[story.site]
        body = story_page(story, site, 80)
        pages += [
            Page(site.content_type, body.replace(b"</p>", f" {copy}.</p>".encode())) for copy in range(copies)
        ]
    return pages


if __name__ == "__main__":
    main()
