"""The HTTP client of the fetch stage: sends one GET, over a checked and bounded connection that is kept open."""

import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore
from types import MappingProxyType
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError

from tasks.errors import Reason, Rejected, TryLater
from tasks.fetch.addresses import AddressGuard
from tasks.fetch.budget import Budget, FetchLimits
from tasks.fetch.connection import GuardedConnection, GuardedTLSConnection
from tasks.fetch.connection_pool import ConnectionPool, Origin
from tasks.fetch.decoding import ACCEPT_ENCODING
from tasks.fetch.message import MessageError
from tasks.fetch.response import Response

_ACCEPT = "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.1"
_DEFAULT_PORT = {"http": 80, "https": 443}
#: Large pages held at once by all threads: 3 MB each, and twice that while the pieces of one are joined.
_MOST_LARGE = 2
_NONE: Mapping[str, str] = MappingProxyType({})
#: No spaces, line ends and fragments but those of the two lines themselves, no query or user in place of a host.
_SENDABLE = re.compile(r"GET [!\"$-~]+ HTTP/1\.1\r\nHost: [!\"$->A-~]+\r\n")
#: Header lines; bytes outside of ASCII are those of cookies, which go back as they came.
_HEADERS = re.compile(r"(?:[\t -~\x80-\xff]++\r\n)*+")
_NOT_SENDABLE = "a header must be printable ASCII"
#: Failures of TLS that are enough. A certificate is mended by a person, in hours: the frontier's rounds would last 1.5 hours.
TLS_ROUNDS = 3
#: Raised on a kept connection that the server has closed meanwhile.
_CLOSED_BY_SERVER = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)

#: Called after each request with the status of the response, None where none came.
Observer = Callable[[int | None], None]


def unobserved(status: int | None) -> None:
    """Do nothing; the default observer."""
    del status


class Client:
    """Fetches single URLs; shared by all threads of a worker.

    `guard` decides which addresses may be connected to, `limits` how long and how large a page may be. `user_agent` is
    sent unchanged; it should hold the product token (RFC 9309, 2.2.1) and a contact. ValueError if it is not printable
    ASCII. `tls` defaults to verification against the system's certificate authorities. Proxies named in the environment
    are not used: the guard could not check the addresses that they connect to. `observe` is called after every request,
    including those for robots.txt and each redirect.
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
        self._pool = ConnectionPool()
        self._large = BoundedSemaphore(_MOST_LARGE)
        #: As it is sent.
        self.user_agent = user_agent
        if not user_agent.isascii():
            raise ValueError(_NOT_SENDABLE)
        self._headers = _lines(
            {"User-Agent": user_agent, "Accept": _ACCEPT, "Accept-Encoding": ACCEPT_ENCODING}
        )

    def budget(self) -> Budget:
        """Return a new budget for one page; its time starts now."""
        return Budget(self.limits)

    def open(self, url: str, budget: Budget, headers: Mapping[str, str] = _NONE) -> Response:
        """Return the response to a GET of the request URL `url`, whatever its status; redirects are not followed.

        `headers` are sent in addition to the client's own. Raises Rejected(BAD_URL), Rejected(BLOCKED_ADDRESS),
        TryLater(UNREACHABLE) if no response comes, TryLater(TLS) if that is TLS's fault, TryLater(BAD_RESPONSE) if it is not HTTP, and the budget's
        Rejected(TOO_LARGE) and Rejected(TOO_SLOW).
        """
        self.guard.check(url)
        origin = _origin(url)
        status = None
        try:
            with _named_endings(origin.host):
                response = self._request(origin, url, budget, headers)
            status = response.status
        finally:
            self._observe(status)
        return response

    def close(self) -> None:
        """Close the idle connections; the client stays usable."""
        self._pool.close()

    def _request(self, origin: Origin, url: str, budget: Budget, headers: Mapping[str, str]) -> Response:
        request = _head(url) + self._headers + (_lines(headers) if headers else b"") + b"\r\n"
        kept = self._pool.take(origin)
        if kept is not None:
            with suppress(*_CLOSED_BY_SERVER):  # a GET may be repeated on a new connection: RFC 9110, 9.2.2
                return self._ask(kept, origin, url, request, budget)
        return self._ask(self._connect(origin, budget), origin, url, request, budget)

    def _connect(self, origin: Origin, budget: Budget) -> GuardedConnection:
        connection = self._new_connection(origin, budget)
        try:
            connection.connect()
        except (OSError, HTTPError) as error:
            connection.close()
            if _is_tls(error):
                raise
            detail = f"Cannot connect to {origin.host}: {error}."
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
    ) -> Response:
        try:
            stream = connection.ask(request, budget)
        except BaseException:
            connection.close()
            raise
        return Response(
            url,
            stream,
            lambda reusable: self._release(connection, origin, reusable=reusable),
            most=self.limits.decoded_bytes,
            large=self._large,
            pause=budget.paused,
        )

    def _release(self, connection: GuardedConnection, origin: Origin, *, reusable: bool) -> None:
        if reusable and not connection.is_closed:
            self._pool.put(origin, connection)
        else:
            connection.close()


@contextmanager
def _named_endings(host: str) -> Iterator[None]:
    """Turn errors between a request and its headers into Rejected or TryLater."""
    try:
        yield
    except ssl.SSLError as error:
        if not _is_tls(error):
            raise TryLater(
                Reason.BAD_RESPONSE, f"{host} ended TLS before its response: {error!r}."
            ) from error
        detail = f"TLS with {host} failed: {_why(error)}."
        raise TryLater(Reason.TLS, detail, rounds=TLS_ROUNDS, whole_host=True) from error
    except TimeoutError as error:
        raise TryLater(Reason.UNREACHABLE, f"{host} did not answer in time.", whole_host=True) from error
    except (MessageError, HTTPError, OSError) as error:
        raise TryLater(Reason.BAD_RESPONSE, f"{host} sent no valid HTTP response: {error!r}.") from error


def _is_tls(error: Exception) -> bool:
    """Return whether TLS itself has failed, and not the connection under it."""
    return isinstance(error, ssl.SSLError) and not isinstance(error, _CLOSED_BY_SERVER)


def _why(error: ssl.SSLError) -> str:
    """Return what OpenSSL says of the certificate, else its name of the problem, without the line of its source."""
    said = getattr(error, "verify_message", None) or (error.reason or str(error)).replace("_", " ").lower()
    return said.rstrip(".")


def _origin(url: str) -> Origin:
    parts = urlsplit(url)
    host = (parts.hostname or "").removesuffix(".")  # the DNS's final dot, which no certificate has
    return Origin(parts.scheme, host, parts.port or _DEFAULT_PORT[parts.scheme])


def _head(url: str) -> bytes:
    """Return the request line and the Host line of a GET of `url` (RFC 9112, 3.2)."""
    host, _, target = url.partition("://")[2].partition("/")
    head = f"GET /{target} HTTP/1.1\r\nHost: {host}\r\n"
    if not _SENDABLE.fullmatch(head):
        raise Rejected(Reason.BAD_URL, f"{url[:200]!r} cannot be sent in an HTTP request.")
    return head.encode("ascii")


def _lines(headers: Mapping[str, str]) -> bytes:
    """Return the header lines to send; ValueError for a value that cannot be sent, such as one with a line end."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    if not _HEADERS.fullmatch(lines) or lines.count("\r\n") > len(headers):
        raise ValueError(_NOT_SENDABLE)
    return lines.encode("latin-1")
