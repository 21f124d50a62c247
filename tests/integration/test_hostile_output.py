"""Data with escape codes, markup and turned directions, through every command: none of it reaches the terminal."""

import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from rich.console import Console
from typer.testing import CliRunner

from tasks.article import Article, Outcome, article_id
from workers.cli import app
from workers.cli.live_screen import Screen
from workers.inspect.live_status import StatusReader
from workers.ledger.entries import Deferral, Submission
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import Submitted, submit_all
from workers.local.report import print_report
from workers.output.terminal import Terminal
from workers.settings import load_settings
from workers.sinks.destination import Output
from workers.store.rows import Result
from workers.store.store import Store

#: Sets the title of the window, colours, moves the cursor up; markup and an emoji of rich; C1; turns the direction.
HOSTILE = "\x1b]0;pwned\x07\x1b[31m\x1b[1A[bold red]red[/bold red][/] :smile: \x9b31m \u202egnp\u2066 \x7f\r\nnew line"
#: What must be on the screen instead, at the least.
SEEN = r"\x1b]0;pwned\x07\x1b[31m\x1b[1A[bold"
URL, OTHER, DEFERRED = "http://a.test/1", "http://a.test/2", "http://b.test/1"

ROOT = Path(__file__).parents[2]
_OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
runner = CliRunner()

pytestmark = pytest.mark.usefixtures("store", "frontier")


def article(url: str, **more: object) -> Article:
    return Article(id=article_id(url), url=url, submitted_at=1.0, token=1).evolve(title=HOSTILE, **more)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/x.db")
    store.migrate()
    history = [{"at": 2000, "event": "later", "stage": HOSTILE, "reason": HOSTILE, "detail": HOSTILE}]
    for url, outcome, more in (
        (URL, Outcome.ENRICHED, {"language": HOSTILE, "author": HOSTILE, "extras": {HOSTILE: HOSTILE}}),
        (OTHER, Outcome.FAILED, {}),
        ("http://a.test/3", Outcome.DUPLICATE, {"duplicate_of": URL}),
    ):
        result = Result(
            outcome=outcome,
            stage=HOSTILE,
            reason=HOSTILE,
            detail=HOSTILE,
            history=history,
            settled_at=3.0,
        )
        store.write(article(url, **more), HOSTILE, result)
    yield store
    store.close()


@pytest.fixture
def frontier(make_frontier: Callable[..., Frontier]) -> Frontier:
    frontier = make_frontier()
    submit_all(frontier, [Submission(article_id(DEFERRED), DEFERRED, HOSTILE)])
    (lease,) = frontier.claim(1)
    frontier.defer(lease.article, Deferral.LATER, "fetch", reason=HOSTILE, detail=HOSTILE, after=600)
    return frontier


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis_url: str, prefix: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSMILL_REDIS_URL", redis_url)
    monkeypatch.setenv("NEWSMILL_KEY_PREFIX", prefix)
    monkeypatch.setenv("NEWSMILL_DATABASE_URL", f"sqlite:///{tmp_path}/x.db")


def harmless(text: str) -> str:
    """Return the text; fail if a terminal would obey anything in it."""
    assert _OBEYED.search(text) is None, ascii(text)
    assert "\U0001f604" not in text, "rich took :smile: for an emoji"
    return text


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["status"], 0),
        (["why", URL], 0),
        (["why", OTHER], 0),
        (["why", DEFERRED], 0),
        (["why", f"http://c.test/{HOSTILE}"], 1),
        (["why", f"http://{HOSTILE}/"], 2),
        (["cluster", URL], 0),
        (["cluster", f"http://c.test/{HOSTILE}"], 1),
        (["cluster", f"http://{HOSTILE}/"], 2),
        (["dead", "list"], 0),
        (["dead", "list", "--reason", HOSTILE], 2),
        (["dead", "list", "--host", HOSTILE], 0),
        (["status", "--every", HOSTILE], 2),
        (["status", HOSTILE], 2),
        (["submit", HOSTILE], 2),
        (["try", HOSTILE], 2),
        ([HOSTILE], 2),
        ([f"--{HOSTILE}"], 2),
        (["worker", HOSTILE], 2),
        (["--log-file", f"no/{HOSTILE}", "status"], 2),
    ],
    ids=lambda value: ascii(" ".join(value))[:40] if isinstance(value, list) else value,
)
def test_commands(command: list[str], code: int, columns: int) -> None:
    result = runner.invoke(app, command, env={"COLUMNS": str(columns)})
    assert result.exit_code == code, (result.output, result.exception)
    harmless(result.stdout)
    harmless(result.stderr)


