"""All that the fetch stage uses of other libraries' undocumented parts.

Each part says what it uses and why, for which versions, and what breaks without it. tests/unit/test_fetch_compat.py fails
when a library renames such a part or no longer calls it. docs/upstream.md lists what would make each part unnecessary.
"""

import socket
import time

import dns.rdatatype
import dns.resolver
from urllib3.connection import HTTPConnection


class OwnSocketConnection(HTTPConnection):
    """A connection of urllib3 that gets its socket from `open_socket`.

    Uses: `HTTPConnection._new_conn`, which urllib3's `connect` calls for a socket, with and without TLS.
    Why: the address guard checks addresses and connects to the very ones it checked; urllib3 takes a host name only.
    Versions: urllib3 2.6 to 2.8; pyproject.toml allows less than 3.
    Without it: urllib3 would look the name up itself and connect to any address, private ones too. `connect` refuses that.
    """

    _is_own = False

    def open_socket(self) -> socket.socket:
        """Return a connected socket; to be overridden."""
        raise NotImplementedError

    def connect(self) -> None:
        """Connect; RuntimeError if the socket does not come from `open_socket`. No request has been sent by then."""
        self._is_own = False
        super().connect()
        if not self._is_own:
            self.close()
            raise RuntimeError("urllib3 no longer calls HTTPConnection._new_conn: see tasks/fetch/compat.py")

    def _new_conn(self) -> socket.socket:
        self._is_own = True
        return self.open_socket()


class BoundedAnswers(dns.resolver.LRUCache):
    """dnspython's cache of DNS answers, with an upper limit on how long an answer is kept, in seconds.

    `longest` is for names with addresses, `longest_negative` for those without.

    Uses: `LRUCache.put`, which the resolver calls with each answer, and the attributes `rrset`, `response` and
    `expiration` of `Answer`.
    Why: dnspython keeps an answer for as long as it says, up to 136 years, and a negative one without an SOA record for
    five minutes, which must not be kept at all.
    Versions: dnspython 2.8 to 2.9; pyproject.toml allows less than 3.
    Without it: one wrong answer would hold until the worker restarts.
    """

    def __init__(self, max_size: int, longest: float, longest_negative: float) -> None:
        super().__init__(max_size)
        self._longest = longest
        self._longest_negative = longest_negative

    def put(self, key: dns.resolver.CacheKey, value: dns.resolver.Answer) -> None:
        """Keep an answer, unless it is negative and does not say for how long (RFC 2308, 5)."""
        negative = value.rrset is None
        if negative and not any(one.rdtype == dns.rdatatype.SOA for one in value.response.authority):
            return
        longest = self._longest_negative if negative else self._longest
        value.expiration = min(value.expiration, time.time() + longest)
        super().put(key, value)
