"""Whatever URLs, answers and robots.txt files say: the stage ends by name, and no request leaves for the inside."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seeds.http_site import HTML, PUBLIC_ADDRESS, Site, answer, moved
from tasks.article import Article
from tasks.errors import Ending
from tasks.fetch import opt_outs
from tasks.urls import request_url
from tests.fault_site.site_fetcher import SiteFetcher
from tests.fault_site.ssrf import AUDIT, audited_site

fuzz = settings(
    max_examples=250,
    deadline=None,
    database=None,
    # One server serves all examples: what an example leaves behind is its route, and that is overwritten.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

#: What URLs are made of when somebody means harm.
PARTS = st.sampled_from(
    (
        *(
            "http://",
            "https://",
            "HTTP:",
            "//",
            "/",
            "\\",
            "@",
            ":",
            "?",
            "#",
            "%",
            "%00",
            "%2f",
            "[",
            "]",
            "::1",
            "::ffff:",
        ),
        *(
            "127.0.0.1",
            "127.1",
            "0x7f",
            "2130706433",
            "0177",
            "10.0.0.1",
            "169.254.169.254",
            "localhost",
            "news.example",
        ),
        *(
            "private.example",
            "mixed.example",
            ".",
            "..",
            "-",
            "_",
            "a",
            "0",
            "80",
            "{port}",
            "xn--",
            "\u3002",
            "\uff11",
            "\u00fc",
        ),
        *(
            "\t",
            " ",
            "\r\n",
            "\0",
            "file:",
            "javascript:",
            "user:pass",
            ";",
            "&",
            "=",
            "+",
            "\u202e",
            "\U0001f600",
        ),
    )
)
URLS = st.lists(PARTS | st.text(max_size=3), min_size=1, max_size=8).map("".join)

#: Pieces of answers, and any bytes between them.
PIECES = st.sampled_from(
    (
        *(
            b"HTTP/1.1 200 OK\r\n",
            b"HTTP/1.0 200\r\n",
            b"HTTP/1.1 301 M\r\n",
            b"HTTP/1.1 100 C\r\n\r\n",
            b"HTTP/1.1 304 N\r\n",
        ),
        *(
            b"Content-Length: 5\r\n",
            b"Content-Length: -1\r\n",
            b"Content-Length: 5, 5\r\n",
            b"Content-Length: 9e9\r\n",
        ),
        *(
            b"Transfer-Encoding: chunked\r\n",
            b"Transfer-Encoding: gzip, chunked\r\n",
            b"Content-Encoding: gzip\r\n",
        ),
        *(
            b"Content-Encoding: br\r\n",
            b"Content-Encoding: zstd\r\n",
            b"Content-Encoding: deflate\r\n",
            b"Location: /a\r\n",
        ),
        *(
            b"Location: \xff\xfe\r\n",
            b"Location: http://10.0.0.1/\r\n",
            b"Content-Type: text/html; charset=\xff\r\n",
        ),
        *(
            b"Set-Cookie: a=b; Domain=example; Expires=1:1:1 1 jan 70\r\n",
            b"Refresh: 0; url='/a\r\n",
            b"Content-Encoding: gzip, zstd, \r\n",
            b"Retry-After: \xb2\r\n",
            b"X-Robots-Tag: a:b:,noai\r\n",
            b"ETag: \x01\r\n",
            b" folded\r\n",
            b": no name\r\n",
            b"no colon\r\n",
        ),
        *(
            b"\r\n",
            b"\n",
            b"5\r\n",
            b"-5\r\n",
            b"0\r\n\r\n",
            b"ffffffffffffffff\r\n",
            b"<p>x",
            HTML,
            b"\x1f\x8b\x08\0",
            b"\0",
        ),
    )
)
ANSWERS = st.lists(PIECES | st.binary(max_size=20), max_size=12).map(b"".join)
HEADER_VALUES = st.binary(max_size=60).filter(lambda value: b"\n" not in value and b"\r" not in value)

COOKIES = st.lists(
    st.sampled_from(
        (
            b"a",
            b"=",
            b";",
            b" ",
            b"Domain=",
            b".example",
            b"news.example",
            b"Path=/",
            b"Secure",
            b"Max-Age=",
            b"-",
            b"9",
            b"Expires=",
            b"1 jan 2100 1:1:1",
            b"__Host-",
            b"xn--",
            b"\xe4",
            b"\t",
            b'"',
        )
    ),
    max_size=12,
).map(b"".join)

RULES = st.sampled_from(
    (
        *(
            "User-agent: *\n",
            "user-agent:newsmill\n",
            "Disallow: /\n",
            "Allow: /a*$\n",
            "Disallow: /*?*=*&*$\n",
            "Crawl-delay: 1e9\n",
        ),
        *(
            "Crawl-delay: -1\n",
            "Crawl-delay: nan\n",
            "Crawl-delay: inf\n",
            "Request-rate: 1/0\n",
            "Sitemap: x\n",
            "\ufeff",
            "\0",
            "#\n",
            ":\n",
        ),
        *(
            "Disallow: %\n",
            "Disallow: %zz\n",
            "Disallow: " + "*" * 60 + "\n",
            "Connection-time: 9999-0\n",
            "\r",
            "Host:\n",
        ),
    )
)
ROBOTS = st.lists(RULES | st.text(max_size=10), max_size=20).map("".join)


@pytest.fixture(scope="module")
def watched() -> Iterator[tuple[Site, SiteFetcher]]:
    with audited_site() as both:
        yield both


@pytest.fixture
def site(watched: tuple[Site, SiteFetcher]) -> Iterator[Site]:
    site = watched[0]
    before = len(AUDIT.addresses)
    yield site
    assert {host for host, _ in AUDIT.addresses[before:]} <= {PUBLIC_ADDRESS}
    assert site.private_connections == 0
    site.routes.clear()


@pytest.fixture
def fetcher(watched: tuple[Site, SiteFetcher]) -> SiteFetcher:
    return watched[1]


@fuzz
@given(url=URLS)
def test_any_url_is_refused_or_ends_by_name(site: Site, fetcher: SiteFetcher, url: str) -> None:
    try:
        request = request_url(url.replace("{port}", str(site.port)))
    except ValueError:
        return
    assert request_url(request) == request
    assert isinstance(fetcher.end(request), Article | Ending)


@fuzz
@given(url=URLS.filter(lambda url: "\r" not in url and "\n" not in url))
def test_any_redirect_ends_by_name(site: Site, fetcher: SiteFetcher, url: str) -> None:
    site.routes["/start"] = moved(url.replace("{port}", str(site.port)))
    assert isinstance(fetcher.end(f"http://news.example:{site.port}/start"), Article | Ending)


@fuzz
@given(sent=ANSWERS)
def test_any_answer_ends_by_name(site: Site, fetcher: SiteFetcher, sent: bytes) -> None:
    site.routes["/page"] = lambda connection: connection.wfile.write(sent)
    assert isinstance(fetcher.end(f"http://news.example:{site.port}/page"), Article | Ending)


@fuzz
@given(
    name=st.sampled_from(
        (
            *(
                b"Content-Type",
                b"Content-Encoding",
                b"Content-Length",
                b"Transfer-Encoding",
                b"Connection",
                b"ETag",
            ),
            *(b"Last-Modified", b"X-Robots-Tag", b"tdm-reservation", b"Retry-After", b"Refresh", b"Link"),
        )
    ),
    value=HEADER_VALUES,
    status=st.sampled_from((b"200 OK", b"503 Later", b"429 Later")),
)
def test_any_header_ends_by_name(
    site: Site, fetcher: SiteFetcher, name: bytes, value: bytes, status: bytes
) -> None:
    sent = answer(headers=b"%b: %b\r\n" % (name, value), status=status)
    site.routes["/page"] = lambda connection: connection.wfile.write(sent)
    end = fetcher.end(f"http://news.example:{site.port}/page")
    assert isinstance(end, Article | Ending)
    if isinstance(end, Article):
        assert len(str(end.to_message())) < 2000


@fuzz
@given(
    lines=st.lists(HEADER_VALUES | COOKIES, max_size=5),
    target=URLS | st.sampled_from(("/page", "/", "")),
    status=st.sampled_from((b"302 Found", b"200 OK")),
)
def test_any_cookie_and_any_refresh_end_by_name(
    site: Site, fetcher: SiteFetcher, lines: list[bytes], target: str, status: bytes
) -> None:
    cookies = b"".join(b"Set-Cookie: %b\r\n" % line for line in lines)
    page = f"<meta http-equiv=refresh content='0;{target.replace('{port}', str(site.port))}'>".encode(
        "utf-8", "replace"
    )
    site.routes["/page"] = answer(page, cookies + b"Location: /page?\r\n", status)
    site.routes["/page?"] = answer(page, cookies)
    end = fetcher.end(f"http://news.example:{site.port}/page")
    assert isinstance(end, Article | Ending)
    if isinstance(end, Article):
        assert len(str(end.to_message())) < 4000


@fuzz
@given(text=ROBOTS)
def test_any_robots_file_allows_or_ends_by_name(site: Site, fetcher: SiteFetcher, text: str) -> None:
    site.routes["/robots.txt"] = answer(text.encode("utf-8", "replace"), b"")
    site.routes["/page"] = answer()
    origin = f"http://news.example:{site.port}"
    fetcher.robots._cache.put(origin, "", -1)
    assert isinstance(fetcher.end(f"{origin}/page"), Article | Ending)


@fuzz
@given(
    page=st.lists(
        st.sampled_from(
            (b"<meta ", b"name=", b"robots", b'"', b"'", b">", b"<!--", b"-->", b"content=noai", b"\0")
        )
        | st.binary(max_size=5),
        max_size=20,
    ).map(b"".join)
)
def test_any_page_has_opt_outs_that_are_known(page: bytes) -> None:
    assert opt_outs.of_page(page, "newsmill") <= opt_outs.OPT_OUTS
