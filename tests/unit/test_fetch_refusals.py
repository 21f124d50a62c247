"""How a wall ends an article in the fetch stage."""

from collections.abc import Iterator

import pytest

from seeds.http_site import Site, answer
from tasks.errors import Ending, Reason, Rejected, TryLater
from tests.fault_site.site_fetcher import SiteFetcher, fetching_from

TYPE = b"Content-Type: text/html\r\n"
CHALLENGE = b"<title>Just a moment...</title><script>window._cf_chl_opt={}</script>"
LIMIT = b"<title>Access denied</title><h1>Error 1015</h1><p>You are being rate limited.</p><p>Cloudflare Ray ID: 1</p>"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as running:
        yield running


@pytest.fixture
def fetcher(site: Site) -> Iterator[SiteFetcher]:
    with fetching_from(site) as one:
        yield one


def ending_of(site: Site, fetcher: SiteFetcher, body: bytes, status: bytes, headers: bytes = b"") -> Ending:
    site.routes["/a"] = answer(body, TYPE + headers, status)
    with pytest.raises(Ending) as ending:
        fetcher.get(site.url("/a"))
    return ending.value


@pytest.mark.parametrize("status", [b"403 No", b"429 Wait", b"503 Busy", b"405 No", b"202 Wait"])
def test_a_challenge_is_blocked_with_the_vendor_and_the_status(
    site: Site, fetcher: SiteFetcher, status: bytes
) -> None:
    ending = ending_of(site, fetcher, CHALLENGE, status)
    assert isinstance(ending, Rejected)
    assert ending.reason is Reason.BLOCKED
    assert "Cloudflare" in ending.detail
    assert status[:3].decode() in ending.detail
    assert ending.known == {"final_url": site.url("/a"), "status": int(status[:3])}


@pytest.mark.parametrize(
    ("status", "reason"), [(b"429 Wait", Reason.RATE_LIMITED), (b"503 Busy", Reason.SERVER_ERROR)]
)
def test_a_wall_that_says_how_long_to_wait_is_put_off_and_named(
    site: Site, fetcher: SiteFetcher, status: bytes, reason: Reason
) -> None:
    ending = ending_of(site, fetcher, CHALLENGE, status, b"Retry-After: 9\r\n")
    assert isinstance(ending, TryLater)
    assert (ending.reason, ending.after, ending.whole_host) == (reason, 9.0, True)
    assert "Cloudflare" in ending.detail


def test_a_limit_of_requests_is_put_off_and_named(site: Site, fetcher: SiteFetcher) -> None:
    ending = ending_of(site, fetcher, LIMIT, b"429 Wait")
    assert isinstance(ending, TryLater)
    assert (ending.reason, ending.whole_host) == (Reason.RATE_LIMITED, True)
    assert "Cloudflare" in ending.detail


@pytest.mark.parametrize(
    ("status", "reason"),
    [(b"403 No", Reason.FORBIDDEN), (b"451 Law", Reason.FORBIDDEN), (b"429 Wait", Reason.RATE_LIMITED)],
)
def test_a_status_without_a_wall_ends_as_before(
    site: Site, fetcher: SiteFetcher, status: bytes, reason: Reason
) -> None:
    ending = ending_of(site, fetcher, b"<h1>No</h1>", status)
    assert ending.reason is reason
    assert ending.detail == f"The server answered with status {status[:3].decode()}."


def test_a_page_for_other_countries_with_451_is_blocked(site: Site, fetcher: SiteFetcher) -> None:
    body = b"<h1>451</h1><p>This site is not available to visitors from the European Economic Area.</p>"
    ending = ending_of(site, fetcher, body, b"451 Law")
    assert ending.reason is Reason.BLOCKED


def test_a_body_that_breaks_off_ends_as_its_status(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/a"] = b"HTTP/1.1 403 No\r\nContent-Type: text/html\r\nContent-Length: 999\r\n\r\n<p>short"
    site.routes["/b"] = b"HTTP/1.1 403 No\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nno gz"
    for path in ("/a", "/b"):
        with pytest.raises(Rejected) as ending:
            fetcher.get(site.url(path))
        assert ending.value.reason is Reason.FORBIDDEN


def test_a_page_whose_header_says_that_it_is_a_challenge_is_blocked(site: Site, fetcher: SiteFetcher) -> None:
    ending = ending_of(site, fetcher, b"<p>Any text.", b"200 OK", b"cf-mitigated: challenge\r\n")
    assert isinstance(ending, Rejected)
    assert ending.reason is Reason.BLOCKED
    site.routes["/b"] = answer(b"<p>Any text.", TYPE + b"server: cloudflare\r\ncf-ray: 1\r\n")
    assert fetcher.get(site.url("/b")).status == 200
