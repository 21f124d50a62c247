"""The options of every command: --quiet, --verbose and --log-file."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from workers.cli import app
from workers.cli.common import Common, common, set_common
from workers.cli.streams import notes
from workers.local.redis_server import free_port

runner = CliRunner()


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSMILL_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setenv("NEWSMILL_TYPO", "1")
    before = common()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    yield
    for one in root.handlers:
        one.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    set_common(**{name: getattr(before, name) for name in Common.__slots__})


@pytest.mark.parametrize("command", [["-q", "settings"], ["settings", "--quiet"]], ids=str)
def test_quiet_leaves_results_and_errors(command: list[str]) -> None:
    result = runner.invoke(app, command)
    assert "NEWSMILL_LEASE_SECONDS=" in result.stdout
    assert result.stderr == ""
    assert runner.invoke(app, ["-q", "status"]).stderr.startswith("newsmill: Cannot connect to Redis")


def test_without_quiet_there_are_warnings() -> None:
    assert "NEWSMILL_TYPO is not a setting" in runner.invoke(app, ["settings"]).stderr


def test_quiet_silences_the_console_of_words(capsys: pytest.CaptureFixture[str]) -> None:
    set_common(quiet=True)
    notes().print("words")
    assert capsys.readouterr().err == ""
    set_common(quiet=False)
    notes().print("words")
    assert capsys.readouterr().err == "words\n"


@pytest.mark.parametrize(
    ("options", "level"),
    [([], "INFO"), (["--verbose"], "DEBUG"), (["-v"], "DEBUG"), (["--quiet"], "ERROR")],
    ids=str,
)
def test_the_level_of_the_log_follows(options: list[str], level: str) -> None:
    result = runner.invoke(app, ["settings", *options])
    assert f"NEWSMILL_LOG_LEVEL={level}\n" in result.stdout
    assert ("Set by --" in result.stdout) == bool(options)
    assert logging.getLogger().level == logging.getLevelName(level)


def test_quiet_and_verbose_contradict_each_other() -> None:
    result = runner.invoke(app, ["settings", "-q", "-v"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--quiet and --verbose" in result.stderr


def test_the_log_is_added_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "my log.txt"
    file.write_text("before\n")
    runner.invoke(app, ["settings", "--log-file", str(file)])
    logging.getLogger("x").error("after")
    assert file.read_text().splitlines()[0] == "before"
    assert "after" in file.read_text()


@pytest.mark.parametrize("file", ["no/such/folder/log", "."])
def test_a_file_that_cannot_be_written_is_one_line(file: str) -> None:
    result = runner.invoke(app, ["settings", "--log-file", file])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert "Check the path and its permissions" in result.stderr
