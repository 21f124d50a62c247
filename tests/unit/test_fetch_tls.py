"""TLS: the certificate must be the URL's host's, whatever address it is at."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import trustme

from seeds.http_site import HTML, Site, answer
from tasks.errors import Reason, TryLater
from tasks.fetch.budget import FetchLimits
from tasks.fetch.client import TLS_ROUNDS
from tests.fault_site.site_fetcher import SHORT_LIMITS, SiteFetcher, fetching_from


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def names() -> list[str | None]:
    """The names that clients sent as SNI."""
    return []


@pytest.fixture
def site(authority: trustme.CA, names: list[str | None]) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("news.test").configure_cert(context)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with Site(tls=context).running() as running:
        running.routes["/"] = answer()
        yield running


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """What a client has that trusts the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def fetcher(site: Site, trusting: ssl.SSLContext) -> Iterator[SiteFetcher]:
    with fetching_from(site, SHORT_LIMITS, tls=trusting) as one:
        yield one


def _refusal(fetcher: SiteFetcher, url: str, reason: Reason = Reason.TLS) -> str:
    with pytest.raises(TryLater) as later:
        fetcher.get(url)
    rounds = TLS_ROUNDS if reason is Reason.TLS else None
    assert (later.value.reason, later.value.rounds, later.value.whole_host) == (reason, rounds, True)
    return later.value.detail


def test_name_and_certificate_are_those_of_the_url(
    site: Site, fetcher: SiteFetcher, names: list[str | None]
) -> None:
    assert fetcher.get(site.url("/")).html == HTML
    assert names == ["news.test"]
    assert {one.headers["host"] for one in site.requests} == {f"news.test:{site.port}"}


def test_a_connection_is_kept_and_its_handshake_with_it(site: Site, fetcher: SiteFetcher) -> None:
    for _ in range(3):
        fetcher.get(site.url("/"))
    assert site.connections == 1


def test_a_certificate_of_another_name_is_refused(site: Site, fetcher: SiteFetcher) -> None:
    assert "other.test" in _refusal(fetcher, site.url("/", host="other.test"))
    assert site.requests == []


def test_a_certificate_of_an_unknown_authority_is_refused(site: Site) -> None:
    with fetching_from(site) as fetcher:
        assert "unable to get local issuer certificate" in _refusal(fetcher, site.url("/"))
    assert site.requests == []


def test_a_certificate_that_has_run_out_is_refused(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    past = datetime(2020, 1, 1, tzinfo=UTC)
    authority.issue_cert("news.test", not_after=past).configure_cert(context)
    with Site(tls=context).running() as site, fetching_from(site, tls=trusting) as fetcher:
        assert "expired" in _refusal(fetcher, site.url("/"))


def test_a_redirect_from_http_to_https_is_verified_too(site: Site, fetcher: SiteFetcher) -> None:
    site.routes["/to-other"] = answer(
        b"", b"Location: " + site.url("/", "other.test").encode() + b"\r\n", b"301 Moved"
    )
    with pytest.raises(TryLater) as later:
        fetcher.get(site.url("/to-other"))
    assert (later.value.reason, later.value.rounds) == (Reason.TLS, TLS_ROUNDS)
    assert not later.value.whole_host, "it is the trouble of this URL alone"
    assert "other.test" in later.value.detail


def test_a_server_without_a_version_in_common_is_a_failure_of_tls(
    authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    authority.issue_cert("news.test").configure_cert(context)
    trusting.minimum_version = ssl.TLSVersion.TLSv1_3
    with Site(tls=context).running() as site, fetching_from(site, tls=trusting) as fetcher:
        assert "version" in _refusal(fetcher, site.url("/"))


def test_a_server_that_answers_in_plain_text_is_a_failure_of_tls() -> None:
    with Site().running() as plain, fetching_from(plain) as fetcher:
        plain.on_connect = lambda connection: connection.wfile.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        detail = _refusal(fetcher, f"https://news.test:{plain.port}/")
    assert detail == "TLS with news.test failed: wrong version number."


def test_a_connection_that_is_closed_during_the_handshake_is_no_failure_of_tls() -> None:
    with Site().running() as closing, fetching_from(closing) as fetcher:
        closing.on_connect = lambda connection: connection.connection.shutdown(socket.SHUT_RDWR)
        _refusal(fetcher, f"https://news.test:{closing.port}/", Reason.UNREACHABLE)


def test_a_handshake_that_never_begins_is_bounded() -> None:
    with Site().running() as silent, fetching_from(silent, FetchLimits(connect=0.3)) as fetcher:
        silent.on_connect = lambda connection: connection.server.stopping.wait(60)
        detail = _refusal(fetcher, f"https://news.test:{silent.port}/", Reason.UNREACHABLE)
        assert "timed out" in detail


def test_a_handshake_that_drips_is_bounded() -> None:
    with Site().running() as dripping, fetching_from(dripping, FetchLimits(connect=0.3)) as fetcher:
        # The beginning of a record of 16 KB, and then its bytes.
        dripping.on_connect = lambda connection: connection.drip(
            b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", b"\x00"
        )
        detail = _refusal(fetcher, f"https://news.test:{dripping.port}/", Reason.UNREACHABLE)
        assert "timed out" in detail
