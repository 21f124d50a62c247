"""A wire between a worker and Redis that can be cut: a process that forwards, and forwards nothing while stopped.

SIGSTOP is a network that drops everything, new connections too; SIGCONT is one that is back, and sends what waited.
"""

import socket
import socketserver
import threading
from contextlib import suppress
from pathlib import Path

from tests.faults.nursery import Forked


class _Wire(socketserver.BaseRequestHandler):
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
        super().__init__(("127.0.0.1", port), _Wire)
        self.target = target

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: one of the two has gone."""


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for one in (source, sink):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def start(target: int, port: int, folder: Path) -> tuple[Forked, str]:
    """Start a proxy on `port` of the Redis on port `target`; its process, and the URL of Redis through it."""
    process = Forked("proxy", lambda: _Proxy(port, target).serve_forever(), folder / "proxy.log")
    process.start()
    return process, f"redis://127.0.0.1:{port}/0"
