"""Variables that look like settings and are none are named, with what was meant."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from workers.cli import app
from workers.unknown_settings import warnings

NOWHERE = Path("nowhere/.env")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("NEWSMILL_HOST_INTERVALL", "NEWSMILL_HOST_INTERVAL"),
        ("NEWSMILL_HOSTINTERVAL", "NEWSMILL_HOST_INTERVAL"),
        ("newsmill_host_interal", "NEWSMILL_HOST_INTERVAL"),
        ("NEWSMIL_HOST_INTERVAL", "NEWSMILL_HOST_INTERVAL"),
        ("NEWSMILL_CONTACTS", "NEWSMILL_CONTACT"),
        ("NEWSMILL_REDIS", "NEWSMILL_REDIS_URL"),
    ],
)
def test_a_typo_is_told_with_the_nearest_setting(name: str, meant: str) -> None:
    assert list(warnings({name: "5"}, NOWHERE)) == [f"{name} is not a setting. Did you mean {meant}?"]


def test_a_name_like_no_setting_is_told_where_to_look() -> None:
    (warning,) = warnings({"NEWSMILL_XYZZY": "1"}, NOWHERE)
    assert warning == "NEWSMILL_XYZZY is not a setting. `newsmill settings` lists them."


@pytest.mark.parametrize(
    "name",
    [
        "NEWSMILL_HOST_INTERVAL",
        "newsmill_host_interval",
        "PATH",
        "NEWSPAPER_HOST",
        "NEWT_COLORS",
        "NEWSMILL_DATA",
    ],
)
def test_settings_and_what_has_nothing_to_do_with_newsmill_are_silent(name: str) -> None:
    assert list(warnings({name: "5"}, NOWHERE)) == []


@pytest.mark.parametrize(
    ("line", "warning"),
    [
        (
            "NEWSMILL_HOST_INTERVALL=5",
            "NEWSMILL_HOST_INTERVALL in {} is not a setting. Did you mean NEWSMILL_HOST_INTERVAL?",
        ),
        (
            "export NEWSMILL_HOST_INTERVALL=5",
            "NEWSMILL_HOST_INTERVALL in {} is not a setting. Did you mean NEWSMILL_HOST_INTERVAL?",
        ),
        ("HOST_INTERVAL=5", "HOST_INTERVAL in {} is not a setting. Did you mean NEWSMILL_HOST_INTERVAL?"),
        (
            "NEWSMILL_HOST_INTERVAL",
            "NEWSMILL_HOST_INTERVAL in {} has no value: write NEWSMILL_HOST_INTERVAL=value.",
        ),
    ],
)
def test_a_line_of_the_env_file_is_told_like_a_variable(tmp_path: Path, line: str, warning: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"NEWSMILL_CONTACT=me\n{line}\n")
    assert list(warnings({}, file)) == [warning.format(file)]


def test_variables_of_the_compose_file_in_the_env_file_are_silent(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("GRAFANA_PORT=3000\nDEMO_PORT=8088\nREDIS_MAXMEMORY=1gb\n# NEWSMILL_HOSTS=1\n\n")
    assert list(warnings({}, file)) == []


def test_a_command_warns_and_does_its_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSMILL_HOST_INTERVALL", "5")
    result = CliRunner().invoke(app, ["settings", "--json"])
    assert result.exit_code == 0
    assert "newsmill: warning: NEWSMILL_HOST_INTERVALL is not a setting. Did you mean" in result.stderr
