"""Where the fetch stage may connect to, and where never."""

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest

from tasks.errors import Ending, Reason, Rejected, TryLater
from tasks.fetch.addresses import AddressGuard, is_public

NOT_PUBLIC = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200"),
    *("127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.169.254", "172.16.0.1"),
    *("172.31.255.255", "192.0.0.1", "192.0.0.9", "192.0.0.170", "192.0.2.1"),
    *("192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::"),
    *("::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8"),
    *("::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1"),
    *("2001::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1"),
    *("3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1"),
    *("fe80::1%eth0", "2606:4700::1%eth0", "fec0::1", "ff02::1", "ff0e::1"),
]

#: IANA's registries of special-purpose addresses, as of 2025-10, and multicast.
SPECIAL = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
    *(
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
    ),
    *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    *("::/128", "::1/128", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64"),
    *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7"),
    *("fe80::/10", "ff00::/8"),
]

#: How an IPv6 address holds an IPv4 address: mapped, compatible, translated (SIIT), NAT64, 6to4, Teredo.
EMBEDDED = [
    lambda four: f"::ffff:{four}",
    lambda four: f"::{four}",
    lambda four: f"::ffff:0:{four}",
    lambda four: f"64:ff9b::{four}",
    lambda four: f"64:ff9b:1::{four}",
    lambda four: str(IPv6Address((0x2002 << 112) + (int(IPv4Address(four)) << 80) + 1)),
    lambda four: str(IPv6Address((0x20010000 << 96) + (0xFFFFFFFF ^ int(IPv4Address(four))))),
    lambda four: str(IPv6Address((0x20010000 << 96) + (int(IPv4Address(four)) << 64) + 1)),
]

HOSTILE_URLS = [
    ("http://127.0.0.1/", Reason.BLOCKED_ADDRESS),
    ("http://127.1/", Reason.BLOCKED_ADDRESS),
    ("http://2130706433/", Reason.BLOCKED_ADDRESS),
    ("http://0x7f000001/", Reason.BLOCKED_ADDRESS),
    ("http://0x7f.1/", Reason.BLOCKED_ADDRESS),
    ("http://0177.0.0.1/", Reason.BLOCKED_ADDRESS),
    ("http://0/", Reason.BLOCKED_ADDRESS),
    ("http://[::1]/", Reason.BLOCKED_ADDRESS),
    ("http://[::ffff:7f00:1]/", Reason.BLOCKED_ADDRESS),
    ("http://169.254.169.254/latest/meta-data/", Reason.BLOCKED_ADDRESS),
    ("http://[fe80::1%25eth0]/", Reason.BAD_URL),
    ("http://[fe80::1%eth0]/", Reason.BAD_URL),
    ("http://loc%61lhost/", Reason.BAD_URL),
    ("http://%31%32%37.0.0.1/", Reason.BAD_URL),
    ("http://a..b/", Reason.BAD_URL),
    ("http://news.example:22/", Reason.BAD_URL),
    ("http://news.example:6379/", Reason.BAD_URL),
    ("http://news.example:0/", Reason.BAD_URL),
    ("ftp://news.example/", Reason.BAD_URL),
    (f"http://{'a' * 64}.example/", Reason.BAD_URL),
    (f"http://{'a.' * 130}example/", Reason.BAD_URL),
]


def _judge(guard: AddressGuard, url: str) -> tuple[str, ...]:
    guard.check(url)
    host = url.split("/")[2].strip("[]")
    return guard.addresses(host, 1.0)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_everybodys_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("special", SPECIAL)
