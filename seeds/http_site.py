"""An HTTP server for development that answers with exact bytes: correct, broken or hostile. Tests and benchmarks use it.

One loopback server answers for all hosts, by Host header and path. A route is the bytes of an answer, or a function that
takes over the connection.
"""

import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import NamedTuple

HTML = b"<!doctype html><title>Rain</title><p>It rained."
HTML_TYPE = b"Content-Type: text/html; charset=ISO-8859-2\r\n"

#: The address of the public web in tests; every other loopback address counts as the private network.
PUBLIC_ADDRESS = "127.0.0.2"

Route = bytes | Callable[["Connection"], object]


def answer(body: bytes = HTML, headers: bytes = HTML_TYPE, status: bytes = b"200 OK") -> bytes:
    """Return a complete response with its Content-Length."""
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n" % (status, headers, len(body)) + body


def moved(location: str, status: bytes = b"301 Moved") -> bytes:
    """Return a redirect."""
    return answer(b"", b"Location: " + location.encode() + b"\r\n", status)


class Request(NamedTuple):
    """A request that arrived: Host without the port, path, headers with lower-case names, time (monotonic seconds)."""

    host: str
    path: str
    headers: Mapping[str, str]
    at: float


class Connection(socketserver.StreamRequestHandler):
    """One connection. Requests are answered in order, until a route that is a function has run."""

    server: "Site"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Count the connection, and answer it if it came to the public address."""
        private = self.request.getsockname()[0] != self.server.public_address
        with self.server.counting:
            self.server.connections += 1
            self.server.private_connections += private
        if private:
            return
        with suppress(OSError):  # the client may close the connection early
            self._answer_all()

    def _answer_all(self) -> None:
        if self.server.on_connect:
            self.server.on_connect(self)
            return
        while line := self.rfile.readline():
            pairs = (one.decode("latin-1").split(":", 1) for one in iter(self.rfile.readline, b"\r\n") if one)
            headers = {name.lower(): value.strip() for name, value in pairs}
            host, path = headers.get("host", "").partition(":")[0], line.split()[1].decode("latin-1")
            request = Request(host, path, headers, time.monotonic())
            self.server.requests.append(request)
            self.last_request = request
            route = self.server.route(host, path)
            if isinstance(route, bytes):
                self.wfile.write(route)
            else:
                route(self)
                return

    def drip(self, first: bytes, then: bytes) -> None:
        """Send `first`, then `then` again and again, slowly, until the client or the server ends."""
        self.wfile.write(first)
        while not self.server.stopping.wait(0.02):
            self.wfile.write(then)


class Site(socketserver.ThreadingTCPServer):
    """The server. `routes` are by path, or by `host/path` where hosts differ; any other path is a 404.

    `private_connections` counts those to any address but `public_address`; they are closed without an answer. Raises OSError where
    it cannot listen.
    """

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self, address: str = PUBLIC_ADDRESS, port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__((address, port), Connection)
        self.public_address = PUBLIC_ADDRESS
        self.routes: dict[str, Route] = {}
        #: If set, runs on each connection instead of reading requests: for clients that expect TLS.
        self.on_connect: Callable[[Connection], object] | None = None
        self.requests: list[Request] = []
        self.counting = threading.Lock()
        self.connections = 0
        self.private_connections = 0
        self.stopping = threading.Event()
        self.port: int = self.server_address[1]
        self.scheme = "https" if tls else "http"
        self._tls = tls

    def route(self, host: str, path: str) -> Route:
        """Return the route of a request."""
        return self.routes.get(host + path) or self.routes.get(path) or answer(b"", b"", b"404 No")

    def url(self, path: str, host: str = "news.test") -> str:
        """Return the URL of a path."""
        return f"{self.scheme}://{host}:{self.port}{path}"

    def finish_request(self, request: object, client_address: object) -> None:
        """Start TLS in the connection's own thread: a client that refuses the certificate does not stop the others."""
        if self._tls is None:
            super().finish_request(request, client_address)  # type: ignore[arg-type]
            return
        with suppress(OSError), self._tls.wrap_socket(request, server_side=True) as secured:  # type: ignore[arg-type]
            super().finish_request(secured, client_address)

    @contextmanager
    def running(self) -> Iterator["Site"]:
        """Serve in a thread while the block runs."""
        thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        with self:
            thread.start()
            yield self
            self.stopping.set()
            self.shutdown()
