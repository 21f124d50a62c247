"""From hop to hop: what a redirect may say, its cookies, when it is a loop, and what is noted of it."""

from collections.abc import Iterator

import pytest

from seeds.http_site import HTML, HTML_TYPE, Connection, Route, Site, answer, moved
from tasks.article import Hop
from tasks.errors import Ending, Failed, Reason, Rejected
from tasks.fetch.hops import Trail
from tasks.fetch.memory import MemoryRows
from tests.fault_site.site_fetcher import SiteFetcher, fetching_from


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as running:
        yield running


@pytest.fixture
def fetcher(site: Site) -> Iterator[SiteFetcher]:
    with fetching_from(site, resolve={"test": "127.0.0.2", "example": "127.0.0.2"}) as one:
        yield one


def ending_of(fetcher: SiteFetcher, url: str) -> Ending:
    with pytest.raises(Ending) as ending:
        fetcher.get(url)
    return ending.value


def found(location: bytes, *headers: bytes) -> bytes:
    lines = b"".join(line + b"\r\n" for line in (b"Location: " + location, *headers))
    return answer(b"", lines, b"302 Found")


def wants(cookie: str, otherwise: bytes) -> Route:
    """Answer with a page whoever sends this Cookie header, and otherwise as given."""

    def route(connection: Connection) -> None:
        sent = connection.last_request.headers.get("cookie")
        connection.wfile.write(answer() if sent == cookie else otherwise)

    return route


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (b"/my story", "/my%20story"),
        (b"/n?q=a b", "/n?q=a%20b"),
        (b"  /b \t", "/b"),
        (b"\\b\\c", "/b/c"),
        (b"///news.test:PORT/b", "/b"),
        (b"http:///news.test:PORT/b", "/b"),
        (b"\\\\news.test:PORT\\b", "/b"),
        (b"http:b", "/b"),
        (b"HTTP://NEWS.TEST:PORT/B", "/B"),
        (b"?b", "/a?b"),
        (b"", "/a"),
        (b"./x/../b", "/b"),
        (b"/b?a=1;2&utm_source=x&b", "/b?a=1;2&utm_source=x&b"),
        ("/ä?ö".encode(), "/%C3%A4?%C3%B6"),
        (b"/\xe4?\xf6", "/%E4?%F6"),
        ("/дождь".encode("cp1251"), "/%E4%EE%E6%E4%FC"),
        ("/記事".encode("shift_jis"), "/%8BL%8E%96"),
        (b"/a%20b%zz%2F", "/a%20b%zz%2F"),
        (b"/b#top", "/b"),
        (b'/b"<>`{}', "/b%22%3C%3E%60%7B%7D"),
    ],
)
def test_a_location_is_read_as_browsers_read_it(
    site: Site, fetcher: SiteFetcher, location: bytes, path: str
) -> None:
    site.routes["/start"] = moved("/a")
    site.routes["/a"] = wants(
        "again=1", found(location.replace(b"PORT", b"%d" % site.port), b"Set-Cookie: again=1")
    )
    if path != "/a":
        site.routes[path] = answer()
    assert fetcher.get(site.url("/start")).final_url == site.url(path)


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        (b"//[::1/b", Reason.BAD_URL),
        (b"http://a<b/", Reason.BAD_URL),
        (b"http://256.0.0.1/", Reason.BAD_URL),
        (b"http://\xe4\xff.test/", Reason.BAD_URL),
        (b"javascript:x", Reason.BAD_URL),
        (b"data:text/html,x", Reason.BAD_URL),
        (b"///127.0.0.1:PORT/", Reason.BLOCKED_ADDRESS),
        (b"\\\\127.0.0.1:PORT\\", Reason.BLOCKED_ADDRESS),
        (b"http:///0x7f000001:PORT/", Reason.BLOCKED_ADDRESS),
        ("http://\uff1127\u30020.0.1:PORT/".encode(), Reason.BLOCKED_ADDRESS),
    ],
)
def test_no_spelling_of_a_location_leads_inside(
    site: Site, fetcher: SiteFetcher, location: bytes, reason: Reason
) -> None:
    site.routes["/a"] = found(location.replace(b"PORT", b"%d" % site.port))
    ending = ending_of(fetcher, site.url("/a"))
    assert ending.reason is reason
    assert site.private_connections == 0


def test_a_page_that_redirects_to_itself_to_set_a_cookie_comes(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/a"] = wants(
        "seen=1; b=\xe4", found(b"/a", b"Set-Cookie: seen=1; Path=/", b"Set-Cookie: b=\xe4")
    )
    assert fetcher.get(site.url("/a")).html == HTML
    assert "cookie" not in site.requests[1].headers


