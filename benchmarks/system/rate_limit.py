"""Requests that each host gets, as its server sees them, while several fetch workers process a backlog.

    python -m benchmarks.system.rate_limit [--workers 4] [--pages 12] [--interval 1.0]

Real Redis, scheduler and workers. One host has a Crawl-delay of twice the interval. Six other hosts redirect to host0.
"""

import argparse
import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

from benchmarks.system.running_system import RunningSystem, wait_for
from seeds.http_site import PUBLIC_ADDRESS, Site, answer, moved
from workers.settings import Settings


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--workers", type=int, default=4, help="number of fetch workers")
    parser.add_argument("--pages", type=int, default=12, help="pages of each host")
    parser.add_argument("--interval", type=float, default=1.0, help="NEWSMILL_HOST_INTERVAL, seconds")
    given = parser.parse_args()
    with Site().running() as site, tempfile.TemporaryDirectory() as folder:
        urls = prepare(site, given.pages, given.interval)
        fetch_all(Path(folder), site, urls, given.workers, given.interval)
        print(
            f"{len(urls)} URLs, {given.workers} fetch workers, NEWSMILL_HOST_INTERVAL {given.interval:g} s\n"
        )
        print(
            f"{'host':16}{'requests':>10}{'most in 1 s':>13}{'shortest gap s':>16}{'requests/s':>12}{'robots.txt':>12}"
        )
        for host in sorted({one.host for one in site.requests}):
            report(site, host)


def prepare(site: Site, pages: int, interval: float) -> list[str]:
    """Set up the hosts of the site; return the URLs to fetch."""
    site.routes["patient.test/robots.txt"] = answer(b"User-agent: *\nCrawl-delay: %g" % (2 * interval), b"")
    hosts = [f"host{number}.test" for number in range(4)]
    urls = [site.url(f"/{number}", host) for host in hosts for number in range(pages)]
    urls += [site.url(f"/{number}", "patient.test") for number in range(pages // 2)]
    for number in range(6):
        site.routes[f"guest{number}.test/"] = moved(site.url(f"/guest{number}", "host0.test"))
        urls.append(site.url("/", f"guest{number}.test"))
    return urls


def fetch_all(folder: Path, site: Site, urls: list[str], workers: int, interval: float) -> None:
    """Run a scheduler and so many fetch workers until all URLs are fetched."""
    defaults = {name: Settings.model_fields[name].default for name in ("host_concurrency", "max_in_flight")}
    changes = {
        "resolve": {"test": PUBLIC_ADDRESS},
        "host_interval": interval,
        "poll_interval": 0.01,
        **defaults,
    }
    with RunningSystem(folder, site.port, **changes) as system:
        for number in range(workers):
            system.start("worker", "fetch", name=f"fetch-{number}")
        system.start("scheduler")
        system.submit(urls)
        wait_for(lambda: system.settled + system.waiting_for_enrich, len(urls))


def report(site: Site, host: str) -> None:
    """Print the requests that one host got. Those for its robots.txt are counted apart."""
    times = sorted(one.at for one in site.requests if one.host == host and one.path != "/robots.txt")
    files = Counter(one.path for one in site.requests if one.host == host)["/robots.txt"]
    gaps = [later - sooner for sooner, later in pairwise(times)]
    most = max(sum(start <= one < start + 1 for one in times) for start in times)
    rate = f"{(len(times) - 1) / (times[-1] - times[0]):.2f}" if gaps else ""
    least = f"{min(gaps):.3f}" if gaps else ""
    print(f"{host:16}{len(times):>10}{most:>13}{least:>16}{rate:>12}{files:>12}")


if __name__ == "__main__":
    main()
