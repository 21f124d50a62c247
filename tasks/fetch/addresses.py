"""Which hosts, ports and addresses may be connected to: no way into a private network (SSRF).

Every new connection asks here. All addresses of the name are checked, and the connection is made to the addresses
returned, so that a second look-up cannot give a different answer (DNS rebinding).
"""

import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from types import MappingProxyType
from urllib.parse import urlsplit

from tasks.errors import Reason, Rejected, TryLater
from tasks.fetch.resolver import Resolver

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: `(host, seconds) -> addresses as text`; raises OSError.
LookUp = Callable[[str, float], Sequence[str]]

#: A name of the length that the DNS allows (RFC 1035, 2.3.4), of all that a URL may have in one: the DNS knows which there are.
#: It has no escapes and no zone id.
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[^\x00-\x20\x7f-\U0010ffff#%/:<>?@\[\\\]^|.]{1,63}(?:\.(?!\Z)|\Z))+")

#: Such a host is an address or invalid, never a name: no top-level domain is a number.
_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:0x[0-9a-f]*|[0-9]+)\Z", re.IGNORECASE)

#: IANA assigns global unicast addresses from this block only. No web site is outside of it: loopback, link-local,
#: unique local, site-local, multicast, IPv4-mapped, -compatible and -translated, NAT64.
GLOBAL_UNICAST = IPv6Network("2000::/3")

#: No web site is here: IANA's special-purpose registries (RFC 6890), and multicast. All are listed, whatever Python's
#: `is_global` says of some in some versions. deploy/base/network.yaml has the same list, tested by tests/unit/test_deploy.py.
REFUSED: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # a provider's own network
            "127.0.0.0/8",  # loopback
            "168.63.129.16/32",  # Azure's platform services: a public address of an internal service
            "169.254.0.0/16",  # link-local, where clouds keep their metadata
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments, Oracle's metadata among them
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112: the nearest sink of reverse look-ups, which may be an internal one
            "192.52.193.0/24",  # AMT: the nearest multicast relay
            "192.88.99.0/24",  # the nearest 6to4 relay, RFC 7526
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
            "2001::/23",  # protocol assignments: Teredo, which holds an IPv4 address, ORCHID, AS112, AMT (RFC 2928)
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: holds any IPv4 address (RFC 3056)
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation, RFC 9637
        ),
    )
)


def is_public(address: Address) -> bool:
    """Return whether `address` is public: it can be reached from anywhere, and is the same host everywhere."""
    if isinstance(address, IPv6Address) and (address.scope_id or address not in GLOBAL_UNICAST):
        return False
    if any(address in network for network in REFUSED):
        return False
    return address.is_global and not address.is_multicast


@dataclass(frozen=True)
class AddressGuard:
    """Allows connections to public addresses on the ports of the web."""

    #: Networks allowed although they are not public: the demo's loopback, the news of an intranet.
    allow_networks: tuple[Network, ...] = ()
    #: Other ports belong to other protocols (SMTP, Redis), which a request in HTTP could misuse.
    allow_ports: frozenset[int] = frozenset({80, 443})
    #: Host or domain -> address, like `curl --resolve`. Both `test` and `.test` include every name under it.
    resolve: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    look_up: LookUp = field(default_factory=Resolver)

    def check(self, url: str) -> None:
        """Raise Rejected(BAD_URL) unless the request URL `url` has a valid host and an allowed port."""
        parts = urlsplit(url)
        fault = _fault(parts.scheme, parts.netloc, self.allow_ports)
        if fault:
            raise Rejected(Reason.BAD_URL, fault)

    def addresses(self, host: str, seconds: float) -> tuple[str, ...]:
        """Return the addresses of `host`, all of them allowed; the look-up may take `seconds`.

        Raises Rejected(BLOCKED_ADDRESS) if one of them is not allowed, for a name with public and private addresses is
        an attack or a mistake; TryLater(UNREACHABLE) if there are none.
        """
        found = [ip_address(address) for address in self._find(host.removesuffix("."), seconds)]
        for address in found:
            if not self._allows(address):
                raise Rejected(
                    Reason.BLOCKED_ADDRESS, f"{host} is at {address}, which is not a public address."
                )
        return tuple(str(address) for address in found)

    def _allows(self, address: Address) -> bool:
        return is_public(address) or any(address in network for network in self.allow_networks)

    def _find(self, host: str, seconds: float) -> Sequence[str]:
        pinned = self._pinned(host)
        if pinned is not None:
            return (pinned,)
        literal = _literal(host)
        if literal is not None:
            return (literal,)
        top = host.rpartition(".")[2]
        if top == "localhost":  # RFC 6761, 6.3: whatever DNS says
            return ("127.0.0.1", "::1")
        if top == "invalid":  # RFC 6761, 6.4: never looked up, never there
            raise _unreachable(host, "names under .invalid do not exist")
        try:
            found = self.look_up(host, seconds)
        except OSError as error:
            raise _unreachable(host, str(error)) from error
        if not found:
            raise _unreachable(host, "the name has no address")
        return found

    def _pinned(self, host: str) -> str | None:
        """Return the address of `host` in `resolve`, by its own entry, else by that of its nearest domain."""
        labels = host.split(".")
        for start in range(len(labels)):
            domain = ".".join(labels[start:])
            for key in (domain, f".{domain}"):
                if key in self.resolve:
                    return self.resolve[key]
        return None


@lru_cache(10_000)
def _fault(scheme: str, netloc: str, allow_ports: frozenset[int]) -> str | None:
    """Return what is wrong with a URL's scheme, host and port; cached, since the pages of a host share them."""
    parts = urlsplit(f"{scheme}://{netloc}")
    host = (parts.hostname or "").removesuffix(".")
    port = {"http": 80, "https": 443}.get(scheme) if parts.port is None else parts.port
    if port not in allow_ports or port == 0:
        return f"Port {port} is not allowed."
    try:
        if _literal(host) is None and not _NAME.fullmatch(host):
            return f"{host!r} is not a valid host name."
    except Rejected as refusal:
        return refusal.detail
    return None


def _literal(host: str) -> str | None:
    """Return the address if `host` is one, None if it is a name.

    Every host that ends in a number is an IPv4 address (WHATWG URL, "ends in a number"), in the old notations too:
    `127.1`, `0x7f.1`, `2130706433`, `0177.0.0.1`. Raises Rejected(BAD_URL) for an invalid one, or one with a zone id.
    """
    try:
        if ":" in host:
            address = ip_address(host)
            if isinstance(address, IPv6Address) and address.scope_id is None:
                return str(address)
        elif not _ENDS_IN_NUMBER.search(host):
            return None
        elif _NAME.fullmatch(host):
            return socket.inet_ntoa(socket.inet_aton(host))
    except (ValueError, OSError):
        pass
    raise Rejected(Reason.BAD_URL, f"{host!r} is not a valid address.")


def _unreachable(host: str, why: str) -> TryLater:
    return TryLater(Reason.UNREACHABLE, f"Cannot look up {host}: {why}.", whole_host=True)
