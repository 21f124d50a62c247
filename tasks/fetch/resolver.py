"""Host names to addresses, asked of DNS directly, so that the lifetime of each answer is known.

The system's resolver (getaddrinfo) tells no lifetime and has no timeout. It also reads /etc/hosts and adds search
domains, which hold the operator's own names and never those of a news site. NEWSMILL_RESOLVE sets exceptions.
"""

import threading
import time
from itertools import chain, zip_longest

import dns.exception
import dns.name
import dns.resolver

from tasks.fetch.compat import BoundedAnswers

#: Answers kept, two for each host. An answer takes 1 to 2 KB.
_ANSWERS_KEPT = 4_000
#: Longest time that an answer is kept, in seconds, whatever it says; unbound's limits, for names with and without addresses.
_LONGEST, _LONGEST_NEGATIVE = 86_400.0, 3_600.0


class Resolver:
    """Looks host names up and keeps each answer, negative ones too, for its lifetime; shared by threads.

    `servers` are the addresses of the DNS servers to ask on `port`; the system's (resolv.conf) if there are none.
    """

    def __init__(self, servers: tuple[str, ...] = (), port: int = 53) -> None:
        self._servers = servers
        self._port = port
        self._lock = threading.Lock()
        self._answers = BoundedAnswers(_ANSWERS_KEPT, _LONGEST, _LONGEST_NEGATIVE)
        self._made: dns.resolver.Resolver | None = None

    def __call__(self, host: str, seconds: float) -> tuple[str, ...]:
        """Return the addresses of `host`, IPv4 and IPv6 in alternation; the look-up may take `seconds`.

        Raises OSError where there is no answer, TimeoutError where it does not come in time. The result is empty for a
        name that exists but has no address.
        """
        try:
            name = dns.name.from_text(host)
            by_kind = self._ask(name, seconds)
        except dns.exception.Timeout as error:
            self._made = None  # resolv.conf is read again: the machine may have moved to another network
            raise TimeoutError(f"DNS did not answer within {seconds:.1f} s") from error
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
                found.append([])  # some DNS servers ignore questions for IPv6 addresses
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
