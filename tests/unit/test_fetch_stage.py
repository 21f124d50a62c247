"""The fetch stage against a server on the loopback that behaves, misbehaves and attacks."""

import gzip
import socketserver
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ipaddress import ip_network

import pytest

from tasks.article import Article
from tasks.errors import Ending, Reason, Rejected, TryLater
from tasks.fetch import AddressGuard, Client, FetchLimits, MemoryRobotsCache, Robots, fetch
from tasks.fetch.redirects import follow

HTML = b"<!doctype html><title>Rain</title><p>It rained."
HTML_TYPE = b"Content-Type: text/html; charset=ISO-8859-2\r\n"
LIMITS = FetchLimits(header_bytes=20_000, wire_bytes=200_000, decoded_bytes=100_000)
#: For the tests in which time must run out.
HASTY = FetchLimits(read=0.4, total=0.8)

Route = bytes | Callable[["Visit"], object]
Get = Callable[[str], Article]


def answer(body: bytes = HTML, headers: bytes = HTML_TYPE, status: bytes = b"200 OK") -> bytes:
    head = b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n"
    return head % (status, headers, len(body)) + body


def moved(location: str) -> bytes:
    return answer(b"", b"Location: " + location.encode() + b"\r\n", b"301 Moved")


class Visit(socketserver.StreamRequestHandler):
    """One connection: answers the routes of its site, in order, until a route that is a function has run."""

    server: "Site"

    def handle(self) -> None:
        self.server.connections += 1
        with suppress(OSError):  # a client that has seen enough hangs up
            self.answer_all()

    def answer_all(self) -> None:
        while line := self.rfile.readline():
            headers = dict(line.decode().split(": ", 1) for line in iter(self.rfile.readline, b"\r\n"))
            self.server.visits.append((headers["Host"].split(":")[0], line.split()[1].decode(), headers))
            route = self.server.routes.get(line.split()[1].decode(), answer(b"", b"", b"404 No"))
            if isinstance(route, bytes):
                self.wfile.write(route)
            else:
                route(self)
                return

    def drip(self, first: bytes, then: bytes) -> None:
        """Send `first`, then `then` again and again, slowly, until nobody listens any more."""
        self.wfile.write(first)
        while not self.server.over.wait(0.02):
            self.wfile.write(then)


