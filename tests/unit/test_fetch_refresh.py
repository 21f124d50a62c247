"""Pages that only lead on: which do, where to, and what is no such page."""

import io
import os
import random
import time
from collections.abc import Iterator
from contextlib import nullcontext
from gzip import decompress
from pathlib import Path
from threading import BoundedSemaphore

import pytest

from seeds.http_site import HTML, HTML_TYPE, Site, answer, moved
from tasks.errors import Ending, Failed, Reason, Rejected
from tasks.fetch.message import Message
from tasks.fetch.refresh import LITTLE_TEXT, SHORT_PAGE, next_page, parsed
from tasks.fetch.response import Response
from tasks.fetch.skim import skim
from tests.fault_site.site_fetcher import SiteFetcher, fetching_from

URL = "http://news.test/a/b"
META = b"<html><head><meta http-equiv=refresh content='0; url=/c'><title>Moved</title></head>"


def leads_to(page: bytes, headers: bytes = HTML_TYPE) -> str | None:
    message = Message(io.BytesIO(answer(page, headers)))
    large = BoundedSemaphore(1)
    with Response(URL, message, lambda _: None, most=10**6, large=large, pause=nullcontext) as response:
        return next_page(response)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", (0, "")),
        (" 5 ", (5, "")),
        ("5;", (5, "")),
        ("5,\n", (5, "")),
        ("0; url=x", (0, "x")),
        ("0;URL=x", (0, "x")),
        ("0,url=x", (0, "x")),
        ("0 url=x", (0, "x")),
        ("\t0\t;\tUrl\t=\tx", (0, "x")),
        ("0; x", (0, "x")),
        ("0 x;y", (0, "x;y")),
        ("0;;url=x", (0, ";url=x")),
        ("0; url='x'y", (0, "x")),
        ("0; url=\"x'y", (0, "x'y")),
        ("0; 'x y'z", (0, "x y")),
        ("0; url x", (0, "url x")),
        ("0; uri=x", (0, "uri=x")),
        ("0; u", (0, "u")),
        ("0; url=url=x", (0, "url=x")),
        ("0; url=", (0, "")),
        ("2.9; x", (2, "x")),
        (".9; x", (0, "x")),
        ("1.2.3...; x", (1, "x")),
        ("9" * 5000 + "; x", (999_999_999, "x")),
        ("", None),
        ("url=x", None),
        ("; x", None),
        ("-1; x", None),
        ("+0; x", None),
        ("0x; y", None),
        ("1e1; x", None),
        ("0url=x", None),
    ],
)
def test_a_refresh_is_read_as_browsers_read_it(value: str, expected: tuple[int, str] | None) -> None:
    assert parsed(value) == expected


@pytest.mark.parametrize(
    ("page", "target"),
    [
        (META, "http://news.test/c"),
        (META + b"<body><p>If nothing happens, <a href=/c>click</a>.", "http://news.test/c"),
        (META.replace(b"/c", b"https://other.test/c d"), "https://other.test/c%20d"),
        (META.replace(b"/c", b"c?a=1&amp;copy=2&copy=3"), "http://news.test/a/c?a=1&copy=2&copy=3"),
        (META.replace(b"/c", "/ä".encode()), "http://news.test/%C3%A4"),
        (META.replace(b"/c", b"/\xe4"), "http://news.test/%E4"),
        (META.replace(b"/c", b"/&#228;&auml;"), "http://news.test/%C3%A4%C3%A4"),
        (META.replace(b"/c", b"/x>y"), "http://news.test/x%3Ey"),
        (META.replace(b"0;", b"10;"), "http://news.test/c"),
        (META.replace(b"0;", b"11;"), None),
        (b'<META\nCONTENT="0;URL=c"\nHTTP-EQUIV="Refresh"/>', "http://news.test/a/c"),
        (b"<meta/http-equiv='refresh'/content=0;/c>", "http://news.test/c"),
        (b"<meta http-equiv=refresh http-equiv=x content='0;/c' content='0;/d'>", "http://news.test/c"),
        (b"<base href=/x/><meta http-equiv=refresh content=0;c>", "http://news.test/x/c"),
        (
            b"<meta http-equiv=refresh content=0;c><base><base href=/x/><base href=/y/>",
            "http://news.test/x/c",
        ),
        (b"<base href=/x/><meta http-equiv=refresh content=0>", URL),
        (b"<noscript>" + META + b"</noscript>", "http://news.test/c"),
        (META.replace(b"0;", b"x;") + META.replace(b"/c", b"/d"), "http://news.test/d"),
        (META.replace(b"0;", b"99;") + META, None),
        (META.replace(b"/c", b"javascript:go()"), None),
        (META.replace(b"/c", b"data:text/html,x"), None),
        (META.replace(b"/c", b"javascript:go()") + META.replace(b"/c", b"/d"), "http://news.test/d"),
        (META.replace(b"/c", b"mailto:a@b.test"), None),
        (META.replace(b"/c", b"http://a<b/"), None),
        ("\ufeff<html><meta http-equiv=refresh content=0;/c>".encode("utf-16-le"), "http://news.test/c"),
        (META.replace(b"refresh", b"refreshed"), None),
        (META.replace(b"content", b"contents"), None),
        (META.replace(b"http-equiv", b"name"), None),
    ],
)
def test_a_page_leads_to_what_its_meta_says(page: bytes, target: str | None) -> None:
    assert leads_to(page) == target


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<!--", b"-->"),
        (b"<!--[if IE]>", b"<![endif]-->"),
        (b"<!-- > ->", b"--!>"),
        (b"<!--", b""),
        (b"<script>", b"</script>"),
        (b"<SCRIPT x='</script>'>'</scripts>'", b"</SCRIPT\n>"),
        (b"<style>", b"</style>"),
        (b"<title>", b"</title>"),
        (b"<textarea>", b"</textarea>"),
        (b"<iframe>", b"</iframe>"),
        (b"<noframes>", b"</noframes>"),
        (b"<xmp>", b""),
        (b"<template><template></template>", b"</template>"),
        (b"<p title='", b"'>"),
        (b"<p title = \"'", b'">'),
        (b"<p ", b">"),
        (b"</p ", b">"),
    ],
)
def test_a_meta_that_is_not_on_the_page_leads_nowhere(before: bytes, after: bytes) -> None:
    assert leads_to(b"<html>" + before + b'<meta http-equiv="refresh" content="0;/c"' + after) is None
    if after not in {b"", b">"}:
        hidden = b"<html>" + before + META.replace(b"'", b"") + after
        assert leads_to(hidden) is None
        assert leads_to(hidden + META) == "http://news.test/c"


