"""`newsmill settings`: values, where they came from, no password, and lines that can be put into `.env`."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from workers.cli import app
from workers.cli.settings_list import Setting, describe
from workers.masking import masked
from workers.settings import Settings, SettingsError, load_settings

#: A value of each kind, and characters that a shell or a .env file would take for something else.
CHANGED: dict[str, str] = {
    "NEWSMILL_ALLOW_PORTS": "80,443,8080",
    "NEWSMILL_ALLOW_NETWORKS": "10.0.0.0/8,fd00::/8",
    "NEWSMILL_RESOLVE": '{"test": "127.0.0.1", "a b": "::1"}',
    "NEWSMILL_QUEUES": '{"tag_topics": "topics"}',
    "NEWSMILL_KEEP_UNCHANGED": "false",
    "NEWSMILL_ENRICH_PROCESSES": "3",
    "NEWSMILL_HOST_INTERVAL": "0.5",
    "NEWSMILL_TAXONOMY": "my topics/it's #1.yaml",
    "NEWSMILL_CONTACT": "a 'b' \"c\" \\d # e ${HOME} $x ${NO:-thing}",
    "NEWSMILL_LANGUAGES": "",
}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"NEWSMILL_{name.upper()}", raising=False)


def values(settings: Settings) -> dict[str, Any]:
    return settings.model_dump()


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
    (tmp_path / ".env").write_text("NEWSMILL_MAX_IN_FLIGHT=7\nNEWSMILL_LOG_LEVEL=DEBUG\n")
    monkeypatch.setenv("NEWSMILL_LOG_LEVEL", "ERROR")
    monkeypatch.setenv("NEWSMILL_REDIS_URL", "redis://:secret@host/0")
    found = {one.variable: one for one in describe(load_settings(), {"data_dir": "--data"})}
    assert found["NEWSMILL_MAX_IN_FLIGHT"][1:3] == (7, ".env")
    assert found["NEWSMILL_LOG_LEVEL"][1:3] == ("ERROR", "environment")
    assert found["NEWSMILL_LEASE_SECONDS"].origin == "default"
    assert found["NEWSMILL_DATA_DIR"].origin == "--data"
    assert found["NEWSMILL_REDIS_URL"].value == "redis://:***@host/0"
    assert not [one for one in found.values() if not one.description]


def test_no_secret_is_in_what_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_DATABASE_URL", "postgresql://u:hush@h/n")
    described: list[Setting] = describe(load_settings())
    assert "hush" not in str(described)
    assert [one.variable for one in described if one.masked] == ["NEWSMILL_DATABASE_URL"]


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_the_list_as_env_file_gives_the_same_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    for name, value in CHANGED.items():
        monkeypatch.setenv(name, value)
    before = load_settings()
    shown = CliRunner().invoke(app, ["settings"], env={"COLUMNS": columns}).stdout
    for name in CHANGED:
        monkeypatch.delenv(name)
    assert values(load_settings()) != values(before)
    (tmp_path / ".env").write_text(shown)
    after = load_settings()
    assert values(after) == values(before)
    assert after.model_fields_set == before.model_fields_set


def test_each_default_can_be_taken_out_of_its_comment(tmp_path: Path) -> None:
    before = load_settings()
    lines = [one.line().removeprefix("# ") for one in describe(before)]
    assert len(lines) == len(Settings.model_fields)
    (tmp_path / ".env").write_text("\n".join(lines))
    after = load_settings()
    assert values(after) == values(before)
    assert after.model_fields_set == set(Settings.model_fields)


def test_a_masked_url_is_a_comment_so_that_nobody_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_REDIS_URL", "redis://:secret@host/0")
    shown = CliRunner().invoke(app, ["settings"]).stdout
    assert (
        "# NEWSMILL_REDIS_URL=redis://:***@host/0\n    # Set in the environment. Its password is hidden."
        in shown
    )


def test_json_has_the_values_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_RESOLVE", '{"test": "127.0.0.1"}')
    result = CliRunner().invoke(app, ["settings", "--json"])
    found = {one["variable"]: one["value"] for one in json.loads(result.stdout)}
    assert found["NEWSMILL_RESOLVE"] == {"test": "127.0.0.1"}
    assert found["NEWSMILL_ALLOW_PORTS"] == [80, 443]
    assert found["NEWSMILL_ENRICH_PROCESSES"] is None


@pytest.mark.parametrize(
    "name", ["QUEUES", "RESOLVE", "TAXONOMY", "ENRICH_PROCESSES", "METRICS_PORT", "DATABASE_PASSWORD_FILE"]
)
def test_an_empty_variable_is_an_empty_setting(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"NEWSMILL_{name}", "")
    assert getattr(load_settings(), name.lower()) in ({}, None)


@pytest.mark.parametrize("value", ["[", '["a"]', "1", '{"test": 1}'])
def test_json_that_is_no_object_of_texts_is_one_line(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("NEWSMILL_RESOLVE", value)
    with pytest.raises(SettingsError, match=r"^NEWSMILL_RESOLVE: .*") as raised:
        load_settings()
    assert "\n" not in str(raised.value)
