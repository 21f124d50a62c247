"""An HTTP server of pages on loopback, for the benchmarks."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: Hosts that the pages are on.
HOSTS = 40


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the server sends it."""

    content_type: str
    body: bytes


def page_urls(port: int, pages: range, folder: str = "") -> list[str]:
    """Return the URLs of these pages on HOSTS hosts. Another `folder` gives other URLs of the same pages."""
    path = f"{folder}/" if folder else ""
    return [f"http://site-{n % HOSTS}.test:{port}/{path}{n}.html" for n in pages]


@contextmanager
def serving(pages: Sequence[Page] | Callable[[int], Page]) -> Iterator[int]:
    """Serve the pages as /0.html, /1.html, ... in any folder; yield the port. Runs in a process of its own.

    Numbers beyond the end of a sequence start over; a function is called for each page.
    """
    page_at = pages if callable(pages) else lambda number: pages[number % len(pages)]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2].removesuffix(".html")
            page = page_at(int(name)) if name.isdigit() else None
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", page.content_type if page else "text/plain")
            self.send_header("Content-Length", str(len(page.body) if page else 0))
            self.end_headers()
            self.wfile.write(page.body if page else b"")

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    process = multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True)
    process.start()
    try:
        yield server.server_port
    finally:
        process.kill()
        process.join()
        server.server_close()
