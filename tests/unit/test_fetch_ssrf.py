"""No way inside: every hostile input is refused by name, and nothing inside sees a byte of it."""

from collections.abc import Iterator

import pytest

from seeds.http_site import PUBLIC_ADDRESS, Site, answer
from tasks.article import Article
from tasks.urls import request_url
from tests.fault_site.site_fetcher import SiteFetcher
from tests.fault_site.ssrf import AUDIT, INJECTIONS, TARGETS, Attempt, attempts, audited_site


@pytest.fixture(scope="module")
def tried() -> list[Attempt]:
    return list(attempts())


@pytest.fixture
def watched() -> Iterator[tuple[Site, SiteFetcher]]:
    with audited_site() as both:
        yield both


def test_every_hostile_input_is_rejected_by_name_and_unseen_inside(tried: list[Attempt]) -> None:
    assert [one for one in tried if not one.held] == []
    assert len({one.url for one in tried}) > 60


def test_the_table_has_every_target_in_every_way_it_can_be_given(tried: list[Attempt]) -> None:
    ways = [one.way for one in tried]
    assert ways.count("submitted") > len(TARGETS)
    assert ways.count("redirected to") > len(TARGETS)
    assert ways.count("led to") > len(TARGETS)


def test_only_what_is_no_url_of_the_web_is_passed_over(tried: list[Attempt]) -> None:
    passed = [one.url for one in tried if one.is_passed_over]
    assert {"javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"} <= set(passed)
    for url in passed:
        with pytest.raises(ValueError, match=r"^(is|has|contains) "):
            request_url(url, "http://news.example/")


def test_the_watch_sees_what_goes_inside(watched: tuple[Site, SiteFetcher]) -> None:
    """What the table relies on: were an address let through, its connection would be counted."""
    site, fetcher = watched
    before = len(AUDIT.addresses)
    object.__setattr__(fetcher.client.guard, "_allows", lambda _address: True)
    fetcher.end(f"http://127.0.0.1:{site.port}/")
    assert ("127.0.0.1", site.port) in AUDIT.addresses[before:]
    assert site.private_connections > 0


@pytest.mark.parametrize("url", INJECTIONS)
def test_a_url_writes_no_line_into_the_request(watched: tuple[Site, SiteFetcher], url: str) -> None:
    site, fetcher = watched
    request = request_url(url.format(port=site.port))
    path = request.removeprefix(f"http://news.example:{site.port}")
    site.routes[path] = answer()
    assert isinstance(fetcher.end(request), Article)
    page = site.requests[-1]
    assert (page.host, page.path, page.headers.get("x")) == ("news.example", path, None)
    assert page.headers["host"] == f"news.example:{site.port}"
    assert site.private_connections == 0


def test_a_backslash_ends_the_host_as_in_browsers(watched: tuple[Site, SiteFetcher]) -> None:
    site, fetcher = watched
    site.routes["/@127.0.0.1/"] = answer()
    end = fetcher.end(request_url(f"http://news.example:{site.port}\\@127.0.0.1/"))
    assert isinstance(end, Article)
    assert site.private_connections == 0


def test_a_connection_is_made_to_the_very_address_that_was_checked(watched: tuple[Site, SiteFetcher]) -> None:
    """The name is private at its second look-up; one connection has one look-up, and then is kept."""
    site, fetcher = watched
    site.routes["/"] = answer()
    before = len(AUDIT.addresses)
    end = fetcher.end(f"http://rebinding.example:{site.port}/")
    assert isinstance(end, Article)
    assert AUDIT.addresses[before:] == [(PUBLIC_ADDRESS, site.port)]
