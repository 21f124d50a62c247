"""TLS: the certificate must be the URL's host's, whatever address it is at."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from pathlib import Path

import pytest

from tasks.errors import Reason, TryLater
from tasks.fetch import AddressGuard, Client, FetchLimits

OPENSSL = shutil.which("openssl")


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.headers["Host"].encode())

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if OPENSSL is None:
        pytest.skip("no openssl to make a certificate with")
    path = tmp_path_factory.mktemp("tls") / "news.pem"
    made = [OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    name = ["-subj", "/CN=news.test", "-addext", "subjectAltName=DNS:news.test", "-days", "2"]
    subprocess.run([*made, *name, "-keyout", path, "-out", f"{path}.crt"], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@pytest.fixture
def names() -> list[str | None]:
    """The names that clients sent as SNI."""
    return []


@pytest.fixture
def port(certificate: Path, names: list[str | None]) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.handle_error = lambda *_args: None  # type: ignore[method-assign]
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def _client(port: int, authority: Path | None = None, connect: float = 5.0) -> Client:
    guard = AddressGuard(
        allow_networks=(ip_network("127.0.0.0/8"),),
        allow_ports=frozenset({port}),
        resolve={"test": "127.0.0.1"},
    )
    tls = ssl.create_default_context(cafile=authority) if authority else None
    return Client(guard=guard, limits=FetchLimits(connect=connect), user_agent="x", tls=tls)


def test_name_and_certificate_are_those_of_the_url(
    port: int, certificate: Path, names: list[str | None]
) -> None:
    client = _client(port, certificate)
    with client.open(f"https://news.test:{port}/", client.budget()) as answer:
        assert answer.read(99) == f"news.test:{port}".encode()
    assert names == ["news.test"]


def test_a_certificate_of_another_name_is_refused(port: int, certificate: Path) -> None:
    client = _client(port, certificate)
    with pytest.raises(TryLater, match=r"other\.test") as later:
        client.open(f"https://other.test:{port}/", client.budget())
    assert later.value.reason is Reason.UNREACHABLE


def test_a_certificate_of_an_unknown_authority_is_refused(port: int) -> None:
    client = _client(port)
    with pytest.raises(TryLater, match="self-signed") as later:
        client.open(f"https://news.test:{port}/", client.budget())
    assert later.value.reason is Reason.UNREACHABLE


def test_a_handshake_that_never_ends_is_bounded() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        client = _client(port, connect=0.3)
        with pytest.raises(TryLater, match="timed out") as later:
            client.open(f"https://news.test:{port}/", client.budget())
    assert later.value.reason is Reason.UNREACHABLE
