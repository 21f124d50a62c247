"""What the frontier costs: submits and claims a second, Redis bytes a waiting URL.

    python -m benchmarks.frontier [--urls 1000000] [--hosts 10000]

Starts a Redis of its own, puts that many URLs on that many hosts, and claims some of them again. Prints one table.
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

from tasks.article import Outcome, article_id
from tasks.urls import canonical_url, host_of
from workers.ledger.entries import Policy, Submission
from workers.ledger.frontier import SUBMIT_BATCH, Frontier
from workers.ledger.submit import submit_all
from workers.local.redis_server import EmbeddedRedis, free_port
from workers.local.supervisor import running

#: Claims timed, in scripts of 50: what a scheduler asks for at once.
CLAIMS, CLAIM_BATCH = 20_000, 50


#: URLs that pass through a backlog: submitted, then as many claimed and settled.
PASSING = 20 * SUBMIT_BATCH


@dataclass(frozen=True, slots=True)
class Passing:
    """us of Redis's CPU for a submit, a claim and a settling while so many wait; Redis bytes a waiting URL."""

    submit_us: float
    claim_us: float
    settle_us: float
    bytes: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Submits and claims a second, and us of Redis's CPU for each; characters and Redis bytes a URL; Redis's memory."""

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
        f"URLs waiting                  {given.urls:>12,} on {given.hosts:,} hosts, {found.text:.0f} characters each"
    )
    print(f"submits a second              {found.submits:>12,.0f}")
    print(f"claims a second               {found.claims:>12,.0f}")
    print(f"Redis memory                  {found.memory / 1e6:>12,.1f} MB")
    print(f"Redis bytes a waiting URL     {found.bytes:>12,.0f}")


def run(folder: Path, urls: int, hosts: int) -> Figures:
    """Fill the frontier of a Redis of its own in `folder`, claim from it, and return what that cost."""
    with _redis(folder) as client:
        return measure(client, urls, hosts)


def passing(folder: Path, waiting: int, hosts: int) -> Passing:
    """Let so many URLs wait in a Redis of its own in `folder`, more pass by them, and return what these cost."""
    with _redis(folder) as client:
        frontier = Frontier(client, "newsmill:", Policy(max_in_flight=PASSING, host_interval=0))
        empty = client.info("memory")["used_memory"]
        every = submissions(waiting + PASSING, hosts)
        submit_all(frontier, islice(every, waiting))
        used = client.info("memory")["used_memory"] - empty
        submitting = claiming = settling = 0.0
        while batch := list(islice(every, SUBMIT_BATCH)):
            began = redis_cpu(client)
            frontier.submit(batch)
            submitting += redis_cpu(client) - began
        # A host's place is free again once what it was claimed for is settled.
        left = PASSING
        while left:
            began = redis_cpu(client)
            leases = frontier.claim(min(CLAIM_BATCH, left))
            claimed = redis_cpu(client)
            for lease in leases:
                frontier.settle(lease.article, Outcome.ENRICHED)
            claiming, settling = claiming + claimed - began, settling + redis_cpu(client) - claimed
            left -= len(leases)
            assert leases
    costs = (one / PASSING * 1e6 for one in (submitting, claiming, settling))
    return Passing(*costs, bytes=used / waiting)


@contextmanager
def _redis(folder: Path) -> Iterator["Redis"]:
    server = EmbeddedRedis(folder, free_port())
    with running(server.child()):
        server.wait()
        with Redis.from_url(server.url) as client:
            yield client


def measure(client: "Redis", urls: int, hosts: int) -> Figures:
    """Fill the frontier and claim from it."""
    # A host's budget does not hold claims back: they would soon be for nothing, and fast.
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


def redis_cpu(client: "Redis") -> float:
    """Return the seconds of CPU that Redis has used."""
    used = client.info("cpu")
    return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])


def submissions(urls: int, hosts: int) -> Iterator[Submission]:
    """Yield URLs like those of news sites."""
    for number in range(urls):
        url = canonical_url(
            f"https://news-site-{number % hosts}.example/2024/05/{number}-some-headline-of-an-article-here.html"
        )
        yield Submission(article_id(url), url, host_of(url))


if __name__ == "__main__":
    main()
