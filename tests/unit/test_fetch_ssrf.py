"""No way inside: every hostile input is refused by name, and nothing inside sees a byte of it."""

from collections.abc import Iterator

import pytest

from tasks.article import Article
from tasks.urls import canonical_url
from tests.fault_site.hostile import TARGETS, WATCH, Attempt, attempts, inside_watched
from seeds.http_site import OUTSIDE, Site, answer
from tests.fault_site.visitor import Visitor


@pytest.fixture(scope="module")
def tried() -> list[Attempt]:
    return list(attempts())


@pytest.fixture
def watched() -> Iterator[tuple[Site, Visitor]]:
    with inside_watched() as both:
        yield both


def test_every_hostile_input_is_rejected_by_name_and_unseen_inside(tried: list[Attempt]) -> None:
    assert [one for one in tried if not one.held] == []
    assert len({one.url for one in tried}) > 60


def test_the_table_has_every_target_in_every_way_it_can_be_given(tried: list[Attempt]) -> None:
    ways = [one.way for one in tried]
    assert ways.count("submitted") > len(TARGETS)
    assert ways.count("redirected to") > len(TARGETS)


def test_the_watch_sees_what_goes_inside(watched: tuple[Site, Visitor]) -> None:
    """What the table relies on: were an address let through, its connection would be counted."""
    site, visitor = watched
    before = len(WATCH.addresses)
    object.__setattr__(visitor.client.guard, "_allows", lambda _address: True)
    visitor.end(f"http://127.0.0.1:{site.port}/")
    assert ("127.0.0.1", site.port) in WATCH.addresses[before:]
    assert site.inside > 0


def test_a_backslash_ends_the_host_as_in_browsers(watched: tuple[Site, Visitor]) -> None:
    site, visitor = watched
    site.routes["/@127.0.0.1/"] = answer()
    end = visitor.end(canonical_url(f"http://news.example:{site.port}\\@127.0.0.1/"))
    assert isinstance(end, Article)
    assert site.inside == 0


def test_a_connection_is_made_to_the_very_address_that_was_checked(watched: tuple[Site, Visitor]) -> None:
    """The name is private at its second look-up; one connection has one look-up, and then is kept."""
    site, visitor = watched
    site.routes["/"] = answer()
    before = len(WATCH.addresses)
    end = visitor.end(f"http://rebinding.example:{site.port}/")
    assert isinstance(end, Article)
    assert WATCH.addresses[before:] == [(OUTSIDE, site.port)]
