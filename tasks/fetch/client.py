"""The HTTP client of the fetch stage: one GET at a time, guarded, bounded, over connections kept open."""

import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPException, LineTooLong
from threading import BoundedSemaphore
from types import MappingProxyType
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError

from tasks.errors import Reason, Rejected, TryLater
from tasks.fetch.addresses import AddressGuard
from tasks.fetch.answer import Answer
from tasks.fetch.budget import Budget, FetchLimits
from tasks.fetch.connection import GuardedConnection, GuardedTLSConnection
from tasks.fetch.decoding import ACCEPT_ENCODING
from tasks.fetch.idle import IdleConnections, Origin

_ACCEPT = "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.1"
_DEFAULT_PORT = {"http": 80, "https": 443}
#: Large pages held at once, whatever the number of threads: 3 MB each, and twice that while one is put together.
_MOST_LARGE = 2
_NONE: Mapping[str, str] = MappingProxyType({})
#: No space but the two of the request line, and nothing that ends a line but what ends it.
_SENDABLE = re.compile(r"GET [!-~]+ HTTP/1\.1\r\nHost: [!-?A-~]+\r\n")
#: What a kept connection shows when the server has closed it meanwhile.
_GONE = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)

#: Told of each request: the status of its answer, None where no answer came.
Observer = Callable[[int | None], None]


def unobserved(status: int | None) -> None:
    """Be the observer where nobody wants to know."""
    del status


class Client:
    """Fetches single URLs; shared by all threads of a worker.

    `guard` decides where connections may go, `limits` what a page may cost. `user_agent` is sent as it is; it
    should hold the product token (RFC 9309, 2.2.1) and a contact (ValueError if it is not printable ASCII). `tls` defaults to verification against the
    system's authorities. Proxies named by the environment are not used: the guard could not see where they
    lead. `observe` is told of every request, those for robots.txt and each hop of a redirect too.
    """

    def __init__(
        self,
        *,
        guard: AddressGuard,
        limits: FetchLimits,
        user_agent: str,
        tls: ssl.SSLContext | None = None,
        observe: Observer = unobserved,
    ) -> None:
        self.guard = guard
        self.limits = limits
        self._tls = tls or ssl.create_default_context()
        self._observe = observe
        self._idle = IdleConnections()
        self._large = BoundedSemaphore(_MOST_LARGE)
        self._headers = _lines(
            {"User-Agent": user_agent, "Accept": _ACCEPT, "Accept-Encoding": ACCEPT_ENCODING}
        )

    def budget(self) -> Budget:
        """Return the full budget of one page; its time starts now."""
        return Budget(self.limits)

    def open(self, url: str, budget: Budget, headers: Mapping[str, str] = _NONE) -> Answer:
        """Return the answer to a GET of the canonical `url`, whatever its status; no redirect is followed.

        `headers` are sent besides the client's own. Raises Rejected(BAD_URL), Rejected(BLOCKED_ADDRESS), TryLater(UNREACHABLE) if no answer comes,
        TryLater(BAD_RESPONSE) if what comes is not HTTP, and the budget's TOO_LARGE and TOO_SLOW.
        """
        self.guard.check(url)
        origin = _origin(url)
        status = None
        try:
            with _named_endings(origin.host):
                answer = self._request(origin, url, budget, headers)
            status = answer.status
        finally:
            self._observe(status)
        return answer

    def close(self) -> None:
        """Close the connections kept; the client stays usable."""
        self._idle.close()

    def _request(self, origin: Origin, url: str, budget: Budget, headers: Mapping[str, str]) -> Answer:
        request = _head(url) + self._headers + (_lines(headers) if headers else b"") + b"\r\n"
        kept = self._idle.take(origin)
        if kept is not None:
            with suppress(*_GONE):  # a GET may be asked again on a new connection: RFC 9110, 9.2.2
                return self._ask(kept, origin, url, request, budget)
        return self._ask(self._connect(origin, budget), origin, url, request, budget)

    def _connect(self, origin: Origin, budget: Budget) -> GuardedConnection:
        connection = self._new_connection(origin, budget)
        try:
            connection.connect()
        except (OSError, HTTPError) as error:  # TLS: SSLError is an OSError
            connection.close()
            detail = f"No connection to {origin.host}: {error}."
            raise TryLater(Reason.UNREACHABLE, detail, whole_host=True) from error
        return connection

    def _new_connection(self, origin: Origin, budget: Budget) -> GuardedConnection:
        guard, patience = self.guard, self.limits.connect
        if origin.scheme == "http":
            return GuardedConnection(origin.host, origin.port, guard=guard, budget=budget, timeout=patience)
        return GuardedTLSConnection(
            origin.host, origin.port, guard=guard, budget=budget, timeout=patience, ssl_context=self._tls
        )

    def _ask(
        self, connection: GuardedConnection, origin: Origin, url: str, request: bytes, budget: Budget
    ) -> Answer:
        try:
            response = connection.ask(request, budget)
        except BaseException:
            connection.close()
            raise
        return Answer(
            url,
            response,
            lambda reusable: self._release(connection, origin, reusable=reusable),
            large=self._large,
            pause=budget.paused,
        )

    def _release(self, connection: GuardedConnection, origin: Origin, *, reusable: bool) -> None:
        if reusable and not connection.is_closed:
            self._idle.put(origin, connection)
        else:
            connection.close()


@contextmanager
def _named_endings(host: str) -> Iterator[None]:
    """Name what goes wrong between a request and its headers."""
    try:
        yield
    except TimeoutError as error:
        raise TryLater(Reason.UNREACHABLE, f"{host} did not answer in time.", whole_host=True) from error
    except LineTooLong as error:
        raise Rejected(Reason.TOO_LARGE, f"{host} sent a {error}.") from error
    except (HTTPException, HTTPError, OSError) as error:
        if str(error).startswith("got more than"):  # http.client counts headers, too, to a hundred
            raise Rejected(Reason.TOO_LARGE, f"From {host} we {error}.") from error
        raise TryLater(Reason.BAD_RESPONSE, f"{host} did not answer in HTTP: {error!r}.") from error


def _origin(url: str) -> Origin:
    parts = urlsplit(url)
    return Origin(parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORT[parts.scheme])


def _head(url: str) -> bytes:
    """Return the request line and the Host line of a GET of `url` (RFC 9112, 3.2)."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    head = f"GET {parts.path or '/'}{query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
    if not _SENDABLE.fullmatch(head):
        raise Rejected(Reason.BAD_URL, f"{url[:200]!r} cannot be asked for.")
    return head.encode("ascii")


def _lines(headers: Mapping[str, str]) -> bytes:
    """Return headers as they are sent; ValueError for one that would be two."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    if (
        not lines.isascii()
        or not lines.replace("\r\n", "").isprintable()
        or lines.count("\r\n") > len(headers)
    ):
        raise ValueError("a header must be printable ASCII")
    return lines.encode("ascii")
