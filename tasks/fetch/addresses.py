"""No way inside: which URLs and which addresses may be connected to.

A name is looked up once; every address it has is checked, and the connection is made to the very addresses
returned here, so no second look-up can answer differently.
"""

import re
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from queue import Empty, SimpleQueue
from types import MappingProxyType
from urllib.parse import urlsplit

from tasks.errors import Reason, Rejected, TryLater

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: `(host, seconds) -> addresses as text`; raises OSError.
LookUp = Callable[[str, float], Sequence[str]]

#: A name as DNS has it (RFC 1035, 2.3.4), underscores tolerated. Escapes and zone ids are no part of it.
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}", re.IGNORECASE)

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


def look_up(host: str, seconds: float) -> tuple[str, ...]:
    """Return the addresses of `host`, as the system's resolver orders them (RFC 6724).

    getaddrinfo knows no timeout of its own (resolv.conf's defaults can add up to half a minute), so a thread
    waits for it, and is left behind after `seconds`. Raises socket.gaierror, or TimeoutError.
    """
    answers: SimpleQueue[tuple[str, ...] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM)
        except OSError as error:
            answers.put(error)
        else:
            answers.put(tuple(dict.fromkeys(str(entry[4][0]) for entry in found)))

    threading.Thread(target=ask, name=f"look up {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError(f"no answer from DNS in {seconds:.1f} s") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


@dataclass(frozen=True)
class AddressGuard:
    """Decides what may be connected to: public addresses, on the ports of the web."""

    #: Networks let through although they are not public (a demo's loopback, an intranet's news).
    allow_networks: tuple[Network, ...] = ()
    #: Ports other than the web's are other protocols' (SMTP, Redis) waiting to be spoken to in HTTP.
    allow_ports: frozenset[int] = frozenset({80, 443})
    #: Host or domain -> address, like `curl --resolve`; `test` and `.test` stand for every name under it too.
    resolve: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    look_up: LookUp = look_up

    def check(self, url: str) -> None:
        """Raise Rejected(BAD_URL) unless `url`, a canonical one, has a proper host and an allowed port."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        if port not in self.allow_ports or parts.port == 0:
            raise Rejected(Reason.BAD_URL, f"Port {parts.port or parts.scheme} is not one of the web's.")
        if not _NAME.fullmatch(host) and not _is_literal(host):
            raise Rejected(Reason.BAD_URL, f"{host!r} is not a host name.")

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
        if host == "invalid" or host.endswith(".invalid"):  # RFC 6761, 6.4: never asked for, never there
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


def _is_literal(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return isinstance(address, IPv4Address) or address.scope_id is None


def _unreachable(host: str, why: str) -> TryLater:
    return TryLater(Reason.UNREACHABLE, f"{host} could not be looked up: {why}.", whole_host=True)
