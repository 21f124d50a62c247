"""Names to addresses, asked of DNS itself, whose answers say how long they hold.

The system's resolver (getaddrinfo) tells no time to live and knows no timeout. It also reads /etc/hosts and adds
search domains, which are the operator's own names and never a news site's: here a name is what DNS says it is,
and NEWSMILL_RESOLVE has the exceptions.
"""

import threading
import time
from itertools import chain, zip_longest

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

#: Answers kept, two a host. An answer is 1 to 2 KB.
_ANSWERS_KEPT = 4_000
#: Longest that an answer is kept, in seconds, whatever it says; as unbound has it, for names that are there and others.
_LONGEST, _LONGEST_WITHOUT = 86_400.0, 3_600.0


class Resolver:
    """Looks names up, and keeps each answer, also that there is none, for the time it says; shared by threads.

    `servers` are addresses to ask on `port`; the system's (resolv.conf) if there are none.
    """

    def __init__(self, servers: tuple[str, ...] = (), port: int = 53) -> None:
        self._servers = servers
        self._port = port
        self._lock = threading.Lock()
        self._answers = _Answers(_ANSWERS_KEPT)
        self._made: dns.resolver.Resolver | None = None

    def __call__(self, host: str, seconds: float) -> tuple[str, ...]:
        """Return the addresses of `host`, IPv4 and IPv6 by turns; the look-up may take `seconds`.

        Raises OSError, a TimeoutError among them, where there is no answer. A name without any address has none.
        """
        try:
            name = dns.name.from_text(host)
            by_kind = self._ask(name, seconds)
        except dns.exception.Timeout as error:
            self._made = None  # resolv.conf is read again: the machine may have moved to another network
            raise TimeoutError(f"no answer from DNS in {seconds:.1f} s") from error
        except dns.exception.DNSException as error:
            raise OSError(str(error)) from error
        return tuple(filter(None, chain.from_iterable(zip_longest(*by_kind))))

    def _ask(self, name: dns.name.Name, seconds: float) -> tuple[list[str], list[str]]:
        deadline = time.monotonic() + seconds
        resolver = self._resolver()
        found: list[list[str]] = []
        for kind in ("A", "AAAA"):
            left = max(deadline - time.monotonic(), 0.01)
            try:
                answer = resolver.resolve(name, kind, lifetime=left, search=False, raise_on_no_answer=False)
            except (dns.exception.Timeout, dns.resolver.NoNameservers):
                if not any(found):
                    raise
                found.append([])  # some servers of names know nothing of IPv6, and do not say so
            else:
                found.append([record.address for record in answer])
        return found[0], found[1]

    def _resolver(self) -> dns.resolver.Resolver:
        with self._lock:
            if self._made is None:
                self._made = dns.resolver.Resolver(configure=not self._servers)
                self._made.cache = self._answers
                if self._servers:
                    self._made.nameservers = list(self._servers)
                    self._made.port = self._port
            return self._made


class _Answers(dns.resolver.LRUCache):
    """dnspython's cache, but for what it would keep for 68 years: an answer that names neither address nor time."""

    def put(self, key: dns.resolver.CacheKey, value: dns.resolver.Answer) -> None:
        """Keep an answer, unless it says that there is none and not for how long (RFC 2308, 5)."""
        negative = value.rrset is None
        if negative and not any(one.rdtype == dns.rdatatype.SOA for one in value.response.authority):
            return
        value.expiration = min(value.expiration, time.time() + (_LONGEST_WITHOUT if negative else _LONGEST))
        super().put(key, value)
