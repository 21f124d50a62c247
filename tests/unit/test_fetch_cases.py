"""Every case of the fault site, and how its page ends."""

from collections.abc import Iterator

import pytest

from seeds.http_site import Site
from tasks.article import Article
from tests.fault_site.fetch_cases import Ends, FetchCase, fetch_cases, install
from tests.fault_site.site_fetcher import SHORT_LIMITS, SiteFetcher, fetching_from


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site().running() as running:
        install(running)
        yield running


@pytest.fixture(scope="module")
def fetcher(site: Site) -> Iterator[SiteFetcher]:
    with fetching_from(site) as patient:
        yield patient


@pytest.fixture(scope="module")
def hasty(site: Site) -> Iterator[SiteFetcher]:
    with fetching_from(site, SHORT_LIMITS) as fetcher:
        yield fetcher


@pytest.mark.parametrize("one", fetch_cases(), ids=lambda one: one.name)
def test_a_page_ends_as_its_servers_behaviour_makes_it(
    site: Site, fetcher: SiteFetcher, hasty: SiteFetcher, one: FetchCase
) -> None:
    never_ends = one.name.startswith(("drip", "silent"))
    end = (hasty if never_ends else fetcher).end(site.url("/", one.host))
    if isinstance(end, Article):
        assert one.ends == Ends()
        assert end.html
        return
    assert Ends(type(end), end.reason, getattr(end, "whole_host", False)) == one.ends
    assert end.detail


def test_each_behaviour_has_a_name_and_so_a_host_of_its_own() -> None:
    names = [one.name for one in fetch_cases()]
    assert len(set(names)) == len(names)
