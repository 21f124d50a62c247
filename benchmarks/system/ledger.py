"""Speed and memory of the ledger: submits and claims a second, Redis bytes for each waiting URL.

    python -m benchmarks.system.ledger [--urls 1000000] [--hosts 10000]

Starts a Redis of its own, submits that many URLs on that many hosts, and claims some of them. Prints one table.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import mean

from redis import Redis

from benchmarks.system.process_usage import redis_cpu
from benchmarks.table import Row
from tasks.article import Outcome, article_id
from tasks.urls import request_url, server_of
from workers.ledger.entries import Policy, Submission
from workers.ledger.frontier import SUBMIT_BATCH, Frontier
from workers.ledger.submit import submit_all
from workers.local.redis_server import EmbeddedRedis, free_port
from workers.local.supervisor import running

#: Claims that are timed, and how many a scheduler asks for at once.
CLAIMS, CLAIM_BATCH = 20_000, 50
#: URLs that are submitted, claimed and settled while a backlog waits.
TIMED = 20 * SUBMIT_BATCH


@dataclass(frozen=True, slots=True)
class BacklogCost:
    """Microseconds of Redis CPU for a submit, a claim and a settle with a backlog; Redis bytes a waiting URL."""

    submit_us: float
    claim_us: float
    settle_us: float
    bytes: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What `measure` found: submits and claims a second, microseconds of Redis CPU for each, and memory.

    `text` is the mean length of a URL, `bytes` what Redis takes for one that waits, `memory` for all of them.
    """

    submits: float
    claims: float
    submit_us: float
    claim_us: float
    text: float
    bytes: float
    memory: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--urls", type=int, default=1_000_000)
    parser.add_argument("--hosts", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsmill-bench-") as folder:
        found = run(Path(folder), given.urls, given.hosts)
    print(
        f"waiting URLs                  {given.urls:>12,} on {given.hosts:,} hosts, {found.text:.0f} characters each on average"
    )
    print(f"submits a second              {found.submits:>12,.0f}")
    print(f"claims a second               {found.claims:>12,.0f}")
    print(f"Redis memory                  {found.memory / 1e6:>12,.1f} MB")
    print(f"Redis bytes a waiting URL     {found.bytes:>12,.0f}")


def run(folder: Path, urls: int, hosts: int) -> Figures:
    """Start a Redis in `folder`, submit to its ledger, claim from it, and return what that cost."""
    with _redis(folder) as client:
        return measure(client, urls, hosts)


def rows(folder: Path) -> Iterator[Row]:
    """Measure with 100,000 and with 1,000,000 waiting URLs."""
    for urls in (100_000, 1_000_000):
        figures = run(folder / f"{urls}", urls, hosts=urls // 100)
        yield Row(f"{urls:,} waiting URLs: submits a second", [figures.submits], "URLs/s", (">=", 20_000))
        yield Row("... claims a second", [figures.claims], "URLs/s", (">=", 10_000))
        yield Row("... Redis bytes a URL", [figures.bytes], "bytes", ("<=", 200))


def with_backlog(folder: Path, waiting: int, hosts: int) -> BacklogCost:
    """Return what a URL costs while `waiting` others wait, on a Redis of its own in `folder`."""
    with _redis(folder) as client:
        frontier = Frontier(client, "newsmill:", Policy(max_in_flight=TIMED, host_interval=0))
        empty = client.info("memory")["used_memory"]
        every = submissions(waiting + TIMED, hosts)
        submit_all(frontier, islice(every, waiting))
        used = client.info("memory")["used_memory"] - empty
        submitting = claiming = settling = 0.0
        while batch := list(islice(every, SUBMIT_BATCH)):
            began = redis_cpu(client)
            frontier.submit(batch)
            submitting += redis_cpu(client) - began
        # A host gives out its next URL once the one before is settled.
        left = TIMED
        while left:
            began = redis_cpu(client)
            leases = frontier.claim(min(CLAIM_BATCH, left))
            claimed = redis_cpu(client)
            for lease in leases:
                frontier.settle(lease.article, Outcome.ENRICHED)
            claiming, settling = claiming + claimed - began, settling + redis_cpu(client) - claimed
            left -= len(leases)
            assert leases
    costs = (one / TIMED * 1e6 for one in (submitting, claiming, settling))
    return BacklogCost(*costs, bytes=used / waiting)


@contextmanager
def _redis(folder: Path) -> Iterator["Redis"]:
    server = EmbeddedRedis(folder, free_port())
    with running(server.child()):
        server.wait()
        with Redis.from_url(server.url) as client:
            yield client


def measure(client: "Redis", urls: int, hosts: int) -> Figures:
    """Submit the URLs, and claim some of them."""
    # Hosts have no rate limit: claims that find no URL would be too fast.
    policy = Policy(max_in_flight=CLAIMS * 2, host_interval=0, host_concurrency=CLAIMS)
    frontier = Frontier(client, "newsmill:", policy)
    empty = client.info("memory")["used_memory"]
    began, cpu = time.perf_counter(), redis_cpu(client)
    submit_all(frontier, submissions(urls, hosts))
    submitting, submit_cpu = time.perf_counter() - began, redis_cpu(client) - cpu
    used = client.info("memory")["used_memory"] - empty
    began, cpu, claimed = time.perf_counter(), redis_cpu(client), 0
    while claimed < min(CLAIMS, urls):
        leases = frontier.claim(CLAIM_BATCH)
        assert leases
        claimed += len(leases)
    claiming, claim_cpu = time.perf_counter() - began, redis_cpu(client) - cpu
    return Figures(
        submits=urls / submitting,
        claims=claimed / claiming,
        submit_us=submit_cpu / urls * 1e6,
        claim_us=claim_cpu / claimed * 1e6,
        text=mean(len(one.url) for one in submissions(min(urls, 10_000), hosts)),
        bytes=used / urls,
        memory=used,
    )


def submissions(urls: int, hosts: int) -> Iterator[Submission]:
    """Yield URLs like those of news sites."""
    for number in range(urls):
        url = request_url(
            f"https://news-site-{number % hosts}.example/2024/05/{number}-some-headline-of-an-article-here.html"
        )
        yield Submission(article_id(url), url, server_of(url))


if __name__ == "__main__":
    main()
