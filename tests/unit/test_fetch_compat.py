"""Canaries: each fails when a library renames an undocumented part that tasks/fetch/compat.py uses, or stops calling it."""

import io
import socket
import ssl
import time
from collections.abc import Iterator

import dns.resolver
import pytest
from urllib3.connection import HTTPConnection, HTTPSConnection

from tasks.fetch.compat import BoundedAnswers, OwnSocketConnection, StreamResponse, is_too_many_headers
from tests.fault_site.dns_server import DnsServer


class OwnTLSConnection(OwnSocketConnection, HTTPSConnection):
    """As the client has them over TLS."""


class Opened(Exception):  # noqa: N818 - it says what happened
    """The connection asked for its own socket."""


def refuse_to_connect(*_args: object, **_options: object) -> socket.socket:
    pytest.fail("urllib3 opened a socket by itself")


@pytest.mark.parametrize("kind", [OwnSocketConnection, OwnTLSConnection])
def test_urllib3_gets_its_socket_from_new_conn(
    kind: type[OwnSocketConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_socket(_self: OwnSocketConnection) -> socket.socket:
        raise Opened

    monkeypatch.setattr(kind, "open_socket", open_socket)
    monkeypatch.setattr(socket, "create_connection", refuse_to_connect)
    monkeypatch.setattr(socket, "getaddrinfo", refuse_to_connect)
    assert "_new_conn" in vars(HTTPConnection)
    with pytest.raises(Opened):
        kind("news.test", 80).connect()


def test_a_socket_that_urllib3_opened_by_itself_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()

    def connect(self: HTTPConnection) -> None:
        self.sock = ours

    monkeypatch.setattr(HTTPConnection, "connect", connect)
    connection = OwnSocketConnection("news.test", 80)
    with theirs, pytest.raises(RuntimeError, match="no longer calls"):
        connection.connect()
    assert connection.is_closed
    assert ours.fileno() == -1


def test_urllib3_tells_whether_a_kept_connection_is_alive() -> None:
    ours, theirs = socket.socketpair()
    connection = OwnSocketConnection("news.test", 80)
    connection.sock = ours
    assert connection.is_connected
    theirs.close()
    assert not connection.is_connected
    connection.close()
    assert connection.is_closed


def test_the_tls_errors_of_a_closed_connection_have_classes() -> None:
    assert issubclass(ssl.SSLEOFError, ssl.SSLError)
    assert issubclass(ssl.SSLZeroReturnError, ssl.SSLError)


class Counted(io.RawIOBase):
    """A raw stream that counts what is read from it."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self.size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int | None:
        size = self._raw.readinto(buffer)  # type: ignore[arg-type]
        self.size += size or 0
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


class Peer:
    """A response to what a test sends, and the stream that it is read from."""

    def __init__(self, sent: bytes) -> None:
        self.ours, theirs = socket.socketpair()
        theirs.sendall(sent)
        theirs.close()
        self.response = StreamResponse(self.ours, self._wrap, 16)

    def _wrap(self, raw: io.RawIOBase) -> Counted:
        self.stream = Counted(raw)
        return self.stream

    def close(self) -> None:
        self.response.close()
        self.ours.close()


@pytest.fixture
def peers() -> Iterator[list[Peer]]:
    made: list[Peer] = []
    yield made
    for one in made:
        one.close()


OK = b"HTTP/1.1 200 OK\r\n"


def test_http_client_reads_headers_and_body_from_the_wrapped_stream(peers: list[Peer]) -> None:
    sent = OK + b"Content-Length: 30\r\n\r\n" + b"x" * 30
    peers.append(Peer(sent))
    peer = peers[0]
    peer.response.begin()
    assert peer.stream.size >= len(sent) - 30
    assert peer.response.read(30) == b"x" * 30
    assert peer.stream.size == len(sent)


def test_http_client_reads_another_response_after_an_interim_one(peers: list[Peer]) -> None:
    peers.append(Peer(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n"))
    response = peers[0].response
    response.begin()
    assert (response.status, response.headers["link"]) == (103, "</a>")
    response.begin_again()
    assert (response.status, response.headers["link"]) == (200, None)


@pytest.mark.parametrize(
    ("headers", "bytes_left", "is_chunked", "ends_connection"),
    [
        (b"Content-Length: 7\r\n", 7, False, False),
        (b"Content-Length: 0\r\n", 0, False, False),
        (b"Content-Length: 7\r\nConnection: close\r\n", 7, False, True),
        (b"Transfer-Encoding: chunked\r\n", None, True, False),
        (b"", None, False, True),
    ],
)
def test_http_client_tells_how_the_body_ends(
    peers: list[Peer], headers: bytes, bytes_left: int | None, is_chunked: bool, ends_connection: bool
) -> None:
    peers.append(Peer(OK + headers + b"\r\n"))
    response = peers[0].response
    response.begin()
    assert response.bytes_left == bytes_left
    assert response.is_chunked is is_chunked
    assert response.ends_connection is ends_connection


def test_http_client_counts_down_what_is_left_of_a_body(peers: list[Peer]) -> None:
    peers.append(Peer(OK + b"Content-Length: 7\r\n\r\nfour"))
    response = peers[0].response
    response.begin()
    assert response.read(4) == b"four"
    assert response.bytes_left == 3
    assert response.read(3) == b""
    assert response.bytes_left == 3


def test_http_client_says_in_its_message_that_there_are_too_many_headers(peers: list[Peer]) -> None:
    peers.append(Peer(OK + b"X: y\r\n" * 101 + b"\r\n"))
    with pytest.raises(Exception, match="headers") as error:
        peers[0].response.begin()
    assert is_too_many_headers(error.value)
    peers.append(Peer(b"HTTP/2 what\r\n\r\n"))
    with pytest.raises(Exception, match="what") as error:
        peers[1].response.begin()
    assert not is_too_many_headers(error.value)


def test_dnspython_puts_each_answer_into_the_cache_and_takes_it_from_there() -> None:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.cache = BoundedAnswers(10, longest=60, longest_negative=30)
    with DnsServer(ttl=10**6).running() as names:
        resolver.port = names.port
        names.addresses["news.test"] = [("1.1.1.1",)]
        for _ in range(2):
            answer = resolver.resolve("news.test", "A", search=False)
            assert answer.expiration <= time.time() + 60
        assert names.asked["news.test", "A"] == 1
        # Without an SOA record, so not kept; dnspython itself would keep it.
        for _ in range(2):
            assert not resolver.resolve("news.test", "AAAA", search=False, raise_on_no_answer=False).rrset
        assert names.asked["news.test", "AAAA"] == 2


def test_dnspython_itself_would_keep_a_negative_answer_without_a_lifetime() -> None:
    """Once it does not, BoundedAnswers need only bound lifetimes."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.cache = dns.resolver.LRUCache()
    with DnsServer().running() as names:
        resolver.port = names.port
        names.addresses["news.test"] = [("1.1.1.1",)]
        for _ in range(2):
            answer = resolver.resolve("news.test", "AAAA", search=False, raise_on_no_answer=False)
        assert names.asked["news.test", "AAAA"] == 1
        assert answer.expiration > time.time() + 290
