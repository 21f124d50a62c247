"""TLS to Redis and PostgreSQL: nobody is told anything who cannot prove that he is the server, unless the owner says so."""

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from celery import Celery
from kombu import pools
from redis.exceptions import ConnectionError  # noqa: A004 - redis's own name
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import OperationalError

from tests.integration.redis_servers import running
from tests.integration.tls_proxy import TlsProxy, tls_proxy
from workers.cli.errors import message_for
from workers.delivery.backlog_metrics import impatient_engine
from workers.delivery.celery_app import make_app
from workers.inspect import doctor
from workers.inspect.doctor import Level
from workers.ledger.redis_client import connect
from workers.settings import Settings, load_settings
from workers.store.engine import engine_for

Proxy = Callable[..., TlsProxy]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("an authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


def server_of(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with running(tmp_path_factory.mktemp("redis"), "requirepass swordfish") as server:
        yield server.port


@pytest.fixture
def tls_redis(authority: trustme.CA, redis_port: int) -> Iterator[TlsProxy]:
    """A Redis whose certificate, of the authority, is that of localhost."""
    with tls_proxy(
        server_of(authority, "localhost"), lambda: socket.create_connection(("127.0.0.1", redis_port))
    ) as proxy:
        yield proxy


@pytest.fixture
def postgres(postgres_url: str) -> Callable[[], socket.socket]:
    """Opens a connection to the session's PostgreSQL."""
    folder = make_url(postgres_url).query["host"]

    def opened() -> socket.socket:
        one = socket.socket(socket.AF_UNIX)
        one.connect(f"{folder}/.s.PGSQL.5432")
        return one

    return opened


@pytest.fixture
def tls_postgres(authority: trustme.CA, postgres: Callable[[], socket.socket]) -> Iterator[TlsProxy]:
    """A PostgreSQL whose certificate, of the authority, is that of db.example."""
    with tls_proxy(server_of(authority, "db.example"), postgres, postgres=True) as proxy:
        yield proxy


@pytest.fixture
def plain_postgres(postgres: Callable[[], socket.socket]) -> Iterator[TlsProxy]:
    """A PostgreSQL on a port, without TLS."""
    with tls_proxy(None, postgres, postgres=True) as proxy:
        yield proxy


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)


def by_client(settings: Settings) -> None:
    with connect(settings, timeout=30) as client:
        client.ping()


def by_celery(settings: Settings) -> None:
    app: Celery = make_app(settings)
    try:
        with app.connection_for_write() as connection:
            connection.channel()
    finally:
        pools.reset()  # type: ignore[no-untyped-call]
        app.close()


def refused(call: Callable[[Any], object], *arguments: Any) -> str:
    """Return the one line that a command prints for what `call` raises."""
    with pytest.raises((ConnectionError, OperationalError)) as raised:
        call(*arguments)
    return str(message_for(raised.value))


@pytest.mark.parametrize("call", [by_client, by_celery])
def test_a_redis_whose_certificate_nobody_trusts_is_not_told_the_password(
    tls_redis: TlsProxy, call: Callable[[Settings], None]
) -> None:
    settings = load_settings(redis_url=f"rediss://:swordfish@localhost:{tls_redis.port}/0")
    message = refused(call, settings)
    assert "ssl_ca_certs=FILE" in message
    assert tls_redis.heard == []


@pytest.mark.parametrize("call", [by_client, by_celery])
def test_nor_is_one_with_another_name(
    tls_redis: TlsProxy, ca_file: Path, call: Callable[[Settings], None]
) -> None:
    settings = load_settings(
        redis_url=f"rediss://:swordfish@127.0.0.1:{tls_redis.port}/0?ssl_ca_certs={ca_file}"
    )
    refused(call, settings)
    assert tls_redis.heard == []


@pytest.mark.parametrize("call", [by_client, by_celery])
@pytest.mark.parametrize("trust", ["ssl_ca_certs={ca}", "ssl_cert_reqs=none"])
def test_one_that_is_trusted_or_need_not_be_is_spoken_to(
    tls_redis: TlsProxy, ca_file: Path, call: Callable[[Settings], None], trust: str
) -> None:
    call(
        load_settings(
            redis_url=f"rediss://:swordfish@localhost:{tls_redis.port}/0?{trust.format(ca=ca_file)}"
        )
    )
    assert any(b"swordfish" in data for data in tls_redis.heard)


def test_the_doctor_warns_of_a_redis_that_need_not_prove_anything(tls_redis: TlsProxy, ca_file: Path) -> None:
    url = f"rediss://:swordfish@localhost:{tls_redis.port}/0"

    def certificate(trust: str) -> list[Level]:
        found = doctor.examine(load_settings(redis_url=f"{url}?{trust}"), {"Redis": doctor.CHECKS["Redis"]})
        assert "swordfish" not in str(found)
        return [one.level for one in found if one.check == "Redis certificate"]

    assert certificate("ssl_cert_reqs=none") == [Level.WARNING]
    assert certificate(f"ssl_ca_certs={ca_file}") == []


def ask(make: Callable[[str], Engine], url: str) -> None:
    engine = make(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()


ENGINES = [engine_for, impatient_engine]


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("mode", ["", "&sslmode=require", "&sslmode=verify-full"])
def test_a_postgresql_elsewhere_has_to_prove_who_it_is(
    tls_postgres: TlsProxy, ca_file: Path, make: Callable[[str], Engine], mode: str
) -> None:
    # The name is that of another machine, as the certificate has it; the address is this one's.
    place = f"{tls_postgres.port}/postgres?hostaddr=127.0.0.1{mode}"
    message = refused(ask, make, f"postgresql://postgres@db.example:{place}")
    assert "sslrootcert=FILE" in message
    refused(ask, make, f"postgresql://postgres@other.example:{place}&sslrootcert={ca_file}")
    assert tls_postgres.heard == []
    ask(make, f"postgresql://postgres@db.example:{place}&sslrootcert={ca_file}")
    assert tls_postgres.heard


@pytest.mark.parametrize("make", ENGINES)
def test_where_tls_is_required_of_this_machine_it_is_checked_as_well(
    tls_postgres: TlsProxy, make: Callable[[str], Engine]
) -> None:
    refused(ask, make, f"postgresql://postgres@localhost:{tls_postgres.port}/postgres?sslmode=require")
    assert tls_postgres.heard == []
    ask(make, f"postgresql://postgres@localhost:{tls_postgres.port}/postgres")


def test_whoever_says_so_need_not_check_and_is_warned(tls_postgres: TlsProxy) -> None:
    url = f"postgresql://postgres@db.example:{tls_postgres.port}/postgres?hostaddr=127.0.0.1&sslmode=prefer"
    ask(engine_for, url)
    found = doctor.examine(load_settings(database_url=url), {"database": doctor.CHECKS["database"]})
    assert [one.level for one in found if one.check == "database certificate"] == [Level.WARNING]


def test_a_postgresql_elsewhere_without_tls_is_not_spoken_to_unless_the_url_says_so(
    plain_postgres: TlsProxy,
) -> None:
    url = f"postgresql://postgres@db.example:{plain_postgres.port}/postgres?hostaddr=127.0.0.1"
    assert "?sslmode=disable" in refused(ask, engine_for, url)
    assert plain_postgres.heard == []
    ask(engine_for, f"{url}&sslmode=disable")
