"""The fetch client tells its observer of every request: the status of its answer, or that none came."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from urllib.parse import urlsplit

import pytest

from tasks.article import Article
from tasks.errors import Rejected, TryLater
from tasks.fetch.addresses import AddressGuard
from tasks.fetch.budget import FetchLimits
from tasks.fetch.client import Client
from tasks.fetch.conditional_get import NoRows
from tasks.fetch.rate_limit import NoRateLimit
from tasks.fetch.robots import MemoryRobotsCache, Robots
from tasks.fetch.web import fetch_page
from workers.local.redis_server import free_port

PAGE = b"<!doctype html><title>Rain</title><p>It rained."


class Site(BaseHTTPRequestHandler):
    """`/moved` redirects to `/page`; `/robots.txt` is not there."""

    def do_GET(self) -> None:
        status = {"/page": 200, "/moved": 301, "/broken": 503}.get(self.path, 404)
        self.send_response(status)
        self.send_header("Location", "/page")
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def seen() -> list[int | None]:
    """What the observer was told."""
    return []


@pytest.fixture
def get(seen: list[int | None]) -> Iterator[Callable[[str], Article]]:
    clients = []

    def fetch_url(url: str) -> Article:
        ports = frozenset({urlsplit(url).port or 80})
        guard = AddressGuard(
            allow_networks=(ip_network("127.0.0.0/8"),), allow_ports=ports, resolve={"test": "127.0.0.1"}
        )
        client = Client(guard=guard, limits=FetchLimits(), user_agent="newsmill", observe=seen.append)
        clients.append(client)
        robots = Robots(client, MemoryRobotsCache(), "newsmill", 60)
        return fetch_page(
            Article(id="0" * 32, url=url),
            client=client,
            robots=robots,
            rate_limit=NoRateLimit(),
            rows=NoRows(),
            opt_outs=(),
        )

    yield fetch_url
    for client in clients:
        client.close()


def test_robots_redirects_and_the_page_are_each_a_request(
    get: Callable[[str], Article], port: int, seen: list[int | None]
) -> None:
    get(f"http://a.test:{port}/moved")
    assert seen == [404, 301, 200]


def test_an_answer_that_ends_the_article_is_told_as_well(
    get: Callable[[str], Article], port: int, seen: list[int | None]
) -> None:
    with pytest.raises(TryLater):
        get(f"http://a.test:{port}/broken")
    with pytest.raises(Rejected):
        get(f"http://a.test:{port}/missing")
    assert seen == [404, 503, 404, 404]


def test_no_answer_is_told_as_none(get: Callable[[str], Article], seen: list[int | None]) -> None:
    with pytest.raises(TryLater):
        get(f"http://a.test:{free_port()}/page")
    assert seen == [None]


def test_what_the_guard_refuses_is_no_request(
    get: Callable[[str], Article], port: int, seen: list[int | None]
) -> None:
    with pytest.raises(Rejected):
        get(f"http://10.0.0.1:{port}/page")
    assert not seen or set(seen) == {None}
