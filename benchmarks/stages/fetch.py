"""CPU of the fetch stage for a page, against a bare urllib3 loop with keep-alive on the same pages.

    python -m benchmarks.stages.fetch [--rounds 30]            the demo's stories
    NEWSMILL_DATA=folder python -m benchmarks.stages.fetch     the pages in its pages/html/*.html.gz

One process serves the pages on loopback. This process fetches all of them in turns: with the stage (URL,
robots.txt, address check, redirects, deadlines, size limits, type detection, opt-outs) and with urllib3 alone (GET,
read, decode), with the same zlib and Python's own parser of headers. The order changes with each
round; printed are medians over the rounds.
"""

import argparse
import gzip
import multiprocessing
import multiprocessing.connection
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from statistics import median
from types import SimpleNamespace

import urllib3

from seeds.demo.pages import story_page
from seeds.demo.sites import load_sites
from seeds.demo.stories import load_stories
from seeds.http_site import PUBLIC_ADDRESS, Site, answer
from tasks.article import Article
from tasks.fetch.addresses import AddressGuard
from tasks.fetch.budget import FetchLimits
from tasks.fetch.client import Client
from tasks.fetch.conditional_get import NoRows
from tasks.fetch.rate_limit import NoRateLimit
from tasks.fetch.robots import MemoryRobotsCache, Robots
from tasks.fetch.stage import fetch

HOSTS = 10
#: A robots.txt like those of news sites: three groups, a dozen rules.
ROBOTS = (
    b"User-agent: GPTBot\nDisallow: /\n\nUser-agent: Googlebot-News\nDisallow: /sponsored/\n\nUser-agent: *\n"
    + b"".join(
        b"Disallow: /%b/\n" % name for name in (b"search", b"login", b"cart", b"api", b"print", b"amp/ads")
    )
    + b"Disallow: /*?share=\nAllow: /search/topics\nSitemap: https://news.example/sitemap.xml\n"
)
TYPE = b"Content-Type: text/html; charset=utf-8\r\nServer: nginx\r\nCache-Control: max-age=60\r\nVary: Accept-Encoding\r\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30, help="rounds of each of the two")
    rounds = parser.parse_args().rounds
    pages = load_pages()
    print(f"{len(pages)} pages, {median(map(len, pages)) / 1000:.0f} kB each (median), {rounds} rounds\n")
    print(f"{'encoding':10}{'urllib3 us/page':>18}{'stage us/page':>16}{'ratio':>8}")
    for name, packed in (("none", False), ("gzip", True)):
        with serving(pages, packed=packed) as port:
            bare, stage = compare(bare_loop(port, len(pages)), stage_loop(port, len(pages)), rounds)
        ratio = median(b / a for a, b in zip(bare, stage, strict=True))
        each = [median(one) / len(pages) * 1e6 for one in (bare, stage)]
        print(f"{name:10}{each[0]:>18.0f}{each[1]:>16.0f}{ratio:>8.2f}")


def load_pages() -> list[bytes]:
    """Return the pages in NEWSMILL_DATA, or those of the demo without it."""
    data = os.environ.get("NEWSMILL_DATA")
    if data:
        return [
            gzip.decompress(path.read_bytes()) for path in sorted(Path(data).glob("pages/html/*.html.gz"))
        ]
    sites = load_sites()
    return [story_page(story, sites[story.site], 8088) for story in load_stories()]


def compare(
    one: Callable[[], None], other: Callable[[], None], rounds: int
) -> tuple[Sequence[float], Sequence[float]]:
    """Return the CPU seconds of each function in each round. A first round does not count."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        for which in (0, 1) if number % 2 else (1, 0):
            began = time.process_time()
            (one, other)[which]()
            seconds[which].append(time.process_time() - began)
    return seconds[0][1:], seconds[1][1:]


def bare_loop(port: int, count: int) -> Callable[[], None]:
    """Return a function that fetches all pages with urllib3: one connection a host, like the stage."""
    pools = [
        urllib3.HTTPConnectionPool(
            PUBLIC_ADDRESS, port, headers={"Accept-Encoding": "gzip", "User-Agent": "bare/1"}
        )
        for _ in range(HOSTS)
    ]

    def run() -> None:
        for number in range(count):
            response = pools[number % HOSTS].request("GET", f"/{number}", headers=None)
            assert response.status == 200
            assert response.data

    return run


def stage_loop(port: int, count: int) -> Callable[[], None]:
    """Return a function that fetches all pages with the fetch stage."""
    guard = AddressGuard(
        allow_networks=(ip_network("127.0.0.0/8"),),
        allow_ports=frozenset({port}),
        resolve={"test": PUBLIC_ADDRESS},
    )
    client = Client(guard=guard, limits=FetchLimits(), user_agent="newsmill/1 (+https://mill.example/bot)")
    tools = SimpleNamespace(
        client=client,
        robots=Robots(client, MemoryRobotsCache(), "newsmill"),
        rate_limit=NoRateLimit(),
        rows=NoRows(),
        opt_outs=(),
    )
    articles = [
        Article(id=str(number), url=f"http://host{number % HOSTS}.test:{port}/{number}")
        for number in range(count)
    ]

    def run() -> None:
        for article in articles:
            page = fetch(article, tools=tools)
            assert page.html

    return run


@contextmanager
def serving(pages: Sequence[bytes], *, packed: bool) -> Iterator[int]:
    """Serve the pages from a process of its own; yield the port."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=_serve, args=(pages, packed, there), daemon=True)
    server.start()
    try:
        yield here.recv()
    finally:
        server.terminate()
        server.join()


def _serve(pages: Sequence[bytes], packed: bool, pipe: multiprocessing.connection.Connection) -> None:
    with Site() as site:
        site.routes["/robots.txt"] = answer(ROBOTS, b"Content-Type: text/plain\r\n")
        for number, page in enumerate(pages):
            body, headers = (
                (gzip.compress(page), TYPE + b"Content-Encoding: gzip\r\n") if packed else (page, TYPE)
            )
            site.routes[f"/{number}"] = answer(body, headers)
        pipe.send(site.port)
        site.serve_forever()


if __name__ == "__main__":
    main()