def test_a_cookie_is_set_over_another_page(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/sso"] = found(b"/a", b"Set-Cookie: sid=9; Path=/; HttpOnly")
    site.routes["/a"] = wants("sid=9", moved("/sso"))
    assert fetcher.get(site.url("/a")).html == HTML


def test_a_cookie_goes_to_its_site_and_to_no_other(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["www.paper.example/a"] = found(
        site.url("/b", host="paper.example").encode(),
        b"Set-Cookie: a=1; Domain=paper.example",
        b"Set-Cookie: b=2",
    )
    site.routes["paper.example/b"] = found(site.url("/c", host="other.example").encode())
    site.routes["/c"] = answer()
    fetcher.get(site.url("/a", host="www.paper.example"))
    sent = {one.host: one.headers.get("cookie") for one in site.requests if one.path != "/robots.txt"}
    assert sent == {"www.paper.example": None, "paper.example": "a=1", "other.example": None}


def test_a_jar_is_thrown_away_after_the_fetch(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/a"] = wants("n=1", found(b"/a", b"Set-Cookie: n=1; Path=/"))
    for _ in range(2):
        fetcher.get(site.url("/a"))
    assert [one.headers.get("cookie") for one in site.requests if one.path == "/a"] == [None, "n=1"] * 2


def test_a_loop_is_the_same_url_with_the_same_cookies(site: Site, fetcher: SiteFetcher) -> None:
    site.routes |= {"/a": moved("/b"), "/b": moved("/a")}
    ending = ending_of(fetcher, site.url("/a"))
    assert (type(ending), ending.reason) == (Failed, Reason.REDIRECT_LOOP)
    assert [hop.url for hop in ending.known["hops"]] == [site.url("/a"), site.url("/b")]
    site.routes["/c"] = found(b"/c", b"Set-Cookie: n=1")
    ending = ending_of(fetcher, site.url("/c"))
    assert (type(ending), ending.reason) == (Rejected, Reason.REDIRECT_LOOP)
    assert "cookies" in ending.detail
    assert [one.path for one in site.requests].count("/c") == 2


def test_cookies_that_never_end_are_too_many_redirects(site: Site, fetcher: SiteFetcher) -> None:
    def another(connection: Connection) -> None:
        connection.wfile.write(found(b"/a", b"Set-Cookie: n=%d" % len(site.requests)))
        connection.wfile.flush()

    site.routes["/a"] = another
    assert ending_of(fetcher, site.url("/a")).reason is Reason.TOO_MANY_REDIRECTS
    assert [one.path for one in site.requests].count("/a") == 6


def test_a_bomb_of_cookies_is_cut(site: Site, fetcher: SiteFetcher) -> None:
    lines = [b"Set-Cookie: c%d=%b" % (number, b"x" * 1000) for number in range(60)]
    site.routes["/a"] = found(b"/b", *lines)
    site.routes["/b"] = answer()
    page = fetcher.get(site.url("/a"))
    assert 7_000 < len(site.requests[-1].headers["cookie"]) < 8_000
    assert len(str(page.to_message())) < 2_000


def test_the_hops_of_a_page_say_how_it_was_reached(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/a"] = found(b"/b?secret", b"Set-Cookie: sid=secret", b"Set-Cookie: x=y")
    refresh = b"<meta http-equiv=refresh content='0;/c'>"
    site.routes["/b?secret"] = answer(refresh)
    site.routes["/c"] = answer()
    agent = "User-Agent: newsmill/1 (+https://mill.example/bot)"
    assert fetcher.get(site.url("/a")).hops == (
        Hop(site.url("/a"), 302, "redirect", (agent,)),
        Hop(site.url("/b?secret"), 200, "refresh", ("Cookie: sid, x",)),
        Hop(site.url("/c"), 200, None, ("Cookie: sid, x",)),
    )
    assert fetcher.get(site.url("/c")).hops == ()
    assert "hops" not in fetcher.get(site.url("/c")).to_message()


def test_the_hops_name_the_headers_of_a_conditional_request(site: Site) -> None:
    rows = MemoryRows()
    site.routes |= {"/a": moved("/b"), "/b": answer(headers=HTML_TYPE + b'ETag: "v1"\r\n')}
    with fetching_from(site, rows=rows) as fetcher:
        rows["1"] = fetcher.get(site.url("/a"))
        hops = fetcher.get(site.url("/a"), again=True).hops
    assert hops[1].sent == ('If-None-Match: "v1"',)


def test_an_ending_behind_a_redirect_keeps_the_hops(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/a"] = moved("http://10.0.0.1/")
    assert [hop.led_on for hop in ending_of(fetcher, site.url("/a")).known["hops"]] == ["redirect"]
    site.routes["/b"] = moved("/missing")
    assert [hop.status for hop in ending_of(fetcher, site.url("/b")).known["hops"]] == [301, 404]
    assert ending_of(fetcher, site.url("/missing")).known == {}


def test_hops_are_bounded() -> None:
    trail = Trail("x" * 500)
    for number in range(50):
        trail.add(
            f"http://a.test/{number}/" + "x" * 9_000, 302, ["c" * 99] * 99, {"If-None-Match": "x" * 256}
        )
        trail.lead_on("redirect")
    hops = trail.hops()
    assert [hop.url.split("/")[3] for hop in hops] == ["0", "45", "46", "47", "48", "49"]
    assert len(str(hops)) < 2_500