@pytest.mark.parametrize(
    "before",
    [
        b"<!-->",
        b"<!--->",
        b"<!doctype html>",
        b"<?xml x?>",
        b"</ x>",
        b"</>",
        b"a < b <3 <",
        b"<p don't>",
        b"<a b=>",
    ],
)
def test_odd_markup_hides_nothing(before: bytes) -> None:
    assert leads_to(b"<html>" + before + META) == "http://news.test/c"


@pytest.mark.parametrize(
    ("page", "text_bytes"),
    [
        (b"<p>Es <b>regnet</b>.</p>", 9),
        (b"<title>Regen</title><script>a</script><style>b</style><!-- c --><template>d</template>", 0),
        (b"<noscript>Es regnet</noscript>", 8),
        ("Дождь".encode(), 10),
        (b"a<b", 1),
        (b"a < b", 2),
        (b"<p", 0),
        (b"", 0),
    ],
)
def test_text_is_what_a_browser_shows(page: bytes, text_bytes: int) -> None:
    assert skim(page).text_bytes == text_bytes


def test_a_page_with_text_or_of_some_size_is_a_page() -> None:
    assert leads_to(META + b"x " * LITTLE_TEXT) == "http://news.test/c"
    assert leads_to(META + b"x " * (LITTLE_TEXT + 1)) is None
    assert leads_to(META.ljust(SHORT_PAGE)) == "http://news.test/c"
    assert leads_to(META.ljust(SHORT_PAGE + 1)) is None


@pytest.mark.parametrize(
    ("page", "headers", "target"),
    [
        (b"", b"Refresh: 0; url=/c\r\n", "http://news.test/c"),
        (b" \n", b"refresh: 5;c\r\n", "http://news.test/a/c"),
        (b"<html>", b"Refresh: 0; url=/\xe4\xc3\xa4\r\n", "http://news.test/%E4%C3%A4"),
        (META, b"Refresh: 0; url=/d\r\n", "http://news.test/d"),
        (META, b"Refresh: x\r\n", "http://news.test/c"),
        (META, b"Refresh: 300\r\n", None),
        (b"%PDF-1.7", b"Refresh: 0; url=/c\r\n", None),
        (b"It rained.", b"Content-Type: text/plain\r\nRefresh: 0; url=/c\r\n", None),
    ],
)
def test_a_header_counts_before_the_page(page: bytes, headers: bytes, target: str | None) -> None:
    assert leads_to(page, headers) == target


@pytest.mark.parametrize("seed", range(40))
def test_any_markup_takes_linear_time(seed: int) -> None:
    chance = random.Random(seed)
    words = [
        b"<",
        b">",
        b"<!--",
        b"-->",
        b"</",
        b"<script",
        b"</script>",
        b"<meta ",
        b"=",
        b'"',
        b"'",
        b"/",
        b" ",
        b"a",
        b"<template>",
        b"&#1;",
        b"content=",
        b"--!",
        b"<!",
        b"\0",
    ]
    some = chance.sample(words, 4)
    for page in (some[0] * 30_000, b"".join(chance.choices(some, k=30_000)), (some[0] + some[1]) * 15_000):
        began = time.process_time()
        skim(page[:SHORT_PAGE])
        assert time.process_time() - began < 0.5


