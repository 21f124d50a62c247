"""The fetch stage: what it sends, what it keeps, and how it goes from hop to hop.

How the page of each server of the fault site ends is in test_fetch_cases.py.
"""

import gzip
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from seeds.http_site import HTML, HTML_TYPE, Site, answer, moved
from tasks.errors import Ending, Failed, Reason, Rejected, TryLater
from tasks.fetch.addresses import AddressGuard
from tasks.fetch.budget import FetchLimits
from tasks.fetch.client import Client
from tasks.fetch.redirects import follow
from tests.fault_site.site_fetcher import ALL_OF_TEST, SHORT_LIMITS, SiteFetcher, fetching_from

LIMITS = FetchLimits(header_bytes=20_000, wire_bytes=200_000, decoded_bytes=100_000)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as running:
        yield running


@pytest.fixture
def fetcher(site: Site) -> Iterator[SiteFetcher]:
    with fetching_from(site, LIMITS, resolve={**ALL_OF_TEST, "inside.test": "127.0.0.99"}) as one:
        yield one


def ending_of(fetcher: SiteFetcher, url: str) -> Ending:
    with pytest.raises(Ending) as ending:
        fetcher.get(url)
    assert ending.value.detail
    return ending.value


def test_a_page_fills_the_record(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/a?b=1"] = answer(headers=HTML_TYPE + b'ETag: "x"\r\nLast-Modified: yesterday\r\n')
    before = time.time()
    page = fetcher.get(site.url("/a?b=1"))
    assert (page.status, page.content_type, page.charset) == (200, "text/html", "iso-8859-2")
    assert (page.html, page.etag, page.last_modified) == (HTML, '"x"', "yesterday")
    assert page.final_url == site.url("/a?b=1")
    assert page.fetched_at is not None
    assert before <= page.fetched_at <= time.time()


def test_a_canonical_link_in_a_header_is_kept(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/a/b"] = answer(headers=b"Link: </x>; rel=next\r\nLink: <../c>; rel=canonical\r\n")
    assert fetcher.get(site.url("/a/b")).canonical_link == site.url("/c")


def test_the_host_of_the_url_and_the_user_agent_are_sent(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/"] = answer()
    fetcher.get(site.url("/"))
    headers = site.requests[-1].headers
    assert headers["host"] == f"news.test:{site.port}"
    assert headers["user-agent"] == "newsmill/1 (+https://mill.example/bot)"
    assert headers["accept-encoding"] == "gzip, deflate"


def test_a_compressed_page_is_unpacked(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/"] = answer(gzip.compress(HTML), b"Content-Encoding: gzip\r\n")
    assert fetcher.get(site.url("/")).html == HTML


def test_connections_are_kept_for_the_next_page(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/"] = answer()
    for _ in range(5):
        fetcher.get(site.url("/"))
    assert site.connections == 1


def test_a_kept_connection_that_the_server_closed_is_replaced(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/robots.txt"] = answer(b"", b"")
    site.routes["/last"] = lambda connection: connection.wfile.write(
        answer()
    )  # and close, against what it said
    for _ in range(3):
        assert fetcher.get(site.url("/last")).html == HTML


def test_threads_share_one_client(site: Site, fetcher: SiteFetcher) -> None:
    urls = []
    for number in range(60):
        site.routes[f"/{number}"] = answer(HTML + b"%d" % number)
        urls.append(site.url(f"/{number}", host=f"h{number % 7}.test"))
    with ThreadPoolExecutor(16) as pool:
        pages = list(pool.map(fetcher.get, urls))
    assert [page.html for page in pages] == [HTML + b"%d" % number for number in range(60)]
    assert site.connections < 60


def test_redirects_are_followed_and_each_host_asked_for_its_robots(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/a"] = moved("/b/../c?utm_source=x#top")
    site.routes["/c?utm_source=x"] = moved(site.url("/ü", host="other.test"))
    site.routes["/%C3%BC"] = answer()
    assert fetcher.get(site.url("/a")).final_url == site.url("/%C3%BC", host="other.test")
    assert [(one.host, one.path) for one in site.requests] == [
        ("news.test", "/robots.txt"),
        ("news.test", "/a"),
        ("news.test", "/c?utm_source=x"),
        ("other.test", "/robots.txt"),
        ("other.test", "/%C3%BC"),
    ]


def test_robots_stop_a_redirect_to_what_they_disallow(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/robots.txt"] = answer(b"User-agent: newsmill\nDisallow: /private", b"")
    site.routes["/a"] = moved("/private/b")
    assert ending_of(fetcher, site.url("/a")).reason is Reason.ROBOTS
    assert [one.path for one in site.requests] == ["/robots.txt", "/a"]


def test_five_redirects_are_followed_and_six_are_not(site: Site, fetcher: SiteFetcher) -> None:
    site.routes |= {f"/{number}": moved(f"/{number + 1}") for number in range(6)}
    site.routes["/6"] = answer()
    assert fetcher.get(site.url("/1")).html == HTML
    assert ending_of(fetcher, site.url("/0")).reason is Reason.TOO_MANY_REDIRECTS


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/a", Reason.REDIRECT_LOOP),
        ("#again", Reason.REDIRECT_LOOP),
        ("ftp://news.test/", Reason.BAD_URL),
        ("file:///etc/passwd", Reason.BAD_URL),
        ("javascript:alert(1)", Reason.BAD_URL),
        ("http://news.test:22/", Reason.BAD_URL),
        ("http://[::1", Reason.BAD_URL),
        ("http://news.test:99999/", Reason.BAD_URL),
    ],
)
def test_a_redirect_that_the_site_has_to_mend_fails_at_once_and_can_be_replayed(
    site: Site, fetcher: SiteFetcher, location: str, reason: Reason
) -> None:
    site.routes["/a"] = moved(location)
    ending = ending_of(fetcher, site.url("/a"))
    assert (type(ending), ending.reason) == (Failed, reason)
    assert {one.path for one in site.requests} == {"/robots.txt", "/a"}


def test_a_url_that_may_not_be_fetched_from_the_start_is_rejected(fetcher: SiteFetcher) -> None:
    ending = ending_of(fetcher, "http://news.test:22/")
    assert (type(ending), ending.reason) == (Rejected, Reason.BAD_URL)


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://127.0.0.99:{port}/", Reason.BLOCKED_ADDRESS),
        ("http://2130706531:{port}/", Reason.BLOCKED_ADDRESS),
        ("http://inside.test:{port}/", Reason.BLOCKED_ADDRESS),
        ("http://[::ffff:127.0.0.1]:{port}/", Reason.BLOCKED_ADDRESS),
        ("http://169.254.169.254:{port}/", Reason.BLOCKED_ADDRESS),
    ],
)
def test_a_redirect_that_leads_astray_is_rejected(
    site: Site, fetcher: SiteFetcher, location: str, reason: Reason
) -> None:
    site.routes["/a"] = moved(location.format(port=site.port))
    assert ending_of(fetcher, site.url("/a")).reason is reason
    assert {one.path for one in site.requests} == {"/robots.txt", "/a"}


def test_the_trouble_of_another_host_is_this_urls_alone(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/a"] = moved(site.url("/busy", host="other.test"))
    site.routes["/busy"] = answer(b"", b"Retry-After: 7\r\n", b"429 Slow down")
    ending = ending_of(fetcher, site.url("/a"))
    assert isinstance(ending, TryLater)
    assert (ending.reason, ending.after, ending.whole_host) == (Reason.RATE_LIMITED, 7, False)
    site.routes["/b"] = moved(site.url("/", host="gone.invalid"))
    ending = ending_of(fetcher, site.url("/b"))
    assert isinstance(ending, TryLater)
    assert (ending.reason, ending.whole_host) == (Reason.UNREACHABLE, False)
    assert "gone.invalid" in ending.detail


def test_a_host_that_asks_for_a_pause_itself_is_put_off(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/"] = answer(b"", b"Retry-After: 7\r\n", b"429 Slow down")
    site.routes["/a"] = moved(site.url("/"))
    for path in ("/", "/a"):
        ending = ending_of(fetcher, site.url(path))
        assert isinstance(ending, TryLater)
        assert (ending.reason, ending.after, ending.whole_host) == (Reason.RATE_LIMITED, 7, True)


def test_early_hints_are_not_the_answer(site: Site, fetcher: SiteFetcher) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    site.routes["/"] = hints + hints + answer()
    assert [fetcher.get(site.url("/")).html for _ in range(2)] == [HTML, HTML]


def test_a_drip_ends_with_the_total_deadline(site: Site) -> None:
    site.routes["/"] = lambda connection: connection.drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")
    began = time.monotonic()
    with fetching_from(site, SHORT_LIMITS) as hasty:
        assert ending_of(hasty, site.url("/")).reason is Reason.TOO_SLOW
    assert time.monotonic() - began < SHORT_LIMITS.total + 1


def test_the_time_that_robots_and_rate_limit_take_is_not_the_pages(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/"] = answer()
    budget = fetcher.client.budget()

    def admit_slowly(_url: str) -> None:
        site.stopping.wait(0.3)

    with follow(fetcher.client, site.url("/"), budget, admit=admit_slowly) as page:
        assert page.status == 200
    assert budget.seconds(99) > LIMITS.total - 0.25


def test_a_page_as_large_as_the_limit_is_taken_and_one_byte_more_is_not(
    site: Site, fetcher: SiteFetcher
) -> None:
    site.routes["/"] = answer(HTML.ljust(LIMITS.decoded_bytes))
    site.routes["/more"] = answer(HTML.ljust(LIMITS.decoded_bytes + 1))
    assert len(fetcher.get(site.url("/")).html or b"") == LIMITS.decoded_bytes
    assert ending_of(fetcher, site.url("/more")).reason is Reason.TOO_LARGE


def test_a_bomb_costs_no_memory(site: Site, fetcher: SiteFetcher) -> None:
    bomb = gzip.compress(HTML.ljust(100_000_000))
    site.routes["/"] = answer(bomb, b"Content-Encoding: gzip\r\n")
    tracemalloc.start()
    try:
        ending_of(fetcher, site.url("/"))
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("url", ["https://news.test:{port}/", "http://127.0.0.2:1/"])
def test_a_host_without_tls_or_without_a_server_is_unreachable(site: Site, url: str) -> None:
    with fetching_from(site) as fetcher:
        object.__setattr__(fetcher.client.guard, "allow_ports", frozenset({1, site.port}))
        with pytest.raises(TryLater) as later:
            fetcher.client.open(url.format(port=site.port), fetcher.client.budget())
    assert (later.value.reason, later.value.whole_host) == (Reason.UNREACHABLE, True)


def test_proxies_of_the_environment_are_not_used(
    site: Site, fetcher: SiteFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.3:9")
    site.routes["/"] = answer()
    assert fetcher.get(site.url("/")).html == HTML


def test_a_user_agent_that_would_be_two_headers_is_refused() -> None:
    for text in ("newsmill\r\nCookie: a=b", "newsmill\n", "newsmill \u00fc"):
        with pytest.raises(ValueError, match="printable"):
            Client(guard=AddressGuard(), limits=LIMITS, user_agent=text)


@pytest.mark.parametrize("path", ["/a b", "/a\r\nX: y", "/\u00fc", "/\x7f"])
def test_a_url_that_is_not_canonical_is_not_sent(site: Site, fetcher: SiteFetcher, path: str) -> None:
    with pytest.raises(Rejected) as refused:
        fetcher.client.open(site.url(path), fetcher.client.budget())
    assert refused.value.reason is Reason.BAD_URL
    assert site.requests == []


@pytest.mark.parametrize(
    ("url", "content_type"), [("file:///tmp/a.TXT", "text/plain"), ("file:///tmp/a.html", "text/html")]
)
def test_a_document_is_taken_from_where_it_was_put(fetcher: SiteFetcher, url: str, content_type: str) -> None:
    fetcher.documents["1"] = b"It rained."
    page = fetcher.get(url)
    assert (page.html, page.content_type, page.final_url) == (b"It rained.", content_type, url)
    assert page.status is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"%PDF-1.7", Reason.NOT_HTML), (b"<p>" * 99_999, Reason.TOO_LARGE), (b"", Reason.NO_ARTICLE)],
)
def test_a_document_that_is_no_page_is_rejected(fetcher: SiteFetcher, body: bytes, reason: Reason) -> None:
    fetcher.documents["1"] = body
    assert ending_of(fetcher, "file:///a.html").reason is reason


@pytest.mark.parametrize(
    "target", ["/x?", "/x??a", "/x?b=1&a=2&utm_source=s", "/a%2fb;c=1?d[]='e'".replace("'", "%27"), "/a//b/"]
)
def test_path_and_query_are_sent_as_they_were_given(site: Site, fetcher: SiteFetcher, target: str) -> None:
    site.routes[target] = answer()
    assert fetcher.get(site.url(target)).final_url == site.url(target)
    assert site.requests[-1].path == target


def test_the_final_dot_of_a_name_is_sent_and_its_server_is_that_of_the_name(
    site: Site, fetcher: SiteFetcher
) -> None:
    site.routes["/a"] = answer()
    fetcher.get(site.url("/a"))
    fetcher.get(site.url("/a", host="news.test."))
    assert [one.host for one in site.requests if one.path == "/a"] == ["news.test", "news.test."]


def test_a_user_and_a_password_in_a_url_are_not_sent(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/a"] = moved(site.url("/b").replace("://", "://user:word@"))
    site.routes["/b"] = answer()
    assert fetcher.get(site.url("/a")).final_url == site.url("/b")
    assert "authorization" not in site.requests[-1].headers
