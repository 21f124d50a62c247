"""Logs: where they go, in which format, and that nothing in them is obeyed."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from workers.logs import set_up_logging
from workers.settings import load_settings

HOSTILE = "\x1b[31mred\n2026-01-01 [info] forged \u202e"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    yield
    for one in root.handlers:
        one.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _fail(text: str = HOSTILE) -> None:
    raise ValueError(text)


def write() -> None:
    structlog.get_logger("newsmill").warning("settled", url=HOSTILE, count=3)
    logging.getLogger("library").error("cannot read %s", HOSTILE)
    try:
        _fail()
    except ValueError:
        structlog.get_logger("newsmill").exception("broken")


def test_lines_of_a_log_can_neither_colour_nor_forge(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(load_settings())
    write()
    text = capsys.readouterr().err
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert r"cannot read \x1b[31mred\n2026-01-01 [info] forged \u202e" in text
    assert r"ValueError: \x1b[31mred" in text
    assert not [line for line in text.splitlines() if line.startswith("2026-01-01")]


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
    ids=str,
)
def test_colours_are_for_terminals_that_have_them(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    coloured: bool,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    set_up_logging(load_settings())
    write()
    assert ("\x1b[" in capsys.readouterr().err) == coloured


def test_a_log_goes_to_standard_error_as_it_is_at_that_moment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    set_up_logging(load_settings())
    with (tmp_path / "bars").open("w") as bars:
        monkeypatch.setattr("sys.stderr", bars)
        write()
    assert "settled" in (tmp_path / "bars").read_text()
    assert capsys.readouterr().err == ""


def test_a_file_for_the_log_is_added_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "my log.txt"
    file.write_text("before\n")
    set_up_logging(load_settings(), file)
    write()
    assert file.read_text().startswith("before\n")
    assert "settled" in file.read_text()
    assert capsys.readouterr().err == ""


def test_a_file_for_the_log_has_the_format_of_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "log"
    set_up_logging(load_settings(log_json=True), file)
    write()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["level"] for line in lines] == ["warning", "error", "error"]
    assert lines[0]["url"] == HOSTILE
    assert "ValueError" in lines[2]["exception"]


def test_a_log_has_no_password_not_even_in_what_libraries_raise(tmp_path: Path) -> None:
    file = tmp_path / "log"
    set_up_logging(load_settings(log_json=True), file)
    url = "redis://me:hunter2@host/0?p%61ssword=hunter2"
    structlog.get_logger("newsmill").warning(f"no {url}", where=url)
    logging.getLogger("library").error("cannot read %s", url)
    try:
        _fail(url)
    except ValueError:
        logging.getLogger("library").exception("broken")
    text = file.read_text()
    assert "hunter2" not in text
    assert "redis://me:***@host/0" in text