def test_no_article_is_taken_for_a_page_that_leads_on() -> None:
    """Whatever refresh stands in it: all real pages show more text than LITTLE_TEXT, or are longer than SHORT_PAGE."""
    data = os.environ.get("NEWSMILL_DATA")
    pages = (
        [*Path(data or "").glob("pages/html/*.gz"), *Path(data or "").glob("publishers/html/*.gz")]
        if data
        else []
    )
    if not pages:
        pytest.skip("needs NEWSMILL_DATA")
    for path in pages:
        page = decompress(path.read_bytes())
        assert skim(page).text_bytes > 1.25 * LITTLE_TEXT, path.name
        assert leads_to(META + page) is None


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as running:
        yield running


@pytest.fixture
def fetcher(site: Site) -> Iterator[SiteFetcher]:
    with fetching_from(site) as one:
        yield one


def paths(site: Site) -> list[str]:
    return [one.path for one in site.requests if one.path != "/robots.txt"]


def ending_of(fetcher: SiteFetcher, url: str) -> Ending:
    with pytest.raises(Ending) as ending:
        fetcher.get(url)
    return ending.value


def page_to(target: str) -> bytes:
    return answer(META.replace(b"/c", target.encode()))


def test_a_page_that_only_leads_on_is_followed_among_redirects(site: Site, fetcher: SiteFetcher) -> None:
    site.routes |= {"/a": moved("/b"), "/b": page_to("/d"), "/d": moved("/e"), "/e": answer()}
    page = fetcher.get(site.url("/a"))
    assert (page.html, page.final_url) == (HTML, site.url("/e"))
    assert [hop.led_on for hop in page.hops] == ["redirect", "refresh", "redirect", None]
    assert site.connections == 1


@pytest.mark.parametrize("target", ["/a", "", "#top", "javascript:x", "data:,x", "/a?#x"])
def test_a_page_that_loads_itself_is_a_page(site: Site, fetcher: SiteFetcher, target: str) -> None:
    site.routes["/a"] = site.routes["/a?"] = page_to(target)
    page = fetcher.get(site.url("/a"))
    assert (page.status, page.html) == (200, META.replace(b"/c", target.encode()))
    assert len(paths(site)) <= 2


def test_pages_that_lead_to_each_other_end_at_the_last(site: Site, fetcher: SiteFetcher) -> None:
    site.routes |= {"/a": page_to("/b"), "/b": page_to("/a")}
    assert fetcher.get(site.url("/a")).final_url == site.url("/b")
    assert paths(site) == ["/a", "/b"]


def test_a_page_that_sets_a_cookie_and_loads_itself_is_asked_once_more(
    site: Site, fetcher: SiteFetcher
) -> None:
    check = answer(META.replace(b"/c", b"/a"), HTML_TYPE + b"Set-Cookie: seen=1\r\n")
    site.routes["/a"] = lambda connection: connection.wfile.write(
        answer() if connection.last_request.headers.get("cookie") == "seen=1" else check
    )
    assert fetcher.get(site.url("/a")).html == HTML


def test_refreshes_count_as_redirects(site: Site, fetcher: SiteFetcher) -> None:
    site.routes |= {f"/{number}": page_to(f"/{number + 1}") for number in range(9)}
    ending = ending_of(fetcher, site.url("/0"))
    assert (type(ending), ending.reason) == (Rejected, Reason.TOO_MANY_REDIRECTS)
    assert len(paths(site)) == 6


@pytest.mark.parametrize(
    ("target", "kind", "reason"),
    [
        ("http://127.0.0.99:{port}/", Rejected, Reason.BLOCKED_ADDRESS),
        ("http://169.254.169.254/", Rejected, Reason.BLOCKED_ADDRESS),
        ("http://news.test:22/", Failed, Reason.BAD_URL),
        ("/private", Rejected, Reason.ROBOTS),
        ("/missing", Rejected, Reason.NOT_FOUND),
    ],
)
def test_the_guards_hold_for_a_refresh(
    site: Site, fetcher: SiteFetcher, target: str, kind: type[Ending], reason: Reason
) -> None:
    site.routes["/robots.txt"] = answer(b"User-agent: *\nDisallow: /private", b"")
    site.routes["/a"] = page_to(target.format(port=site.port))
    ending = ending_of(fetcher, site.url("/a"))
    assert (type(ending), ending.reason) == (kind, reason)
    assert site.private_connections == 0


def test_a_page_with_another_status_leads_nowhere(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/a"] = answer(META, status=b"404 Not Found")
    assert ending_of(fetcher, site.url("/a")).reason is Reason.NOT_FOUND
