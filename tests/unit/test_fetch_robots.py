"""robots.txt by RFC 9309, against a server on the loopback."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network

import pytest

from tasks.errors import Reason, Rejected, TryLater
from tasks.fetch.addresses import AddressGuard
from tasks.fetch.budget import FetchLimits
from tasks.fetch.client import Client
from tasks.fetch.robots import MOST_BYTES, MemoryRobotsCache, Robots
from tasks.hosts import HostList, HostRule

RULES = b"User-agent: newsmill\nDisallow: /private\nAllow: /private/open\nCrawl-delay: 2.5\n\nUser-agent: *\nDisallow: /"


class Host(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        #: path -> (status, headers, body)
        self.files: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.visits: list[str] = []

    def url(self, path: str, host: str = "news.test") -> str:
        return f"http://{host}:{self.server_address[1]}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: Host
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.visits.append(self.path)
        status, headers, body = self.server.files.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def host() -> Iterator[Host]:
    with Host() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def client(host: Host) -> Iterator[Client]:
    guard = AddressGuard(
        allow_networks=(ip_network("127.0.0.1"),),
        allow_ports=frozenset({host.server_address[1]}),
        resolve={"test": "127.0.0.1", "inside.test": "10.0.0.1"},
    )
    client = Client(guard=guard, limits=FetchLimits(), user_agent="newsmill/1")
    yield client
    client.close()


@pytest.fixture
def robots(client: Client) -> Robots:
    return Robots(client, MemoryRobotsCache(), "newsmill")


def _put(host: Host, body: bytes = RULES, status: int = 200, **headers: str) -> None:
    host.files["/robots.txt"] = (status, headers, body)


@pytest.mark.parametrize("path", ["/private", "/private/a", "/private?x=1"])
def test_what_our_group_disallows_is_rejected(host: Host, robots: Robots, path: str) -> None:
    _put(host)
    with pytest.raises(Rejected) as refused:
        robots.check(host.url(path))
    assert refused.value.reason is Reason.ROBOTS
    assert host.url("/robots.txt") in refused.value.detail


@pytest.mark.parametrize("path", ["/", "/news", "/private/open/a"])
def test_our_group_counts_before_everybodys_and_the_longest_match_wins(
    host: Host, robots: Robots, path: str
) -> None:
    _put(host)
    robots.check(host.url(path))


def test_everybodys_group_counts_for_who_has_none(host: Host, client: Client) -> None:
    _put(host)
    with pytest.raises(Rejected):
        Robots(client, MemoryRobotsCache(), "other").check(host.url("/news"))


def test_nothing_is_asked_of_a_host_that_the_operator_has_denied_or_paused(
    host: Host, client: Client
) -> None:
    _put(host, b"")
    hosts = HostList({"denied.test": HostRule(deny=True), "paused.test": HostRule(pause=True)})
    robots = Robots(client, MemoryRobotsCache(), "newsmill", hosts=hosts)
    with pytest.raises(Rejected) as denied:
        robots.check(host.url("/", host="www.denied.test"))
    with pytest.raises(TryLater) as paused:
        robots.check(host.url("/", host="paused.test"))
    assert (denied.value.reason, paused.value.reason) == (Reason.HOST_DENIED, Reason.HOST_PAUSED)
    assert host.visits == []
    _put(host, b"", 302, Location=host.url("/robots.txt", host="denied.test"))
    with pytest.raises(TryLater) as led:
        robots.check(host.url("/", host="leads.test"))
    assert led.value.reason is Reason.ROBOTS_UNREACHABLE
    assert len(host.visits) == 1, "nor of one that a robots.txt leads to"


def test_the_crawl_delay_is_told_where_there_is_one(host: Host, robots: Robots) -> None:
    _put(host)
    assert robots.check(host.url("/")) == 2.5
    assert robots.check(host.url("/", host="bare.test")) == 2.5
    _put(host, b"User-agent: *\nDisallow: /x")
    assert robots.check(host.url("/", host="new.test")) is None


@pytest.mark.parametrize("delay", ["nan", "inf", "-1", "0", "soon", ""])
def test_a_crawl_delay_that_is_none_counts_for_nothing(host: Host, robots: Robots, delay: str) -> None:
    _put(host, f"User-agent: *\nCrawl-delay: {delay}\n".encode())
    assert robots.check(host.url("/")) is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 204, 304])
def test_an_unavailable_file_allows_all(host: Host, robots: Robots, status: int) -> None:
    _put(host, b"", status)
    robots.check(host.url("/private"))


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_a_file_that_cannot_be_had_now_puts_the_host_off(host: Host, robots: Robots, status: int) -> None:
    _put(host, b"", status, **{"Retry-After": "60"})
    with pytest.raises(TryLater) as later:
        robots.check(host.url("/a"))
    assert (later.value.reason, later.value.after) == (Reason.ROBOTS_UNREACHABLE, 60.0)
    assert later.value.whole_host


@pytest.mark.parametrize("name", ["gone.invalid", "down.test"])
def test_a_host_that_is_down_puts_itself_off(robots: Robots, host: Host, name: str) -> None:
    url = host.url("/a", host=name)
    host.server_close()
    host.shutdown()
    with pytest.raises(TryLater) as later:
        robots.check(url)
    assert (later.value.reason, later.value.whole_host) == (Reason.UNREACHABLE, True)


def test_trouble_is_not_remembered(host: Host, robots: Robots) -> None:
    _put(host, b"", 500)
    with pytest.raises(TryLater):
        robots.check(host.url("/a"))
    _put(host)
    robots.check(host.url("/a"))


def test_a_file_is_fetched_once_per_origin(host: Host, robots: Robots) -> None:
    _put(host)
    for path in ("/a", "/b", "/c"):
        robots.check(host.url(path))
    robots.check(host.url("/a", host="other.test"))
    assert host.visits == ["/robots.txt"] * 2


def test_a_file_is_fetched_once_however_many_threads_ask(host: Host, robots: Robots) -> None:
    _put(host)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(robots.check, [host.url("/a")] * 64))
    assert host.visits == ["/robots.txt"]


class Beaten(MemoryRobotsCache):
    """A cache of which somebody else has always been the first to ask."""

    @contextmanager
    def fetching(self, origin: str, seconds: float) -> Iterator[bool]:
        assert origin
        assert seconds > FetchLimits().total
        yield False


def test_who_waited_for_a_file_that_could_not_be_had_is_put_off(host: Host, client: Client) -> None:
    with pytest.raises(TryLater) as later:
        Robots(client, Beaten(), "newsmill").check(host.url("/a"))
    assert (later.value.reason, later.value.whole_host) == (Reason.ROBOTS_UNREACHABLE, False)
    assert host.visits == []


def test_a_file_is_asked_for_again_once_it_is_too_old(host: Host, client: Client) -> None:
    now = [1000.0]
    robots = Robots(client, MemoryRobotsCache(lambda: now[0]), "newsmill", ttl=60)
    for seconds in (0, 59, 1, 1):
        now[0] += seconds
        robots.check(host.url("/a"))
    assert len(host.visits) == 2


def test_the_file_may_be_elsewhere(host: Host, robots: Robots) -> None:
    _put(host, b"", 301, Location=host.url("/moved", host="www.test"))
    host.files["/moved"] = (200, {}, RULES)
    with pytest.raises(Rejected):
        robots.check(host.url("/private"))


def test_a_file_that_was_moved_to_a_host_that_is_down_puts_its_own_host_off(
    host: Host, robots: Robots
) -> None:
    _put(host, b"", 301, Location=host.url("/", host="gone.invalid"))
    with pytest.raises(TryLater) as later:
        robots.check(host.url("/a"))
    assert (later.value.reason, later.value.whole_host) == (Reason.ROBOTS_UNREACHABLE, True)


@pytest.mark.parametrize("location", ["/robots.txt", "ftp://news.test/robots.txt"])
def test_a_redirect_to_nowhere_is_an_unavailable_file(host: Host, robots: Robots, location: str) -> None:
    _put(host, b"", 302, Location=location)
    robots.check(host.url("/private"))


def test_a_redirect_to_the_inside_blocks_the_page(host: Host, robots: Robots) -> None:
    _put(host, b"", 302, Location=host.url("/", host="inside.test"))
    with pytest.raises(Rejected) as refused:
        robots.check(host.url("/a"))
    assert refused.value.reason is Reason.BLOCKED_ADDRESS


def test_only_the_first_500_kib_count_and_no_half_line(host: Host, robots: Robots) -> None:
    start = b"User-agent: *\nDisallow: /first\n"
    half = b"Disallow: /"
    filler = b"#" * (MOST_BYTES - len(start) - len(half) - 1) + b"\n"
    _put(host, start + filler + half + b"second\nDisallow: /third\n")
    for path in ("/a", "/second", "/third"):
        robots.check(host.url(path))
    with pytest.raises(Rejected):
        robots.check(host.url("/first"))


def test_a_long_file_whose_lines_end_with_cr_counts(host: Host, robots: Robots) -> None:
    _put(host, b"User-agent: *\rDisallow: /first\r" + b"#" * MOST_BYTES)
    with pytest.raises(Rejected):
        robots.check(host.url("/first"))


def test_a_byte_order_mark_and_stray_bytes_do_no_harm(host: Host, robots: Robots) -> None:
    _put(host, b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /private\r\n# caf\xe9")
    with pytest.raises(Rejected):
        robots.check(host.url("/private"))
