"""Real fetch workers on the fault-site: how its pages end, what that costs in memory, and how often hosts are asked."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from seeds.http_site import Site, answer, moved
from tasks.errors import Rejected
from tests.fault_site.fetch_cases import A_PAGE, FetchCase, fetch_cases, install
from tests.fault_site.fetch_system import fetch_system, peak_megabytes

#: How often each large behaviour is met: all at once on a worker's 32 threads.
TIMES = 8


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as running:
        yield running


def _hosts(site: Site, one: FetchCase) -> list[str]:
    """Return the hosts that behave so: one, or several of the large ones."""
    if not one.name.startswith(("bomb", "large", "endless", "many")):
        return [one.host]
    hosts = [f"{number}.{one.host}" for number in range(TIMES)]
    site.routes |= {f"{host}/": one.route for host in hosts}
    return hosts


def test_a_worker_copes_with_every_behaviour_in_little_memory(site: Site, tmp_path: Path) -> None:
    install(site)
    urls = {site.url("/", host): one for one in fetch_cases() for host in _hosts(site, one)}
    waits = {"total_timeout": 8, "read_timeout": 2, "max_deferrals": 0, "host_interval": 0}
    with fetch_system(tmp_path, site, **waits) as running:
        running.fetch_all(list(urls))
        peak = peak_megabytes(running.fetchers[0])
        rows = {row["url"]: row for row in running.store.rows()}
    expected = {url: _row(one) for url, one in urls.items() if one.ends != A_PAGE}
    assert {url: (row["outcome"], row["reason"]) for url, row in rows.items()} == expected
    assert peak < 160


def _row(one: FetchCase) -> tuple[str, str | None]:
    """Return outcome and reason of what ends so, where nothing is tried again."""
    return "rejected" if one.ends.ending is Rejected else "failed", one.ends.reason


def test_four_workers_keep_to_one_budget_a_host(site: Site, tmp_path: Path) -> None:
    """Also on a host that redirects lead to, and whose robots.txt asks for more."""
    interval, delay = 0.4, 0.8
    site.routes["patient.test/robots.txt"] = answer(b"User-agent: *\nCrawl-delay: %.1f" % delay, b"")
    urls = [site.url(f"/{number}", f"host{number % 3}.test") for number in range(18)]
    urls += [site.url(f"/{number}", "patient.test") for number in range(4)]
    for number in range(6):
        # Led to host0 from six hosts that each have their own budget.
        site.routes[f"guest{number}.test/"] = moved(site.url(f"/guest{number}", "host0.test"))
        urls.append(site.url("/", f"guest{number}.test"))
    with fetch_system(tmp_path, site, fetchers=4, host_interval=interval) as running:
        running.fetch_all(urls)
        workers = {row["outcome"] for row in running.store.rows()}
    assert workers == {"rejected"}  # not found, all of them, at once or in the end
    asked = _times(site)
    assert len(asked["host0.test"]) == 12
    for host, times in asked.items():
        least = delay if host == "patient.test" else interval
        gaps = [later - sooner for sooner, later in pairwise(sorted(times))]
        # A twentieth of a second for what lies between a turn and the server's clock.
        assert [gap for gap in gaps if gap < least - 0.05] == [], host
    assert all(
        sum(one.path == "/robots.txt" for one in site.requests if one.host == host) == 1 for host in asked
    )


def _times(site: Site) -> dict[str, list[float]]:
    """Return when each host was asked for a page."""
    times: dict[str, list[float]] = {}
    for one in site.requests:
        if one.path != "/robots.txt":
            times.setdefault(one.host, []).append(one.at)
    return times
