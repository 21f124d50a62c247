"""What the frontier costs: submits and claims a second, Redis bytes a waiting URL.

    python benchmarks/frontier.py [--urls 1000000] [--hosts 10000]

Starts a Redis of its own, puts that many URLs on that many hosts, and claims some of them again. Prints one table.
"""

import argparse
import itertools
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from redis import Redis

from tasks.article import article_id
from tasks.urls import canonical_url, host_of
from workers.embedded import EmbeddedRedis, free_port
from workers.frontier import SUBMIT_BATCH, Frontier, Policy, Submission

#: Claims timed, in scripts of 50: what a scheduler asks for at once.
CLAIMS, CLAIM_BATCH = 20_000, 50


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--urls", type=int, default=1_000_000)
    parser.add_argument("--hosts", type=int, default=10_000)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="newsmill-bench-"))
    server = EmbeddedRedis(folder, free_port())
    child = server.child()
    child.start()
    try:
        server.wait()
        with Redis.from_url(server.url) as client:
            measure(client, given.urls, given.hosts)
    finally:
        child.terminate()
        child.wait(30)
        shutil.rmtree(folder)


def measure(client: "Redis", urls: int, hosts: int) -> None:
    """Fill the frontier, claim from it, and print what that cost."""
    frontier = Frontier(client, "newsmill:", Policy(max_in_flight=CLAIMS * 2, host_interval=0))
    empty = client.info("memory")["used_memory"]
    began, text = time.perf_counter(), 0
    source = submissions(urls, hosts)
    while batch := list(itertools.islice(source, SUBMIT_BATCH)):
        text += sum(len(one.url) for one in batch)
        frontier.submit(batch)
    submitting = time.perf_counter() - began
    used = client.info("memory")["used_memory"] - empty
    began, claimed = time.perf_counter(), 0
    while claimed < min(CLAIMS, urls):
        claimed += len(frontier.claim(CLAIM_BATCH)) or urls
    claiming = time.perf_counter() - began
    print(f"URLs waiting                  {urls:>12,} on {hosts:,} hosts, {text / urls:.0f} characters each")
    print(f"submits a second              {urls / submitting:>12,.0f}")
    print(f"claims a second               {min(CLAIMS, urls) / claiming:>12,.0f}")
    print(f"Redis memory                  {used / 1e6:>12,.1f} MB")
    print(f"Redis bytes a waiting URL     {used / urls:>12,.0f}")


def submissions(urls: int, hosts: int) -> Iterator[Submission]:
    """Yield URLs like those of news sites."""
    for number in range(urls):
        url = canonical_url(
            f"https://news-site-{number % hosts}.example/2024/05/{number}-some-headline-of-an-article-here.html"
        )
        yield Submission(article_id(url), url, host_of(url))


if __name__ == "__main__":
    main()