@pytest.mark.parametrize(
    "command", [["why", URL], ["why", DEFERRED], ["cluster", URL], ["dead", "list"]], ids=str
)
def test_it_is_all_shown(command: list[str]) -> None:
    assert SEEN in runner.invoke(app, command, env={"COLUMNS": "400"}).stdout


@pytest.mark.parametrize(
    "command",
    [["why", URL, "--json"], ["cluster", URL, "--json"], ["dead", "list", "--json"], ["status", "--json"]],
    ids=str,
)
def test_json_too(command: list[str]) -> None:
    assert "pwned" in harmless(runner.invoke(app, command).stdout)


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_the_live_screen(
    redis: RedisClient, frontier: Frontier, store: Store, prefix: str, columns: int
) -> None:
    settings = load_settings(key_prefix=prefix)
    live = StatusReader(redis, frontier, store, settings).read()
    console = Console(file=io.StringIO(), width=columns, height=50)
    console.print(Screen(live, trouble=""))
    console.print(Screen(live, trouble=HOSTILE))
    assert isinstance(console.file, io.StringIO)
    assert "[bold" in harmless(console.file.getvalue())


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_the_report_of_a_run(store: Store, frontier: Frontier, columns: int) -> None:
    terminal = Terminal(file=io.StringIO(), width=columns)
    print_report(terminal, store, frontier.snapshot(), Submitted())
    assert isinstance(terminal.file, io.StringIO)
    assert "[bold" in harmless(terminal.file.getvalue())


def test_refused_lines_and_names_of_files(tmp_path: Path) -> None:
    name = HOSTILE.replace("/", "") + ".txt"
    (tmp_path / name).write_bytes(b"ftp://\x1b[31m[bold]x\x9b\nhttp://d.test/\n")
    result = runner.invoke(app, ["submit", name])
    assert result.exit_code == 0
    assert r"\x1b[31m[bold]x" in harmless(result.stderr)
    harmless(result.stdout)


def test_a_file_name_that_is_no_utf_8(tmp_path: Path) -> None:
    name = os.fsdecode(b"bad\xff.html")
    (tmp_path / name).write_text("<p>too short")
    result = runner.invoke(app, ["try", name])
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, r"bad\udcff.html")


def test_a_document_that_is_tried(tmp_path: Path) -> None:
    words = "The council voted on the new ferry line yesterday, and the harbour was loud. " * 5
    (tmp_path / "a.html").write_text(
        f"<html><head><title>{HOSTILE}</title></head><body><article><h1>T</h1><p>{words} {HOSTILE}</p></article></body></html>"
    )
    harmless(runner.invoke(app, ["try", "a.html"]).stdout)


def test_settings_and_variables_that_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_KEY_PREFIX", HOSTILE)
    monkeypatch.setenv(f"NEWSMILL_{HOSTILE}", "1")
    result = runner.invoke(app, ["settings"])
    assert SEEN in harmless(result.stdout)
    assert "is not a setting" in harmless(result.stderr)


def test_a_value_of_a_setting_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_TAGGER", HOSTILE)
    result = runner.invoke(app, ["settings"])
    assert result.exit_code == 2
    assert "unknown tagger" in harmless(result.stderr)


def test_names_that_processes_and_a_neighbour_wrote_into_redis(redis: RedisClient, prefix: str) -> None:
    process = {
        "kind": HOSTILE,
        "host": HOSTILE,
        "pid": 1,
        "version": HOSTILE,
        "queues": [HOSTILE, "fetch"],
        "pool": HOSTILE,
        "size": 1,
    }
    now = redis.time()[0] * 1000
    redis.zadd(f"{prefix}beats", {"x": now})
    redis.hset(f"{prefix}processes", "x", msgspec.json.encode(process))
    redis.hset(f"{prefix}identity", mapping={"ledger": HOSTILE, "store": HOSTILE, "name": HOSTILE})
    redis.lpush(f"{prefix}_kombu.binding.x", HOSTILE)
    redis.set("_kombu.binding.x", HOSTILE)
    for command in (["status"], ["doctor"], ["why", URL], ["submit", "http://d.test/"], ["dead", "replay"]):
        result = runner.invoke(app, command, env={"COLUMNS": "120"})
        assert "Traceback" not in result.stderr
        assert "pwned" in result.output or command[0] not in {"status", "doctor"}
        harmless(result.stdout)
        harmless(result.stderr)


