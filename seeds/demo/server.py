"""The demo's web server: every host of the demo on one port, told apart by the Host header."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from sys import exception
from typing import cast

from seeds.demo.expectations import DEFAULT_PORT
from seeds.demo.routes import build_routes, robots_for
from seeds.demo.web import Reply, Request

#: Seconds that an idle keep-alive connection is kept.
_IDLE_SECONDS = 30


class Demo(ThreadingHTTPServer):
    """The demo's server: `port` is where it listens, `hits` the number of requests of each `host/path`.

    It listens once it is created (OSError where it cannot), and answers once `serve_forever` runs.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str = "127.0.0.1", port: int = DEFAULT_PORT) -> None:
        self.hits: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._stopping = threading.Event()
        self._routes = build_routes()
        super().__init__((host, port), _Handler)

    @property
    def port(self) -> int:
        """The port that it listens on, also where port 0 was given."""
        return int(self.server_address[1])

    def reply(self, host: str, path: str) -> Reply:
        """Return the answer to a GET of `path` with the Host header `host`; count the request."""
        site = host.partition(":")[0].lower()
        address = site + path
        with self._counting:
            self.hits[address] += 1
            number = self.hits[address]
        route = self._routes.get(address)
        if route is None and path == "/robots.txt":
            return robots_for(site)
        if route is None:
            return Reply(
                status=HTTPStatus.NOT_FOUND, headers={"Content-Type": "text/plain"}, body=b"Not found\n"
            )
        return route(Request(port=self.port, number=number, pause=self._stopping.wait))

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that close the connection; anything else is a bug and is printed."""
        if not isinstance(exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # typeshed: any socket

    def server_close(self) -> None:
        """Stop listening, and end the responses that never end."""
        self._stopping.set()
        super().server_close()


@contextmanager
def serve(host: str = "127.0.0.1", port: int = DEFAULT_PORT) -> Iterator[Demo]:
    """Run the demo in a thread while the block runs; port 0 takes any free one (`Demo.port`).

    Raises OSError where the port is in use or not permitted.
    """
    with Demo(host, port) as demo:
        thread = threading.Thread(target=demo.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield demo
        finally:
            demo.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Sends the reply that the demo has for a request."""

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    # Head and body are two writes: with Nagle's algorithm the second would wait for a delayed ACK, 40 ms.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        demo = cast("Demo", self.server)
        reply = demo.reply(self.headers.get("Host", ""), self.path)
        # Several pages of the demo make clients close the connection early.
        with suppress(OSError):
            self._send(reply)
            return
        self.close_connection = True

    def _send(self, reply: Reply) -> None:
        whole = reply.body if isinstance(reply.body, bytes) else None
        self.close_connection = self.close_connection or whole is None or reply.announced_length is not None
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if whole is not None:
            self.send_header("Content-Length", str(reply.announced_length or len(whole)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self._send_body(reply)

    def _send_body(self, reply: Reply) -> None:
        if isinstance(reply.body, bytes):
            self.wfile.write(reply.body)
            return
        with closing(reply.body) as pieces:  # type: ignore[type-var] # every stream here is a generator
            for piece in pieces:
                self.wfile.write(piece)

    def version_string(self) -> str:
        """Name the demo in the Server header."""
        return "newsmill-demo"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Log nothing: the output belongs to the crawl."""
