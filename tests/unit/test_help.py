"""The help of every command: words for types, grouped by task, and lines that fit."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from workers.cli import app

runner = CliRunner()
WIDTHS = [40, 80, 120]
#: What typer and Click call types, and how they show ranges, choices and defaults that are none.
TYPES = re.compile(
    r"\b(?:TEXT|INTEGER|FLOAT|PATH|FILENAME|DIRECTORY|DATETIME|OPTIONS|COMMAND|ARGS|None|Optional)\b"
    r"|<[^>]*>|x>=|\[default|list\[|\b(?:str|int|bool)\b"
)


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, one in getattr(command, "commands", {}).items():
        yield from commands(one, (*path, name))


ALL = dict(commands(get_command(app)))


def shown(path: tuple[str, ...], width: int) -> str:
    result = runner.invoke(app, [*path, "--help"], env={"COLUMNS": str(width)})
    assert result.exit_code == 0
    return result.stdout


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_types_are_words(path: tuple[str, ...], width: int) -> None:
    assert TYPES.findall(shown(path, width)) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_lines_fit_and_only_words_that_are_longer_do_not(path: tuple[str, ...], width: int) -> None:
    for line in shown(path, width).splitlines():
        indent, words = len(line) - len(line.lstrip()), line.split()
        assert len(line) <= width or len(words) == 1 or indent + len(words[0]) > width or "|" in line


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_option_is_shown_with_its_help_and_a_flag_has_no_type(path: tuple[str, ...]) -> None:
    text = shown(path, 120)
    for one in ALL[path].params:
        if one.param_type_name == "option":
            name = ", ".join(sorted(one.opts, key=len, reverse=True))
            words = name if one.is_flag else f"{name} {one.metavar}"
            assert re.search(rf"^  {re.escape(words)}(?:  +\S|\n)", text, re.MULTILINE), words
            assert one.help


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_value_has_a_word_for_its_type(path: tuple[str, ...]) -> None:
    parameters = ALL[path].params
    assert [
        one.name for one in parameters if one.metavar is None and not getattr(one, "is_flag", False)
    ] == []


def test_commands_are_grouped_by_task() -> None:
    groups = re.findall(r"^(\S.*)\n((?:  .*\n)+)", shown((), 120), re.MULTILINE)
    found = {heading: re.findall(r"^  (\w+)", lines, re.MULTILINE) for heading, lines in groups}
    assert found["On this machine"][:2] == ["run", "try"]
    assert found["On several machines"] == ["submit", "scheduler", "worker", "messages"]
    assert {"status", "why", "dead", "export"} <= set(found["What became of the URLs"])
    assert "settings" in found["Set-up"]


def test_options_of_every_command_have_a_heading_of_their_own() -> None:
    for path, command in ALL.items():
        if path and not hasattr(command, "commands"):
            assert "\nOptions of every command\n  --data folder " in shown(path, 80)


@pytest.mark.parametrize("short", [["-h"], ["--help"]])
def test_help_has_two_names_and_the_same_text_each_time(short: list[str]) -> None:
    assert runner.invoke(app, ["status", *short]).stdout == shown(("status",), 80)


@pytest.mark.parametrize("path", [(), ("dead",)], ids=" ".join)
def test_a_group_alone_shows_its_help(path: tuple[str, ...]) -> None:
    result = runner.invoke(app, list(path), env={"COLUMNS": "80"})
    assert (result.exit_code, result.stdout) == (0, shown(path, 80))


def test_help_is_ascii_but_for_nothing() -> None:
    assert all(shown(path, 80).isascii() for path in ALL)


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (["status", "--every", "soon"], "'--every': 'soon' is not a number. See `newsmill status --help`."),
        (["status", "--every", "0"], "'--every': 0 is less than 0.1."),
        (["status", "--every", "nan"], "'--every': nan is no number."),
        (["export", "--limit", "1.5"], "'--limit': '1.5' is not a whole number."),
        (["export", "--outcome", "good"], "'--outcome': 'good' is not one of 'enriched', 'duplicate'"),
        (["export", "--since", "soon"], "'soon' is neither an ISO date"),
        (["dead", "list", "--reason", "no"], "--reason: there is no reason 'no'. The reasons are: bad_resp"),
        (["why"], "Missing argument 'article'. See `newsmill why --help`."),
        (
            ["status", "--jsn"],
            "No such option: --jsn (Possible options: --json). See `newsmill status --help`.",
        ),
        (["stauts"], "No such command 'stauts'. Did you mean 'status'"),
        (["dead", "lst"], "No such command 'lst'. Did you mean 'list'? See `newsmill dead --help`."),
        (["submit"], "name what to submit"),
        (["status", "--watch=x"], "does not take a value"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_call_is_one_line_that_says_where_to_look_and_exit_code_2(
    command: list[str], line: str
) -> None:
    result = runner.invoke(app, command, env={"COLUMNS": "40"})
    assert (result.exit_code, result.stdout) == (2, "")
    assert line in result.stderr
    assert re.fullmatch(r"newsmill: .* See `newsmill[a-z ]* --help`\.\n", result.stderr)
    assert "Value error" not in result.stderr
