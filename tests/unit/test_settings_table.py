"""`newsmill settings`: values, where they came from, and no password."""

from pathlib import Path

import pytest

from workers.cli.settings_table import Setting, describe, masked
from workers.settings import load_settings


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("redis://:secret@host/0", "redis://:***@host/0"),
        ("redis://user:se:cr/e@t@host/0", "redis://user:***@host/0"),
        ("redis://host/0?password=secret&db=1", "redis://host/0?password=***&db=1"),
        ("postgresql://u:secret@h/n?sslpassword=secret", "postgresql://u:***@h/n?sslpassword=***"),
        ("sqlite:////tmp/a:b@c.db", "sqlite:////tmp/a:b@c.db"),
    ],
)
def test_passwords_are_masked(url: str, shown: str) -> None:
    assert masked(url) == shown


def test_every_setting_tells_where_its_value_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("NEWSMILL_MAX_IN_FLIGHT=7\nNEWSMILL_LOG_LEVEL=DEBUG\n")
    monkeypatch.setenv("NEWSMILL_LOG_LEVEL", "ERROR")
    monkeypatch.setenv("NEWSMILL_REDIS_URL", "redis://:secret@host/0")
    monkeypatch.delenv("NEWSMILL_LEASE_SECONDS", raising=False)
    found = {one.variable: one for one in describe(load_settings())}
    assert found["NEWSMILL_MAX_IN_FLIGHT"][1:3] == (7, ".env")
    assert found["NEWSMILL_LOG_LEVEL"][1:3] == ("ERROR", "environment")
    assert found["NEWSMILL_LEASE_SECONDS"].origin == "default"
    assert found["NEWSMILL_REDIS_URL"].value == "redis://:***@host/0"
    assert not [one for one in found.values() if not one.description]


def test_no_secret_is_in_what_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_DATABASE_URL", "postgresql://u:hush@h/n")
    described: list[Setting] = describe(load_settings())
    assert "hush" not in str(described)
