"""Logs: where they go, in which format, and that nothing in them is obeyed."""

import json
import logging
import re
import subprocess
import sys
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


#: Everything that ends a line for one reader or another, and what terminals obey.
ENDS = "\n \r \x0b \x0c \x1c \x1d \x1e \x85 \u2028 \u2029 \x1b[2J \x9b31m \u202e \x7f \x08 \ud800"
FORGED = f"x{ENDS} 2026-01-01T00:00:00Z [info     ] forged"
_OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Strange:
    """A value whose text is not a string's."""

    def __repr__(self) -> str:
        return FORGED


def _fail_because_of(cause: Exception) -> None:
    raise ValueError(FORGED) from cause


def write_everywhere() -> None:
    """Log hostile text in each place of a record, by newsmill's logger and by a library's."""
    log, library = structlog.get_logger("newsmill"), logging.getLogger("library")
    log.warning(FORGED)
    log.warning(
        "event",
        value=FORGED,
        other=Strange(),
        several=[FORGED, Strange()],
        raw=FORGED.encode("utf-8", "replace"),
    )
    log.warning("event", error=ValueError(FORGED))
    library.error(FORGED)
    library.error("%s %r %s", FORGED, FORGED, Strange())
    library.error("event", stack_info=True)
    try:
        _fail_because_of(KeyError(FORGED))
    except ValueError as error:
        error.add_note(FORGED)
        log.exception("event", more=FORGED)
        library.exception(FORGED)
    logging.getLogger(FORGED).error("event")


@pytest.mark.parametrize("as_json", [False, True], ids=["console", "json"])
def test_no_line_of_a_log_can_be_forged_in_any_place_of_a_record(as_json: bool, tmp_path: Path) -> None:
    file = tmp_path / "log"
    set_up_logging(load_settings(log_json=as_json), file)
    write_everywhere()
    text = file.read_bytes().decode()
    assert _OBEYED.search(text) is None, ascii(text)
    lines = text.splitlines()
    if as_json:
        assert len([json.loads(line) for line in lines]) == 9
        assert json.loads(lines[0])["event"] == FORGED, "a program reads what was written"
    else:
        assert len([line for line in lines if not line.startswith("    ")]) == 9
    assert not [line for line in lines if line.startswith("2026-01-01T00:00:00Z")]


SCRIPT = """
import logging, sys, threading, warnings
from workers.uncaught import log_what_nobody_catches
log_what_nobody_catches()
if sys.argv[1] != "nothing":
    from pathlib import Path
    from workers.logs import set_up_logging
    from workers.settings import load_settings
    set_up_logging(load_settings(), Path(sys.argv[1]) if sys.argv[1] != "stderr" else None)
text = "x\\n2026-01-01 [info] forged \\x1b[2J \\u2028"
warnings.warn(text)
thread = threading.Thread(target=lambda: int(text))
thread.start()
thread.join()
class Broken:
    def __del__(self):
        raise ValueError(text)
Broken()
raise ValueError(text)
"""


@pytest.mark.parametrize("where", ["nothing", "stderr", "file"])
def test_what_nobody_catches_is_escaped_too(where: str, tmp_path: Path) -> None:
    file = str(tmp_path / "log") if where == "file" else where
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, file], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    text = done.stderr + (Path(file).read_text() if where == "file" else "")
    assert done.stderr.count("Traceback (most recent call last)") == 3, (
        "the user sees them wherever the log is"
    )
    assert "\x1b" not in text
    assert "\u2028" not in text
    assert not [line for line in text.split("\n") if line.startswith("2026-01-01 [info]")]
    assert r"forged \x1b[2J" in text


def test_a_log_on_a_full_disk_ends_nothing_and_is_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(load_settings(), Path("/dev/full"))
    write()
    assert capsys.readouterr().err.splitlines() == [
        "newsmill: warning: The log /dev/full lacks records: [Errno 28] No space left on device"
    ]
