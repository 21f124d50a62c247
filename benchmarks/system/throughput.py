"""Throughput of one process of each kind: pages a second, CPU and memory, milliseconds of each stage.

    python -m benchmarks.system.throughput [--copies 4]           the demo's stories
    NEWSMILL_DATA=folder python -m benchmarks.system.throughput   the pages in its pages/html/*.html.gz

A server on loopback has the pages on 40 hosts. A scheduler, a fetch worker and an enrich worker with one process run
one after the other, so that each has the machine for itself. Hosts have no rate limit here. In a real run the network
and the hosts' rate limits set the pace (docs/scaling.md).
"""

import argparse
import gzip
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median

from benchmarks.system.page_server import Page, page_urls, serving
from benchmarks.system.process_usage import Usage
from benchmarks.system.running_system import RunningSystem, wait_for
from seeds.demo.pages import story_page
from seeds.demo.sites import load_sites
from seeds.demo.stories import load_stories
from tasks.pipeline import STAGES
from workers.local.supervisor import Child, running
from workers.store.store import open_store


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--copies", type=int, default=4, help="copies of each story; each gets a text of its own"
    )
    given = parser.parse_args()
    data = os.environ.get("NEWSMILL_DATA")
    pages = pages_in(Path(data)) if data else demo_pages(given.copies)
    with tempfile.TemporaryDirectory(prefix="newsmill-bench-") as folder, serving(pages) as port:
        print(f"{len(pages)} pages, {median(len(page.body) for page in pages) / 1000:.0f} kB each (median)\n")
        with RunningSystem(Path(folder), port) as system:
            measure(system, page_urls(port, range(len(pages))))


def measure(system: RunningSystem, urls: list[str]) -> None:
    """Run the three kinds of process one after the other, and print what each took."""
    client, pages = system.client, len(urls)
    print(f"{'process':12}{'pages/s':>10}{'CPU ms/page':>14}{'memory MB':>12}")
    empty, idle = client.info("memory")["used_memory"], Usage.of(system.redis)
    with open_store(system.settings.database_url.get_secret_value()) as store:
        with running(system.child("scheduler")) as scheduler:
            # One page first: the scheduler's start does not count.
            system.submit(urls[:1])
            wait_for(lambda: system.frontier.snapshot().in_flight, 1)
            before = Usage.of(scheduler)
            system.submit(urls[1:])
            wait_for(lambda: system.frontier.snapshot().in_flight, pages)
            report("scheduler", pages - 1, before, Usage.of(scheduler))
        with running(system.child("worker", "fetch")) as fetch:
            phase("fetch", fetch, lambda: system.waiting_for_enrich + system.settled, pages)
        waiting = client.info("memory")["used_memory"] - empty
        with running(system.child("worker", "enrich")) as enrich:
            phase("enrich", enrich, lambda: system.settled, pages)
        cpu = (Usage.of(system.redis).cpu - idle.cpu) * 1000 / pages
        print(
            f"{'redis':12}{'':>10}{cpu:>14.1f}{'':>12}   {waiting / pages / 1000:.0f} kB for each page in flight"
        )
        rows = list(store.rows())
    print_stages([row["timings"] for row in rows])
    outcomes = Counter(row["outcome"] for row in rows)
    print("\n" + ", ".join(f"{count} {name}" for name, count in outcomes.items()))


def phase(name: str, child: Child, done: Callable[[], int], pages: int) -> None:
    """Print a worker's line. Its start does not count: measured from its first page on."""
    first = wait_for(done, done() + 1)
    before = Usage.of(child)
    wait_for(done, pages)
    report(name, pages - first, before, Usage.of(child))


def report(name: str, pages: int, before: Usage, after: Usage) -> None:
    """Print a process's line of the table."""
    speed = pages / (after.at - before.at)
    print(
        f"{name:12}{speed:>10,.0f}{(after.cpu - before.cpu) * 1000 / pages:>14.1f}{after.memory / 1e6:>12,.0f}"
    )


def print_stages(timings: list[dict[str, float]]) -> None:
    """Print the mean and the median time of each stage."""
    print(f"\n{'stage':16}{'mean ms':>10}{'median':>10}")
    for name in (stage.name for stage in STAGES):
        times = [one[name] for one in timings if name in one]
        print(f"{name:16}{mean(times):>10.1f}{median(times):>10.1f}")


def pages_in(folder: Path) -> list[Page]:
    """Return the pages in a folder laid out as NEWSMILL_DATA."""
    files = sorted((folder / "pages" / "html").glob("*.html.gz"))
    return [Page("text/html", gzip.decompress(file.read_bytes())) for file in files]


def demo_pages(copies: int) -> list[Page]:
    """Return copies of the demo's stories; a number after each paragraph keeps them from being duplicates."""
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
