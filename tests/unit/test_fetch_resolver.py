"""Names are looked up in DNS, and answers are kept for their time; against a DNS server on loopback."""

from collections.abc import Iterator

import dns.name
import pytest

from tasks.fetch.resolver import _LONGEST, Resolver
from tests.fault_site.dns_server import DnsServer


@pytest.fixture
def names() -> Iterator[DnsServer]:
    with DnsServer().running() as server:
        yield server


@pytest.fixture
def resolver(names: DnsServer) -> Resolver:
    return Resolver(("127.0.0.1",), names.port)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time of the cache."""
    clock = Clock()
    monkeypatch.setattr("dns.resolver.time.time", clock)
    return clock


def test_both_kinds_of_addresses_come_by_turns(names: DnsServer, resolver: Resolver) -> None:
    names.addresses["news.example"] = [("1.1.1.1", "1.1.1.2", "1.1.1.3", "2606:4700::1")]
    found = resolver("news.example", 5)
    assert [":" in one for one in found] == [False, True, False, False]
    assert set(found) == {"1.1.1.1", "1.1.1.2", "1.1.1.3", "2606:4700::1"}


def test_an_answer_is_kept_as_long_as_it_says_and_no_longer(
    names: DnsServer, resolver: Resolver, clock: Clock
) -> None:
    names.ttl = 30
    names.addresses["news.example"] = [("1.1.1.1",), ("2.2.2.2",)]
    assert resolver("news.example", 5) == ("1.1.1.1",)
    clock.now += 29
    assert resolver("news.example", 5) == ("1.1.1.1",)
    clock.now += 2
    assert resolver("news.example", 5) == ("2.2.2.2",)
    assert names.asked["news.example", "A"] == 2


def test_an_answer_without_time_is_not_kept(names: DnsServer, resolver: Resolver) -> None:
    names.ttl = 0
    names.addresses["news.example"] = [("1.1.1.1",), ("2.2.2.2",)]
    assert [resolver("news.example", 5) for _ in range(2)] == [("1.1.1.1",), ("2.2.2.2",)]


def test_no_answer_is_kept_for_more_than_a_day(names: DnsServer, resolver: Resolver, clock: Clock) -> None:
    names.ttl = 10**8
    names.addresses["news.example"] = [("1.1.1.1",), ("2.2.2.2",)]
    resolver("news.example", 5)
    clock.now += _LONGEST + 1
    assert resolver("news.example", 5) == ("2.2.2.2",)


def test_that_there_is_no_address_is_not_kept_unless_it_is_said_for_how_long(
    names: DnsServer, resolver: Resolver
) -> None:
    names.addresses["news.example"] = [(), ("1.1.1.1",)]
    assert [resolver("news.example", 5) for _ in range(2)] == [(), ("1.1.1.1",)]


def test_a_name_that_does_not_exist_is_an_error(resolver: Resolver) -> None:
    with pytest.raises(OSError, match="does not exist"):
        resolver("gone.example", 5)


def test_a_server_that_does_not_answer_is_given_up_in_time(names: DnsServer, resolver: Resolver) -> None:
    names.silent.add("slow.example")
    with pytest.raises(TimeoutError):
        resolver("slow.example", 0.2)


def test_search_domains_are_not_tried(names: DnsServer, resolver: Resolver) -> None:
    names.addresses["redis.cluster.example"] = [("10.0.0.1",)]
    resolver._resolver().search = [dns.name.from_text("cluster.example")]
    with pytest.raises(OSError, match="does not exist"):
        resolver("redis", 5)
    assert set(names.asked) == {("redis", "A")}
