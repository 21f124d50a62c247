"""docs/commands.md says what the commands share; each of it is compared with the code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.main import get_command

from tasks.article import Outcome
from workers.cli import app
from workers.cli.common import Common
from workers.cli.settings_list import Setting
from workers.errors import EXIT_CODE, INTERRUPTED, NOTHING, TERMINATED
from workers.inspect.cluster import Member
from workers.inspect.doctor.finding import Finding, Level
from workers.inspect.status import Status
from workers.inspect.story_record import Unsettled, story_record
from workers.inspect.working import Working
from workers.ledger.entries import Entry, Event, Snapshot, State
from workers.ledger.processes import Process, Seen
from workers.ledger.submit import Submitted
from workers.local.report import run_record
from workers.store.store import Store

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text("utf-8")
NOW = Snapshot(1, 1, 1, dict.fromkeys(Outcome, 1), 1, 1, 1)


def sections() -> dict[str, str]:
    """Return the text below each heading."""
    parts = re.split(r"^## (.*)\n", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def documented(command: str) -> set[str]:
    """Return the keys in the table of a command, and those of the objects in it."""
    (table,) = re.findall(rf"^`newsmill {command}[^`]*--json`[^\n]*\n\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    rows = [row.split("|")[1] for row in table.splitlines()[2:]]
    return {key for row in rows for key in re.findall(r"`(\w+)`", row)}


def inner(command: str, key: str) -> set[str]:
    """Return the keys of the objects under a key of a command's table."""
    (table,) = re.findall(rf"^`newsmill {command}[^`]*--json`[^\n]*\n\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    (row,) = re.findall(rf"^\| (?:[^|]*)`{key}`[^|]*\|(.*)\|$", table, re.MULTILINE)
    return set(re.findall(r"`(\w+)`", row))


def status() -> dict[str, Any]:
    seen = [Seen(Process("worker", "host", 1, "1", ("fetch",), "threads", 32), 1.0)]
    return Status(NOW, [("failed", "timeout", 1)], 1.0, Working(seen, ["fetch"])).as_json()


def story() -> dict[str, Any]:
    entry = Entry(url="http://a.test/", at=1, history=(Event(1, "later"),))
    return story_record("0" * 32, entry.url, None, Unsettled(State.WAITING, entry, 1, 1))


def run() -> dict[str, Any]:
    store = Store.in_memory()
    try:
        return run_record(store, NOW, Submitted(), 1.0, "sqlite:///x")
    finally:
        store.close()


def keys(command: str) -> set[str]:
    """Return the keys that a command prints."""
    match command:
        case "status":
            return set(status())
        case "why":
            return set(story())
        case "cluster":
            return set(msgspec.to_builtins(Member("http://a.test/", "original")))
        case "run":
            return set(run())
        case "settings":
            return set(Setting._fields)
        case _:
            return set(Finding("redis", Level.OK, "", "").as_json())


@pytest.mark.parametrize("command", ["status", "why", "cluster", "run", "settings", "doctor"])
def test_the_keys_of_json_are_those_that_are_printed(command: str) -> None:
    assert documented(command) == keys(command)


def test_the_keys_of_objects_in_json_are_those_that_are_printed() -> None:
    shown, told = status(), story()
    assert inner("status", "processes") - {"working"} == shown["processes"][0].keys()
    assert inner("status", "reasons") == shown["reasons"][0].keys()
    assert inner("why", "history") == told["history"][0].keys()
    assert inner("why", "entry") == told["entry"].keys()
    assert inner("run", "submitted") == run()["submitted"].keys()


def test_a_replay_has_the_keys_of_a_submission() -> None:
    (named,) = re.findall(r"`newsmill dead replay --json`:(.*?);", PAGE, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", named)) == Submitted().as_json().keys()


def commands(command: Any = None, path: str = "") -> Iterator[tuple[str, Any]]:
    command = command or get_command(app)
    for name, one in getattr(command, "commands", {}).items():
        if hasattr(one, "commands"):
            yield from commands(one, f"{path}{name} ")
        else:
            yield path + name, one


def test_every_command_with_json_is_in_the_chapter_on_it() -> None:
    have = {name for name, one in commands() if any("--json" in option.opts for option in one.params)}
    named = set(re.findall(r"`newsmill ([a-z ]+?)(?: URL)? --json`", sections()["JSON"]))
    assert named - {"status --watch"} == have


def test_the_codes_are_those_of_the_code() -> None:
    found = [int(code) for code in re.findall(r"^\| (\d+) \|", sections()["Exit codes"], re.MULTILINE)]
    assert found == [0, NOTHING, EXIT_CODE, INTERRUPTED, TERMINATED]


def test_a_help_that_speaks_of_exit_codes_knows_them_from_here() -> None:
    codes = set(re.findall(r"^\| (\d+) \|", sections()["Exit codes"], re.MULTILINE))
    for name, one in commands():
        named = re.findall(r"exit code (?:is )?(\d+)", " ".join((one.help or "").split()))
        assert set(named) <= codes, name


def test_the_common_options_are_those_of_every_command() -> None:
    named = re.findall(r"^\| `(--[\w-]+)", sections()["Options of every command"], re.MULTILINE)
    assert named == [f"--{name.replace('_', '-')}" for name in Common.__slots__]
    for name, one in commands():
        options = {option for parameter in one.params for option in parameter.opts}
        assert set(named) <= options, name
