"""Which PostgreSQL has to prove who it is, by its URL and libpq's variables."""

import ssl
from pathlib import Path

import pytest
from sqlalchemy import make_url

from workers.store.postgresql_tls import mode_of, tls_arguments

SYSTEM = ssl.get_default_verify_paths().cafile or "system"
STRICT = {"sslmode": "verify-full", "sslrootcert": SYSTEM}


@pytest.fixture(autouse=True)
def _no_certificates_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)


@pytest.mark.parametrize(
    "rest",
    [
        "@db.example/news",
        "@postgres/news",
        "@10.0.0.7:5432/news",
        "@[2001:db8::1]/news",
        "@/news?host=db.example",
        "@/news?host=localhost&host=db.example",
        "@/news?host=localhost,db.example:5433",
        "@/news?hostaddr=10.0.0.7",
        "@/news?service=news",
        "@db.example/news?sslmode=require",
        "@localhost/news?sslmode=require",
        "@db.example/news?sslmode=verify-full",
        "@db.example/news?sslmode=verify-ca",
    ],
)
def test_a_server_elsewhere_or_one_of_which_tls_is_required_is_checked(rest: str) -> None:
    assert tls_arguments(make_url(f"postgresql://me:secret{rest}"), {}) == STRICT


@pytest.mark.parametrize(
    "rest",
    [
        "@localhost/news",
        "@127.0.0.1:5432/news",
        "@127.8.8.8/news",
        "@[::1]/news",
        "@/news",
        "@/news?host=/run/postgresql",
        "@/news?host=localhost:5433&host=127.0.0.1",
        *(f"@db.example/news?sslmode={mode}" for mode in ("disable", "allow", "prefer")),
        "@db.example/news?sslmode=verify-ca&sslrootcert=/ca.pem",
    ],
)
def test_one_on_this_machine_is_not_nor_one_of_which_the_url_says_so(rest: str) -> None:
    assert tls_arguments(make_url(f"postgresql://me:secret{rest}"), {}) == {}


def test_the_certificates_that_somebody_has_named_are_trusted_and_no_others(tmp_path: Path) -> None:
    plain = make_url("postgresql://me@db.example/news")
    named = make_url("postgresql://me@db.example/news?sslrootcert=/ca.pem")
    checked = {"sslmode": "verify-full"}
    assert tls_arguments(named, {}) == checked
    assert tls_arguments(plain, {"PGSSLROOTCERT": "/ca.pem"}) == checked
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").touch()
    assert tls_arguments(plain, {}) == checked


def test_the_variables_of_libpq_count_as_the_url_does() -> None:
    assert tls_arguments(make_url("postgresql://me@/news"), {"PGHOST": "db.example"}) == STRICT
    assert tls_arguments(make_url("postgresql://me@/news"), {"PGSERVICE": "news"}) == STRICT
    assert tls_arguments(make_url("postgresql://me@db.example/news"), {"PGSSLMODE": "disable"}) == {}
    assert tls_arguments(make_url("postgresql://me@localhost/news"), {"PGSSLMODE": "require"}) == STRICT
    assert (
        mode_of(make_url("postgresql://me@db.example/news?sslmode=prefer"), {"PGSSLMODE": "require"})
        == "prefer"
    )
