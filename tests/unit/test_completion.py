"""Completion by the shell: commands, options and values, asked for as bash, zsh and fish do."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from tasks.errors import Reason
from tasks.pipeline import STAGES
from workers.cli import app
from workers.cli.options import OutcomeName, PriorityName
from workers.sinks.formats import FILE_SINKS

ROOT = Path(__file__).parents[2]
runner = CliRunner()


def completed(line: str) -> list[str]:
    """Return what bash offers for the last word of a command line."""
    words = line.split(" ")
    asked = {"_NEWSMILL_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    return runner.invoke(app, env=asked).stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("newsmill se", ["settings"]),
        ("newsmill dead ", ["list", "replay"]),
        ("newsmill export --outcome ", list(get_args(OutcomeName))),
        ("newsmill submit --priority h", ["high"]),
        ("newsmill run --priority ", list(get_args(PriorityName))),
        ("newsmill dead list --reason robots", ["robots", "robots_unreachable"]),
        ("newsmill export --reason ", sorted(Reason)),
        ("newsmill export --stage ", [stage.name for stage in STAGES]),
        ("newsmill export --format p", [name for name in FILE_SINKS if name.startswith("p")]),
        ("newsmill worker ", ["fetch", "enrich"]),
        ("newsmill status --wa", ["--watch"]),
        ("newsmill --log", ["--log-file"]),
    ],
)
def test_bash_is_offered(line: str, offered: list[str]) -> None:
    assert completed(line) == offered


def test_every_command_is_offered() -> None:
    assert {"run", "try", "submit", "status", "why", "dead", "settings"} <= set(completed("newsmill "))


def test_where_a_file_belongs_the_shell_offers_files() -> None:
    assert completed("newsmill run u") == []
    asked = {"_NEWSMILL_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "newsmill run u"}
    assert runner.invoke(app, env=asked).stdout == "_files\n"


def test_zsh_gets_the_help_too() -> None:
    asked = {"_NEWSMILL_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "newsmill se"}
    assert '"settings":"List every setting' in runner.invoke(app, env=asked).stdout


def test_fish_gets_the_help_too() -> None:
    asked = {
        "_NEWSMILL_COMPLETE": "complete_fish",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "_TYPER_COMPLETE_ARGS": "newsmill status --wa",
    }
    assert runner.invoke(app, env=asked).stdout == "--watch\tUpdate the display until Ctrl-C.\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_a_script_for_each_shell(shell: str) -> None:
    script = runner.invoke(app, env={"_NEWSMILL_COMPLETE": f"source_{shell}"}).stdout
    assert f"_NEWSMILL_COMPLETE=complete_{shell}" in script


def test_bash_itself_completes_with_the_script(tmp_path: Path) -> None:
    newsmill = tmp_path / "newsmill"
    newsmill.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m workers.cli "$@"\n')
    newsmill.chmod(0o755)
    script = """
        eval "$(_NEWSMILL_COMPLETE=source_bash newsmill)"
        COMP_WORDS=(newsmill export --outcome d) COMP_CWORD=3
        _newsmill_completion newsmill
        echo "${COMPREPLY[@]}"
    """
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert (ended.stdout, ended.stderr) == ("duplicate\n", "")


def test_completing_imports_none_of_the_work() -> None:
    code = (
        "import sys, atexit; from workers.cli import main;"
        "atexit.register(lambda: print([m for m in ('redis', 'celery', 'sqlalchemy', 'lxml') if m in sys.modules]));"
        "main()"
    )
    asked = {
        "_NEWSMILL_COMPLETE": "complete_bash",
        "COMP_WORDS": "newsmill export --reason rob",
        "COMP_CWORD": "3",
    }
    ended = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **asked}, capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines() == ["robots", "robots_unreachable", "[]"]
