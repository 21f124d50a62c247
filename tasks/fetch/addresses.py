"""No way inside: which URLs and which addresses may be connected to.

Each connection begins here: every address that the name has by then is checked, and the connection is made to the
very addresses returned, so no second look-up can answer differently.
"""

import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from types import MappingProxyType
from urllib.parse import urlsplit

from tasks.errors import Reason, Rejected, TryLater
from tasks.fetch.lookup import Resolver

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: `(host, seconds) -> addresses as text`; raises OSError.
LookUp = Callable[[str, float], Sequence[str]]

#: A name as DNS has it (RFC 1035, 2.3.4), underscores tolerated. Escapes and zone ids are no part of it.
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}", re.IGNORECASE)

#: Also what is none: no top-level domain is a number, so that an address cannot be taken for a name.
_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:0x[0-9a-f]*|[0-9]+)\Z", re.IGNORECASE)

#: IANA has given out global unicast addresses from here only. What lies outside (loopback, link-local,
#: unique local, site-local, multicast, IPv4-mapped, -compatible and -translated, NAT64) is never a web site.
_GLOBAL_UNICAST = IPv6Network("2000::/3")

#: Refused although `is_global` of some Python lets them pass.
_REFUSED: tuple[Network, ...] = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments, RFC 6890
    IPv4Network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
    IPv4Network("168.63.129.16/32"),  # Azure's platform services, public by number, inside by nature
    IPv6Network("2001::/23"),  # protocol assignments, Teredo among them (RFC 2928, RFC 4380)
    IPv6Network("2002::/16"),  # 6to4: any IPv4 address in disguise (RFC 3056)
    IPv6Network("3fff::/20"),  # documentation, RFC 9637
)


def is_public(address: Address) -> bool:
    """Return whether `address` is one that anybody on the Internet can reach, and reaches the same host at."""
    if isinstance(address, IPv6Address) and (address.scope_id or address not in _GLOBAL_UNICAST):
        return False
    if any(address in network for network in _REFUSED):
        return False
    return address.is_global and not address.is_multicast


@dataclass(frozen=True)
class AddressGuard:
    """Decides what may be connected to: public addresses, on the ports of the web."""

    #: Networks let through although they are not public (a demo's loopback, an intranet's news).
    allow_networks: tuple[Network, ...] = ()
    #: Ports other than the web's are other protocols' (SMTP, Redis) waiting to be spoken to in HTTP.
    allow_ports: frozenset[int] = frozenset({80, 443})
    #: Host or domain -> address, like `curl --resolve`; `test` and `.test` stand for every name under it too.
    resolve: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    look_up: LookUp = field(default_factory=Resolver)

    def check(self, url: str) -> None:
        """Raise Rejected(BAD_URL) unless `url`, a canonical one, has a proper host and an allowed port."""
        parts = urlsplit(url)
        fault = _fault(parts.scheme, parts.netloc, self.allow_ports)
        if fault:
            raise Rejected(Reason.BAD_URL, fault)

    def addresses(self, host: str, seconds: float) -> tuple[str, ...]:
        """Return the addresses of `host`, checked, best first; the look-up may take `seconds`.

        Raises Rejected(BLOCKED_ADDRESS) if any of them may not be connected to, for a name that mixes public
        and private ones is an attack or a mistake; TryLater(UNREACHABLE) if there are none.
        """
        found = [ip_address(address) for address in self._find(host, seconds)]
        for address in found:
            if not self._allows(address):
                raise Rejected(Reason.BLOCKED_ADDRESS, f"{host} is at {address}, not a public address.")
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
        if top == "invalid":  # RFC 6761, 6.4: never asked for, never there
            raise _unreachable(host, "names under .invalid do not exist")
        try:
            found = self.look_up(host, seconds)
        except OSError as error:
            raise _unreachable(host, str(error)) from error
        if not found:
            raise _unreachable(host, "it has no address")
        return found

    def _pinned(self, host: str) -> str | None:
        """Return the address that `resolve` gives `host`: its own entry, else its nearest domain's."""
        labels = host.split(".")
        for start in range(len(labels)):
            domain = ".".join(labels[start:])
            for key in (domain, f".{domain}"):
                if key in self.resolve:
                    return self.resolve[key]
        return None


@lru_cache(10_000)
def _fault(scheme: str, netloc: str, allow_ports: frozenset[int]) -> str | None:
    """Return what is wrong with the beginning of a URL; kept, for all pages of a host have the same."""
    parts = urlsplit(f"{scheme}://{netloc}")
    host = parts.hostname or ""
    port = parts.port or {"http": 80, "https": 443}.get(scheme)
    if port not in allow_ports or parts.port == 0:
        return f"Port {parts.port or scheme} is not one of the web's."
    try:
        if _literal(host) is None and not _NAME.fullmatch(host):
            return f"{host!r} is not a host name."
    except Rejected as refusal:
        return refusal.detail
    return None


def _literal(host: str) -> str | None:
    """Return the address that `host` is written as, None for a name.

    Whatever ends in a number is an IPv4 address (WHATWG URL, "ends in a number"), also in the old ways of writing one:
    `127.1`, `0x7f.1`, `2130706433`, `0177.0.0.1`. Raises Rejected(BAD_URL) for one that is none, or names a zone.
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
    raise Rejected(Reason.BAD_URL, f"{host!r} is not an address.")


def _unreachable(host: str, why: str) -> TryLater:
    return TryLater(Reason.UNREACHABLE, f"{host} could not be looked up: {why}.", whole_host=True)
