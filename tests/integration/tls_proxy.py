"""A server's TLS: a proxy that decrypts what comes in, and hands it on to a Redis or a PostgreSQL that speaks none itself."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

#: What libpq asks before TLS, and before encryption by Kerberos (postgresql.org/docs/current/protocol-flow.html).
_TLS_WANTED, _KERBEROS_WANTED = bytes.fromhex("0000000804d2162f"), bytes.fromhex("0000000804d21630")


@dataclass
class TlsProxy:
    """A port on loopback that speaks TLS."""

    port: int
    #: What clients have sent, decrypted; nothing where they have refused the certificate.
    heard: list[bytes] = field(default_factory=list)


@contextlib.contextmanager
def tls_proxy(
    context: ssl.SSLContext | None, connect: Callable[[], socket.socket], *, postgres: bool = False
) -> Iterator[TlsProxy]:
    """Serve on a port of its own; `connect` opens a connection to the server behind. Without `context` no TLS is spoken."""
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = TlsProxy(listener.getsockname()[1])
    opened: list[socket.socket] = [listener]

    def serve() -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                peer, _ = listener.accept()
                opened.append(peer)
                threading.Thread(target=meet, args=(peer,), daemon=True).start()

    def meet(peer: socket.socket) -> None:
        with contextlib.suppress(OSError):
            first = b""
            if postgres:
                while (first := peer.recv(8, socket.MSG_WAITALL)) in {_KERBEROS_WANTED, _TLS_WANTED}:
                    peer.sendall(b"S" if context and first == _TLS_WANTED else b"N")
                    if context and first == _TLS_WANTED:
                        break
            secure = context.wrap_socket(peer, server_side=True) if context else peer
            behind = connect()
            if first and not context:
                proxy.heard.append(first)
                behind.sendall(first)
            opened.extend((secure, behind))
            threading.Thread(target=pump, args=(secure, behind, proxy.heard), daemon=True).start()
            pump(behind, secure, [])

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield proxy
    finally:
        for one in opened:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def pump(source: socket.socket, target: socket.socket, heard: list[bytes]) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            heard.append(data)
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)
