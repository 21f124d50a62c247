"""The command line: help, exit codes, and one line for what a user can do something about."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from redis import exceptions as redis
from sqlalchemy.exc import OperationalError
from typer.main import get_command
from typer.testing import CliRunner

from tasks.article import Article, Outcome, article_id
from workers.cli import app
from workers.cli.errors import message_for
from workers.cli.options import OutcomeName, PriorityName
from workers.ledger.entries import Priority
from workers.local.redis_server import free_port
from workers.sinks.formats import FILE_SINKS
from workers.store.rows import Result
from workers.store.store import Store

runner = CliRunner()
COMMANDS = [
    ["submit"],
    ["run"],
    ["worker"],
    ["scheduler"],
    ["status"],
    ["why"],
    ["export"],
    ["try"],
    ["settings"],
    ["doctor"],
    ["cluster"],
    ["messages"],
]
DEAD = [["dead", "list"], ["dead", "replay"]]
HOSTS = [["hosts", name] for name in ("list", "pause", "resume", "deny")]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No Redis, an own folder, wide lines."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSMILL_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setenv("NEWSMILL_DATABASE_URL", f"sqlite:///{tmp_path}/x.db")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def rows(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/x.db")
    store.migrate()
    for number in range(3):
        url = f"http://a.test/{number}"
        article = Article(id=article_id(url), url=url, submitted_at=1.0, token=1)
        outcome = Outcome.FAILED if number else Outcome.ENRICHED
        result = Result(
            outcome=outcome, stage="extract", reason="timeout" if number else None, settled_at=2.0 + number
        )
        store.write(article, "a.test", result)
    store.close()


def process(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "workers.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=os.environ)


@pytest.mark.parametrize("command", [*COMMANDS, *DEAD, *HOSTS], ids=" ".join)
def test_every_command_has_help_with_an_example_of_itself(command: list[str]) -> None:
    result = runner.invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert re.search(rf"Example: .*newsmill {' '.join(command)}\b", result.stdout)


def test_no_command_is_left_out_here() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert set(commands) == {name for name, *_ in [*COMMANDS, *DEAD, *HOSTS]}
    assert set(commands["dead"].commands) == {name for _, name in DEAD}
    assert set(commands["hosts"].commands) == {name for _, name in HOSTS}


def test_newsmill_alone_shows_its_help() -> None:
    result = runner.invoke(app, [])
    assert result.exit_code == 0
    assert "Usage: " in result.stdout
    assert "scheduler" in result.stdout


def test_the_version_is_that_of_the_package() -> None:
    assert re.fullmatch(r"newsmill \d+\.\d+\.\d+\S*\n", runner.invoke(app, ["--version"]).stdout)


def test_help_imports_none_of_the_work() -> None:
    code = "import sys, workers.cli; print([m for m in ('redis', 'celery', 'sqlalchemy', 'lxml') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_the_choices_of_options_are_those_of_the_code() -> None:
    assert get_args(OutcomeName) == tuple(Outcome)
    assert get_args(PriorityName) == tuple(one.name.lower() for one in Priority)


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (["submit", "nothing.txt"], "nothing.txt does not exist. Name a file"),
        (["submit", "http://a.test/"], "Cannot connect to Redis: .* Start it, or set NEWSMILL_REDIS_URL"),
        (["status"], "Cannot connect to Redis"),
        (["why", "http://a.test/"], "Cannot connect to Redis"),
        (["why", "ftp://a.test/"], "not an http or https URL. Give a URL"),
        (["hosts", "deny", "a.test"], "Cannot connect to Redis"),
        (["hosts", "deny", "a.test/x"], "a.test/x is not a host: a rule is for a host"),
        (["export"], "There is no database .*x.db yet"),
        (["dead", "list"], "There is no database .*x.db yet"),
        (["try", "nothing.html"], "nothing.html does not exist"),
        (["worker", "nope"], "No stage uses the queue nope. The queues are: enrich, fetch"),
    ],
    ids=str,
)
def test_what_a_user_can_help_is_one_line_and_exit_code_2(command: list[str], line: str) -> None:
    result = runner.invoke(app, command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(f"newsmill: .*{line}.*\n", result.stderr)


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_MAX_IN_FLIGHT", "many")
    result = runner.invoke(app, ["settings"])
    assert result.exit_code == 2
    assert result.stderr.startswith("newsmill: NEWSMILL_MAX_IN_FLIGHT: ")
    assert result.stderr.count("\n") == 1


def test_a_database_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_DATABASE_URL", f"postgresql://u:hush@127.0.0.1:{free_port()}/n")
    result = runner.invoke(app, ["export"])
    assert result.exit_code == 2
    assert re.fullmatch("newsmill: Cannot use the database: .* set NEWSMILL_DATABASE_URL.\n", result.stderr)
    assert "hush" not in result.stderr


def test_what_only_a_developer_can_help_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug() -> None:
        raise KeyError("bug")

    monkeypatch.setattr("workers.settings.load_settings", bug)
    assert isinstance(runner.invoke(app, ["settings"]).exception, KeyError)


def _full() -> sqlite3.OperationalError:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError) as full:
            connection.executescript("create table a (b); insert into a values (zeroblob(100000))")
    return full.value


FULL = _full()


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (redis.ResponseError("@user_script: 141: -OOM command not allowed"), "Redis is full"),
        (redis.OutOfMemoryError("command not allowed"), "Redis is full"),
        (
            redis.ResponseError("MISCONF Errors writing to the AOF file"),
            "its disk is full, or broken. Make room",
        ),
        (
            OperationalError("x", {}, FULL),
            "The disk of the database is full: database or disk is full. Make room",
        ),
        (redis.AuthenticationError("WRONGPASS"), "Correct NEWSMILL_REDIS_URL"),
        (redis.BusyLoadingError("loading"), "Try again in a minute"),
        (redis.ReadOnlyError("replica"), "writable"),
        (OSError(98, "Address already in use"), "Free the port"),
        (PermissionError(13, "Permission denied", "a\nb"), r"a\nb: Permission denied. Check the path"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_message_for_an_error_says_what_to_do(error: Exception, line: str) -> None:
    assert line in (message_for(error) or "")


def test_ctrl_c_ends_with_130_and_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("workers.settings.load_settings", interrupt)
    result = runner.invoke(app, ["settings"])
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "")


def test_ctrl_c_while_it_is_read_from_a_pipe_ends_with_130_and_without_a_word() -> None:
    command = [sys.executable, "-c", "from workers.command import main; main()", "try", "-"]
    piped = subprocess.PIPE
    with subprocess.Popen(command, stdin=piped, stdout=piped, stderr=piped, text=True) as process:
        assert process.stderr is not None
        assert "stores nothing" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert (process.wait(60), process.stderr.read()) == (130, "")


def test_ctrl_c_while_python_imports_ends_with_130_and_without_a_word() -> None:
    code = (
        "import builtins\n"
        "real = builtins.__import__\n"
        "def interrupted(name, *more, **named):\n"
        "    if name == 'typer': raise KeyboardInterrupt\n"
        "    return real(name, *more, **named)\n"
        "builtins.__import__ = interrupted\n"
        "from workers.command import main\n"
        "main()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"")


def test_the_installed_command_is_the_one_that_minds_ctrl_c_first() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["scripts"] == {"newsmill": "workers.command:main"}


def test_a_character_that_the_terminal_does_not_have_is_escaped(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Żółta łódź wpłynęła do portu")
    command = [sys.executable, "-m", "workers.cli", "try", "a.txt"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(command, capture_output=True, check=False, timeout=60, env=environment)
    assert ended.returncode == 0, ended.stderr
    assert rb"\u017b\xf3\u0142ta" in ended.stdout


def test_trying_a_folder_without_documents_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "my folder").mkdir()
    result = runner.invoke(app, ["try", "my folder"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "There is no document in my folder.\n"


@pytest.mark.parametrize("variables", [{}, {"TERM": "dumb"}], ids=["pipe", "dumb terminal"])
def test_watching_without_a_terminal_says_what_to_do_instead(variables: dict[str, str]) -> None:
    result = runner.invoke(app, ["status", "--watch"], env=variables)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "this is none. `newsmill status` prints the state once" in result.stderr
    assert "--watch --json" in result.stderr


@pytest.mark.usefixtures("rows")
def test_a_reader_that_goes_away_ends_the_export_quietly() -> None:
    code = (
        "import os, sys; from workers.cli import main; r, w = os.pipe(); os.close(r); os.dup2(w, 1); main()"
    )
    command = [sys.executable, "-c", code, "export"]
    found = subprocess.run(command, stderr=subprocess.PIPE, check=False, timeout=60, env=os.environ)
    assert (found.returncode, found.stderr) == (0, b"")


@pytest.mark.usefixtures("rows")
def test_export_prints_json_lines() -> None:
    found = process("export", "--outcome", "failed", "--limit", "1")
    assert found.returncode == 0
    assert [json.loads(line)["url"] for line in found.stdout.splitlines()] == ["http://a.test/1"]


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["-o", "rows.parquet"], "3 articles -> rows.parquet"),
        (["-o", "my rows.csv", "--limit", "1"], "1 article -> 'my rows.csv'"),
        (["-o", "/dev/null", "--outcome", "failed"], "2 articles -> /dev/null"),
        (["-o", "rows.csv", "-q"], ""),
        ([], ""),
    ],
)
def test_an_export_says_at_its_end_how_many_articles_went_where(arguments: list[str], line: str) -> None:
    result = runner.invoke(app, ["export", *arguments])
    assert (result.exit_code, result.stderr) == (0, f"{line}\n" if line else "")
    assert result.stdout.count("\n") == (0 if arguments else 3)


@pytest.mark.usefixtures("rows")
def test_an_export_of_nothing_writes_an_empty_file_and_exits_with_1() -> None:
    Path("x.csv").write_text("as it was")
    result = runner.invoke(app, ["export", "--host", "nobody.test", "--columns", "url, title", "-o", "x.csv"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "0 articles -> x.csv\nNo articles match.\n"
    assert Path("x.csv").read_text() == "url,title\n"
    result = runner.invoke(app, ["export", "--host", "nobody.test"])
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "No articles match.\n")


def test_an_export_of_a_store_without_rows_says_so(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/x.db")
    store.migrate()
    store.close()
    result = runner.invoke(app, ["export"])
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "There are no articles yet.\n")


@pytest.mark.usefixtures("rows")
def test_an_export_has_the_columns_and_the_order_that_were_asked_for() -> None:
    result = runner.invoke(
        app, ["export", "--columns", "outcome,url", "--sort", "url", "--desc", "--format", "csv"]
    )
    assert result.stdout.splitlines() == [
        "outcome,url",
        "failed,http://a.test/2",
        "failed,http://a.test/1",
        "enriched,http://a.test/0",
    ]


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--columns", "titel"], "There is no column 'titel'. Near it: title"),
        (["--columns", ""], "There is no column ''"),
        (["--sort", "text"], "Articles cannot be sorted by 'text'. Choose one of settled_at, "),
        (["-o", "rows.json"], "newsmill cannot write .json files. Name a file that ends in .jsonl, "),
        (["-o", "rows"], "rows has no suffix"),
        (["-o", "nowhere/rows.csv"], "The folder of nowhere/rows.csv does not exist"),
        (["-o", "."], ". is a folder. Name a file in it."),
        (["-o", "x.db"], "x.db is newsmill's own database. Name another file."),
        (["--format", "sqlite"], "sqlite needs a file. Name one with --output, e.g. rows.sqlite."),
    ],
    ids=str,
)
def test_an_export_that_cannot_be_is_one_line_and_exit_code_2(arguments: list[str], line: str) -> None:
    before = sorted(Path.cwd().iterdir())
    result = runner.invoke(app, ["export", *arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"newsmill: {line}")
    assert result.stderr.count("\n") == 1
    assert sorted(Path.cwd().iterdir()) == before


@pytest.mark.usefixtures("rows")
def test_an_unknown_format_is_answered_with_those_there_are() -> None:
    result = runner.invoke(app, ["export", "--format", "nope"])
    assert result.exit_code == 2
    assert all(name in result.stderr for name in FILE_SINKS)


@pytest.mark.usefixtures("rows")
def test_an_unknown_reason_is_answered_with_those_there_are() -> None:
    result = runner.invoke(app, ["export", "--reason", "nope"])
    assert result.exit_code == 2
    assert "robots_unreachable" in result.stderr


@pytest.mark.usefixtures("rows")
def test_the_dead_are_counted() -> None:
    result = runner.invoke(app, ["dead", "list", "--reason", "timeout"])
    assert result.stdout == "2 failed articles\n\ntimeout in extract: 2\n    2  a.test\n"


@pytest.mark.usefixtures("rows")
def test_why_tells_a_settled_story_without_redis() -> None:
    result = runner.invoke(app, ["why", "http://A.test:80/1"])
    assert result.exit_code == 0
    assert "Cannot connect to Redis" in result.stdout
    assert "failed (timeout)" in result.stdout
    assert "1970-01-01T00:00:03.000Z  settled: failed" in result.stdout


def test_settings_are_printed_as_json_too() -> None:
    found = {one["variable"]: one for one in json.loads(process("settings", "--json").stdout)}
    assert found["NEWSMILL_DATABASE_URL"]["origin"] == "environment"


def test_try_prints_a_line_a_document_in_order() -> None:
    Path("a.txt").write_text("Ferry line opens in the harbour")
    found = process("try", "--json", "a.txt", "a.txt", "ftp://a.test/")
    assert found.returncode == 0
    assert found.stderr == "`newsmill try` stores nothing: NEWSMILL_DATABASE_URL is not used.\n"
    records = [json.loads(line) for line in found.stdout.splitlines()]
    assert [one["outcome"] for one in records] == ["enriched", "duplicate", "rejected"]
    assert records[1]["duplicate_of"] == "a.txt"


def test_try_prints_json_of_a_document_whose_name_is_no_utf8() -> None:
    Path("bad\udcff.txt").write_text("Ferry line opens in the harbour")
    found = process("try", "--json", "bad\udcff.txt", "bad\udcff.txt")
    assert found.returncode == 0
    records = [json.loads(line) for line in found.stdout.splitlines()]
    assert [one["url"] for one in records] == ["bad\ufffd.txt"] * 2
    assert records[1]["duplicate_of"] == "bad\ufffd.txt"