def test_no_address_of_iana_s_special_registries_is_public(special: str) -> None:
    network = ip_network(special)
    for address in (network[0], network[-1], network[network.num_addresses // 2]):
        assert not is_public(address), address


@pytest.mark.parametrize("special", SPECIAL)
def test_that_does_not_depend_on_what_python_takes_for_global(
    special: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = ip_network(special)
    for kind in (IPv4Address, IPv6Address):
        monkeypatch.setattr(kind, "is_global", True)
        monkeypatch.setattr(kind, "is_multicast", False)
    assert not is_public(network[0])
    assert not is_public(network[-1])


@pytest.mark.parametrize("embed", EMBEDDED)
@pytest.mark.parametrize("four", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "8.8.8.8"])
def test_an_ipv6_address_that_holds_an_ipv4_address_is_not_public(
    four: str, embed: Callable[[str], str]
) -> None:
    assert not is_public(ip_address(embed(four)))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "192.0.1.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1", "2001:200::1"]
)
def test_an_ordinary_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(("url", "reason"), HOSTILE_URLS)
def test_a_hostile_url_is_rejected_by_name(url: str, reason: Reason) -> None:
    with pytest.raises(Rejected) as refused:
        _judge(AddressGuard(), url)
    assert refused.value.reason is reason
    assert refused.value.detail


def test_a_name_that_mixes_public_and_private_addresses_is_blocked() -> None:
    guard = AddressGuard(look_up=lambda _host, _seconds: ("8.8.8.8", "10.0.0.1"))
    with pytest.raises(Rejected) as refused:
        guard.addresses("mixed.example", 1.0)
    assert refused.value.reason is Reason.BLOCKED_ADDRESS


def test_every_address_of_a_name_comes_back_in_the_resolvers_order() -> None:
    guard = AddressGuard(look_up=lambda _host, _seconds: ("2606:4700::1111", "8.8.8.8"))
    assert guard.addresses("news.example", 1.0) == ("2606:4700::1111", "8.8.8.8")


def test_an_allowed_network_lets_its_addresses_through_and_no_others() -> None:
    guard = AddressGuard(allow_networks=(ip_network("127.0.0.0/8"),))
    assert guard.addresses("127.0.0.1", 1.0) == ("127.0.0.1",)
    for other in ("10.0.0.1", "::ffff:127.0.0.1"):
        with pytest.raises(Rejected):
            guard.addresses(other, 1.0)


@pytest.mark.parametrize("key", ["test", ".test"])
def test_resolve_pins_a_domain_and_all_names_under_it(key: str) -> None:
    guard = AddressGuard(resolve={key: "8.8.8.8"}, look_up=_no_look_up)
    assert guard.addresses("deep.news.test", 1.0) == ("8.8.8.8",)
    assert guard.addresses("test", 1.0) == ("8.8.8.8",)
    with pytest.raises(AssertionError):
        guard.addresses("latest", 1.0)


def test_the_longest_entry_of_resolve_wins() -> None:
    guard = AddressGuard(resolve={"test": "8.8.8.8", "a.test": "8.8.4.4"})
    assert guard.addresses("a.test", 1.0) == ("8.8.4.4",)


def test_a_pinned_address_is_checked_like_any_other() -> None:
    with pytest.raises(Rejected):
        AddressGuard(resolve={"test": "127.0.0.1"}).addresses("a.test", 1.0)


def test_names_under_invalid_fail_without_a_look_up() -> None:
    with pytest.raises(TryLater) as later:
        AddressGuard(look_up=_no_look_up).addresses("gone.invalid", 1.0)
    assert (later.value.reason, later.value.whole_host) == (Reason.UNREACHABLE, True)


@pytest.mark.parametrize("trouble", [socket.gaierror(-2, "unknown"), TimeoutError("slow")])
def test_a_failed_look_up_puts_the_whole_host_off(trouble: OSError) -> None:
    def fail(_host: str, _seconds: float) -> tuple[str, ...]:
        raise trouble

    with pytest.raises(TryLater) as later:
        AddressGuard(look_up=fail).addresses("down.example", 1.0)
    assert (later.value.reason, later.value.whole_host) == (Reason.UNREACHABLE, True)


def test_only_the_ports_of_the_web_are_allowed_unless_others_are_named() -> None:
    AddressGuard().check("http://news.example/")
    AddressGuard().check("https://news.example/")
    AddressGuard(allow_ports=frozenset({8080})).check("http://news.example:8080/")
    with pytest.raises(Ending):
        AddressGuard(allow_ports=frozenset({443})).check("http://news.example/")


def _no_look_up(host: str, _seconds: float) -> tuple[str, ...]:
    raise AssertionError(host)
