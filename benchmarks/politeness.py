"""How often hosts are asked, as their server sees it, while four fetch workers work on a backlog of theirs.

    python -m benchmarks.politeness [--workers 4] [--pages 12] [--interval 1.0]

Real Redis, scheduler and workers. Of the hosts, one has a Crawl-delay of twice the interval, and to one lead redirects
from six others as well.
"""

import argparse
import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

from tests.fault_site.fleet import fleet
from tests.fault_site.server import Site, answer, moved


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--pages", type=int, default=12, help="of each host")
    parser.add_argument("--interval", type=float, default=1.0, help="NEWSMILL_HOST_INTERVAL, seconds")
    given = parser.parse_args()
    with Site().running() as site, tempfile.TemporaryDirectory() as folder:
        urls = prepare(site, given.pages, given.interval)
        with fleet(Path(folder), site, given.workers, host_interval=given.interval) as running:
            running.work(urls)
        print(f"{len(urls)} URLs, {given.workers} workers, an interval of {given.interval:g} s\n")
        print(
            f"{'host':16}{'requests':>10}{'most in 1 s':>13}{'least gap s':>13}{'a second':>10}{'robots.txt':>12}"
        )
        for host in sorted({one.host for one in site.visits}):
            report(site, host)


def prepare(site: Site, pages: int, interval: float) -> list[str]:
    """Give the site its hosts; their URLs."""
    site.routes["patient.test/robots.txt"] = answer(b"User-agent: *\nCrawl-delay: %g" % (2 * interval), b"")
    hosts = [f"host{number}.test" for number in range(4)]
    urls = [site.url(f"/{number}", host) for host in hosts for number in range(pages)]
    urls += [site.url(f"/{number}", "patient.test") for number in range(pages // 2)]
    for number in range(6):
        site.routes[f"guest{number}.test/"] = moved(site.url(f"/guest{number}", "host0.test"))
        urls.append(site.url("/", f"guest{number}.test"))
    return urls


def report(site: Site, host: str) -> None:
    """Print what one host has seen; its robots.txt, once before all, is counted by itself."""
    times = sorted(one.at for one in site.visits if one.host == host and one.path != "/robots.txt")
    files = Counter(one.path for one in site.visits if one.host == host)["/robots.txt"]
    gaps = [later - sooner for sooner, later in pairwise(times)]
    most = max(sum(start <= one < start + 1 for one in times) for start in times)
    rate = f"{(len(times) - 1) / (times[-1] - times[0]):.2f}" if gaps else ""
    least = f"{min(gaps):.3f}" if gaps else ""
    print(f"{host:16}{len(times):>10}{most:>13}{least:>13}{rate:>10}{files:>12}")


if __name__ == "__main__":
    main()
