"""Canaries: each fails when a library renames an undocumented part that tasks/fetch/compat.py uses, or stops calling it."""

import socket
import ssl
import time

import dns.resolver
import pytest
from urllib3.connection import HTTPConnection, HTTPSConnection

from tasks.fetch.compat import BoundedAnswers, OwnSocketConnection
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