class Site(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.routes: dict[str, Route] = {}
        self.visits: list[tuple[str, str, dict[str, str]]] = []
        self.connections = 0
        self.over = threading.Event()
        self.port: int = self.server_address[1]

    def url(self, path: str, host: str = "news.test") -> str:
        return f"http://{host}:{self.port}{path}"


class Files(dict[str, bytes]):
    def load(self, article_id: str) -> bytes:
        return self[article_id]


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.over.set()
        server.shutdown()


@pytest.fixture
def client(site: Site) -> Iterator[Client]:
    client = make_client(site, LIMITS)
    yield client
    client.close()


@pytest.fixture
def get(client: Client) -> Get:
    robots = Robots(client, MemoryRobotsCache(), "newsmill")
    return lambda url: fetch(Article(id="1", url=url), client=client, robots=robots, documents=Files())


@pytest.fixture
def get_hastily(site: Site) -> Iterator[Get]:
    client = make_client(site, HASTY)
    robots = Robots(client, MemoryRobotsCache(), "newsmill")
    yield lambda url: fetch(Article(id="1", url=url), client=client, robots=robots, documents=Files())
    client.close()


def make_client(site: Site, limits: FetchLimits) -> Client:
    guard = AddressGuard(
        allow_networks=(ip_network("127.0.0.0/30"),),
        allow_ports=frozenset({site.port}),
        resolve={"test": "127.0.0.1", "inside.test": "127.0.0.99"},
    )
    return Client(guard=guard, limits=limits, user_agent="newsmill/1 (+https://mill.example/bot)")


def ending_of(get: Get, url: str) -> Ending:
    with pytest.raises(Ending) as ending:
        get(url)
    assert ending.value.detail
    return ending.value


def test_a_page_fills_the_record(site: Site, get: Get) -> None:
    site.routes["/a?b=1"] = answer(headers=HTML_TYPE + b'ETag: "x"\r\nLast-Modified: yesterday\r\n')
    before = time.time()
    page = get(site.url("/a?b=1"))
    assert (page.status, page.content_type, page.charset) == (200, "text/html", "iso-8859-2")
    assert (page.html, page.etag, page.last_modified) == (HTML, '"x"', "yesterday")
    assert page.final_url == site.url("/a?b=1")
    assert page.fetched_at is not None
    assert before <= page.fetched_at <= time.time()


def test_the_host_of_the_url_and_the_user_agent_are_sent(site: Site, get: Get) -> None:
    site.routes["/"] = answer()
    get(site.url("/"))
    _, _, headers = site.visits[-1]
    assert headers["Host"].strip() == f"news.test:{site.port}"
    assert headers["User-Agent"].strip() == "newsmill/1 (+https://mill.example/bot)"


def test_a_compressed_page_is_unpacked(site: Site, get: Get) -> None:
    site.routes["/"] = answer(gzip.compress(HTML), b"Content-Encoding: gzip\r\n")
    assert get(site.url("/")).html == HTML


def test_connections_are_kept_for_the_next_page(site: Site, get: Get) -> None:
    site.routes["/"] = answer()
    for _ in range(5):
        get(site.url("/"))
    assert site.connections == 1


def test_a_kept_connection_that_the_server_closed_is_replaced(site: Site, get: Get) -> None:
    site.routes["/robots.txt"] = answer(b"", b"")
    site.routes["/last"] = lambda visit: visit.wfile.write(answer())  # and close, against what it said
    for _ in range(3):
        assert get(site.url("/last")).html == HTML


def test_threads_share_one_client(site: Site, get: Get) -> None:
    urls = []
    for number in range(60):
        site.routes[f"/{number}"] = answer(HTML + b"%d" % number)
        urls.append(site.url(f"/{number}", host=f"h{number % 7}.test"))
    with ThreadPoolExecutor(16) as pool:
        pages = list(pool.map(get, urls))
    assert [page.html for page in pages] == [HTML + b"%d" % number for number in range(60)]
    assert site.connections < 60


def test_redirects_are_followed_and_each_host_asked_for_its_robots(site: Site, get: Get) -> None:
    site.routes["/a"] = moved("/b/../c?utm_source=x#top")
    site.routes["/c"] = moved(site.url("/ü", host="other.test"))
    site.routes["/%C3%BC"] = answer()
    assert get(site.url("/a")).final_url == site.url("/%C3%BC", host="other.test")
    assert [(host, path) for host, path, _ in site.visits] == [
        ("news.test", "/robots.txt"),
        ("news.test", "/a"),
        ("news.test", "/c"),
        ("other.test", "/robots.txt"),
        ("other.test", "/%C3%BC"),
    ]


def test_robots_stop_a_redirect_to_what_they_disallow(site: Site, get: Get) -> None:
    site.routes["/robots.txt"] = answer(b"User-agent: newsmill\nDisallow: /private", b"")
    site.routes["/a"] = moved("/private/b")
    assert ending_of(get, site.url("/a")).reason is Reason.ROBOTS
    assert [path for _, path, _ in site.visits] == ["/robots.txt", "/a"]


def test_five_redirects_are_followed_and_six_are_not(site: Site, get: Get) -> None:
    site.routes |= {f"/{number}": moved(f"/{number + 1}") for number in range(6)}
    site.routes["/6"] = answer()
    assert get(site.url("/1")).html == HTML
    assert ending_of(get, site.url("/0")).reason is Reason.TOO_MANY_REDIRECTS


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/a", Reason.REDIRECT_LOOP),
        ("#again", Reason.REDIRECT_LOOP),
        ("ftp://news.test/", Reason.BAD_URL),
        ("file:///etc/passwd", Reason.BAD_URL),
        ("javascript:alert(1)", Reason.BAD_URL),
        ("http://user@news.test/", Reason.BAD_URL),
        ("http://news.test:22/", Reason.BAD_URL),
        ("http://[::1", Reason.BAD_URL),
        ("http://news.test:99999/", Reason.BAD_URL),
        ("http://127.0.0.99:{port}/", Reason.BLOCKED_ADDRESS),
        ("http://2130706531:{port}/", Reason.BLOCKED_ADDRESS),
        ("http://inside.test:{port}/", Reason.BLOCKED_ADDRESS),
        ("http://[::ffff:127.0.0.1]:{port}/", Reason.BLOCKED_ADDRESS),
        ("http://169.254.169.254:{port}/", Reason.BLOCKED_ADDRESS),
    ],
)
def test_a_redirect_that_leads_astray_is_rejected(
    site: Site, get: Get, location: str, reason: Reason
) -> None:
    site.routes["/a"] = moved(location.format(port=site.port))
    assert ending_of(get, site.url("/a")).reason is reason
    assert {path for _, path, _ in site.visits} == {"/robots.txt", "/a"}


