"""A proxy between a worker and Redis, to cut the network between them.

Stopped by SIGSTOP, it is a network that drops everything, new connections too. After SIGCONT the network is back, and
delivers what waited.
"""

import socket
import socketserver
import threading
from contextlib import suppress
from pathlib import Path

from tests.faults.forked_process import ForkedProcess


class _Connection(socketserver.BaseRequestHandler):
    server: "_Proxy"

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.target)) as there:
            back = threading.Thread(target=_pump, args=(there, self.request), daemon=True)
            back.start()
            _pump(self.request, there)
            back.join()


class _Proxy(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, target: int) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        self.target = target

    def handle_error(self, request: object, client_address: object) -> None:
        """Log nothing: one of the two has ended."""


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for one in (source, sink):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def start(target: int, port: int, folder: Path) -> tuple[ForkedProcess, str]:
    """Start a proxy on `port` to the Redis on port `target`; return its process, and the URL of Redis through it."""
    process = ForkedProcess("proxy", lambda: _Proxy(port, target).serve_forever(), folder / "proxy.log")
    process.start()
    return process, f"redis://127.0.0.1:{port}/0"
