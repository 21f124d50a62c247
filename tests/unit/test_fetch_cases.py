"""Every behaviour of the fault-site, and how a page that meets it ends."""

from collections.abc import Iterator

import pytest

from tasks.article import Article
from tests.fault_site.behaviours import Behaviour, Ends, behaviours, install
from seeds.http_site import Site
from tests.fault_site.visitor import HASTY, Visitor, visiting


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site().running() as running:
        install(running)
        yield running


@pytest.fixture(scope="module")
def visitor(site: Site) -> Iterator[Visitor]:
    with visiting(site) as patient:
        yield patient


@pytest.fixture(scope="module")
def hasty(site: Site) -> Iterator[Visitor]:
    with visiting(site, HASTY) as visitor:
        yield visitor


@pytest.mark.parametrize("one", behaviours(), ids=lambda one: one.name)
def test_a_page_ends_as_its_servers_behaviour_makes_it(
    site: Site, visitor: Visitor, hasty: Visitor, one: Behaviour
) -> None:
    never_ends = one.name.startswith(("drip", "silent"))
    end = (hasty if never_ends else visitor).end(site.url("/", one.host))
    if isinstance(end, Article):
        assert one.ends == Ends()
        assert end.html
        return
    assert Ends(type(end), end.reason, getattr(end, "whole_host", False)) == one.ends
    assert end.detail


def test_each_behaviour_has_a_name_and_so_a_host_of_its_own() -> None:
    names = [one.name for one in behaviours()]
    assert len(set(names)) == len(names)