@pytest.mark.parametrize("format_", ["jsonl", "csv", "tsv"])
def test_an_export_to_a_terminal(format_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Output, "isatty", lambda _: True)
    shown = harmless(runner.invoke(app, ["export", "--format", format_]).stdout.replace("\t", " "))
    assert "pwned" in shown
    if format_ == "jsonl":
        assert HOSTILE in [json.loads(line)["title"] for line in shown.splitlines()]
    monkeypatch.setattr(Output, "isatty", lambda _: False)
    assert "\u202e" in runner.invoke(app, ["export", "--format", format_]).stdout, "a file has it as it is"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NEWSMILL_KEY_PREFIX", HOSTILE),
        ("NEWSMILL_REDIS_URL", f"redis://{HOSTILE}:1/0"),
        ("NEWSMILL_REDIS_URL", f"unix:///{HOSTILE}"),
        ("NEWSMILL_DATABASE_URL", f"sqlite:////no/{HOSTILE}"),
        ("NEWSMILL_DATABASE_URL", f"postgresql://u@127.0.0.1:1/{HOSTILE}"),
        ("NEWSMILL_DATABASE_URL", f"postgresql://{HOSTILE}@127.0.0.1:1/x"),
        ("NEWSMILL_DATABASE_URL", f"{HOSTILE}"),
        ("NEWSMILL_DATA_DIR", f"no/{HOSTILE}"),
        ("NEWSMILL_TAXONOMY", f"no/{HOSTILE}"),
        ("NEWSMILL_RESOLVE", HOSTILE),
        ("NEWSMILL_QUEUES", f'{{"{HOSTILE}": 1}}'),
        ("NEWSMILL_USER_AGENT", HOSTILE),
    ],
)
@pytest.mark.parametrize(
    "command", ["settings", "status", "doctor", "submit http://d.test/", "export", "try a.html"]
)
def test_settings(command: str, variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr(Output, "isatty", lambda _: True)
    Path("a.html").write_text("<p>short")
    result = runner.invoke(app, command.split(), env={"COLUMNS": "120"})
    assert isinstance(result.exception, SystemExit | None), result.exception
    harmless(result.stdout)
    harmless(result.stderr)


def test_names_of_columns_tables_and_exports(tmp_path: Path) -> None:
    name = HOSTILE.replace("/", "")
    for command in (
        ["export", "--columns", name],
        ["export", "--sort", name],
        ["export", "--format", name],
        ["export", "--output", f"{name}.csv"],
        ["export", "--output", f"{name}.odd"],
        ["export", "--output", f"no/{name}.csv"],
        ["export", "--reason", name],
        ["export", "--language", name],
        ["export", "--since", name],
        ["submit", "a.csv", "--column", name],
        ["submit", "a.csv", "--encoding", name],
    ):
        (tmp_path / "a.csv").write_text(f"{name},b\nx,y\n")
        result = runner.invoke(app, command, env={"COLUMNS": "120"})
        assert isinstance(result.exception, SystemExit | None), (command, result.exception)
        harmless(result.stdout)
        harmless(result.stderr)


def test_a_store_with_names_of_somebody_else(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.db") as other:
        quoted = HOSTILE.replace('"', '""')
        other.execute(f'create table "{quoted}" ("{quoted}" text)')
        other.execute(f'alter table articles rename column reason to "{quoted}"')
    for command in (["status"], ["export"], ["doctor"], ["why", URL], ["dead", "list"], ["dead", "replay"]):
        result = runner.invoke(app, command, env={"COLUMNS": "120"})
        assert isinstance(result.exception, SystemExit | None), (command, result.exception)
        harmless(result.stdout)
        harmless(result.stderr)


def test_a_run_of_files_with_such_names_prints_and_logs_nothing_that_is_obeyed(tmp_path: Path) -> None:
    name = HOSTILE.replace("/", "")
    docs = tmp_path / "docs" / name
    docs.mkdir(parents=True)
    (docs / f"{name}.html").write_text(f"<title>{HOSTILE}</title><p>short")
    (docs / f"{name}.html.gz").write_text("no gzip")
    (docs / f"{name}.odd{name}").touch()
    (docs / f"{name}.txt").symlink_to("/etc/passwd")
    (docs / f"{name}.urls.txt").write_text("http://a.test/\nhttp://b.test/\n" * 9)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMILL_")}
    done = subprocess.run(
        [sys.executable, "-m", "workers.cli", "run", str(docs), "--data", str(tmp_path / name)],
        env={**variables, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert b"is a link that leads out of the folder" in done.stderr
    harmless(done.stdout.decode())
    harmless(done.stderr.decode())
    logs = list((tmp_path / name).glob("logs/*.log"))
    assert logs
    for log in logs:
        harmless(log.read_text())