def test_a_redirect_without_a_location_is_a_bad_status(site: Site, get: Get) -> None:
    site.routes["/"] = answer(b"", b"", b"302 Found")
    assert ending_of(get, site.url("/")).reason is Reason.BAD_STATUS


def test_the_trouble_of_another_host_does_not_hold_back_the_one_that_redirects_there(
    site: Site, get: Get
) -> None:
    site.routes["/a"] = moved(site.url("/busy", host="other.test"))
    site.routes["/busy"] = answer(b"", b"Retry-After: 7\r\n", b"429 Slow down")
    ending = ending_of(get, site.url("/a"))
    assert isinstance(ending, TryLater)
    assert (ending.reason, ending.after, ending.whole_host) == (Reason.RATE_LIMITED, 7, False)
    site.routes["/b"] = moved(site.url("/", host="gone.invalid"))
    ending = ending_of(get, site.url("/b"))
    assert isinstance(ending, TryLater)
    assert (ending.reason, ending.whole_host) == (Reason.UNREACHABLE, False)


def test_a_status_ends_the_article_as_the_table_says(site: Site, get: Get) -> None:
    site.routes["/"] = answer(b"", b"Retry-After: 7\r\n", b"429 Slow down")
    ending = ending_of(get, site.url("/"))
    assert isinstance(ending, TryLater)
    assert (ending.reason, ending.after, ending.whole_host) == (Reason.RATE_LIMITED, 7, True)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"<p>"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"HTTP/1.0 200 OK\r\n\r\n", b"<p>"),
    ],
)
def test_a_drip_ends_with_the_total_deadline(site: Site, get_hastily: Get, first: bytes, then: bytes) -> None:
    site.routes["/"] = lambda visit: visit.drip(first, then)
    began = time.monotonic()
    ending = ending_of(get_hastily, site.url("/"))
    assert isinstance(ending, Rejected)
    assert ending.reason is Reason.TOO_SLOW
    assert time.monotonic() - began < HASTY.total + 1


def test_the_time_that_robots_take_is_not_the_pages(site: Site, client: Client) -> None:
    site.routes["/"] = answer()
    budget = client.budget()

    def admit_slowly(_url: str) -> None:
        site.over.wait(0.3)

    with follow(client, site.url("/"), budget, admit=admit_slowly) as page:
        assert page.status == 200
    assert budget.seconds(99) > LIMITS.total - 0.25


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"x" * 40_000 + b"\r\n" * 2, Reason.TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\n" + b"X: %b\r\n" % (b"x" * 400) * 90 + b"\r\n", Reason.TOO_LARGE),
        (answer(HTML.ljust(100_001)), Reason.TOO_LARGE),
        (answer(gzip.compress(HTML.ljust(50_000_000)), b"Content-Encoding: gzip\r\n"), Reason.TOO_LARGE),
        (answer(b"%PDF-1.7" + bytes(500_000)), Reason.NOT_HTML),
        (answer(b""), Reason.NO_ARTICLE),
    ],
)
def test_what_is_too_large_or_no_page_is_rejected(site: Site, get: Get, sent: bytes, reason: Reason) -> None:
    site.routes["/"] = lambda visit: visit.wfile.write(sent)
    ending = ending_of(get, site.url("/"))
    assert isinstance(ending, Rejected)
    assert ending.reason is reason


def test_a_page_as_large_as_the_limit_is_taken(site: Site, get: Get) -> None:
    site.routes["/"] = answer(HTML.ljust(LIMITS.decoded_bytes))
    assert len(get(site.url("/")).html or b"") == LIMITS.decoded_bytes


def test_more_bytes_on_the_wire_than_allowed_are_not_read(site: Site, get: Get) -> None:
    members = gzip.compress(b"") * 20_000  # 400 KB that unpack to nothing
    site.routes["/"] = answer(gzip.compress(HTML * 99) + members, b"Content-Encoding: gzip\r\n")
    assert ending_of(get, site.url("/")).reason is Reason.TOO_LARGE


def test_a_bomb_costs_no_memory(site: Site, get: Get) -> None:
    bomb = gzip.compress(HTML.ljust(100_000_000))
    site.routes["/"] = answer(bomb, b"Content-Encoding: gzip\r\n")
    tracemalloc.start()
    try:
        ending_of(get, site.url("/"))
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n<html>\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<html>\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(HTML)[:-5],
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n\x0b\x02\x80",
    ],
)
def test_an_answer_that_breaks_off_or_breaks_http_is_a_bad_response(
    site: Site, get: Get, sent: bytes
) -> None:
    site.routes["/robots.txt"] = answer(b"", b"")
    site.routes["/"] = lambda visit: visit.wfile.write(sent)
    ending = ending_of(get, site.url("/"))
    assert isinstance(ending, TryLater)
    assert (ending.reason, ending.whole_host) == (Reason.BAD_RESPONSE, False)


def test_a_body_that_ends_with_the_connection_is_whole(site: Site, get: Get) -> None:
    site.routes["/"] = lambda visit: visit.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + HTML)
    assert get(site.url("/")).html == HTML


def test_silence_before_an_answer_puts_the_host_off(site: Site, get_hastily: Get) -> None:
    site.routes["/"] = lambda visit: visit.server.over.wait(5)
    ending = ending_of(get_hastily, site.url("/"))
    assert isinstance(ending, TryLater)
    assert (ending.reason, ending.whole_host) == (Reason.UNREACHABLE, True)


def test_silence_within_a_body_is_a_bad_response(site: Site, get_hastily: Get) -> None:
    def stop_halfway(visit: Visit) -> None:
        visit.wfile.write(answer()[:-5])
        visit.server.over.wait(5)

    site.routes["/"] = stop_halfway
    assert ending_of(get_hastily, site.url("/")).reason is Reason.BAD_RESPONSE


@pytest.mark.parametrize("url", ["https://news.test:{port}/", "http://127.0.0.2:{port}/"])
def test_a_host_without_tls_or_without_a_server_is_unreachable(site: Site, client: Client, url: str) -> None:
    with pytest.raises(TryLater) as later:
        client.open(url.format(port=site.port), client.budget())
    assert (later.value.reason, later.value.whole_host) == (Reason.UNREACHABLE, True)


def test_proxies_of_the_environment_are_not_used(
    site: Site, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.3:9")
    site.routes["/"] = answer()
    assert get(site.url("/")).html == HTML


@pytest.mark.parametrize(
    ("url", "content_type"), [("file:///tmp/a.TXT", "text/plain"), ("file:///tmp/a.html", "text/html")]
)
def test_a_document_is_taken_from_where_it_was_put(client: Client, url: str, content_type: str) -> None:
    robots = Robots(client, MemoryRobotsCache(), "newsmill")
    page = fetch(
        Article(id="7", url=url), client=client, robots=robots, documents=Files({"7": b"It rained."})
    )
    assert (page.html, page.content_type, page.final_url) == (b"It rained.", content_type, url)
    assert page.status is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"%PDF-1.7", Reason.NOT_HTML), (b"<p>" * 99_999, Reason.TOO_LARGE), (b"", Reason.NO_ARTICLE)],
)
def test_a_document_that_is_no_page_is_rejected(client: Client, body: bytes, reason: Reason) -> None:
    robots = Robots(client, MemoryRobotsCache(), "newsmill")
    with pytest.raises(Rejected) as refused:
        fetch(
            Article(id="7", url="file:///a.html"), client=client, robots=robots, documents=Files({"7": body})
        )
    assert refused.value.reason is reason
