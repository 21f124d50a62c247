"""`newsmill doctor`: what is wrong, and what to do."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from typing import TYPE_CHECKING

import typer

from workers.cli.common import common, read_settings
from workers.cli.options import JsonOption
from workers.cli.streams import print_json, say
from workers.errors import NOTHING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workers.inspect.doctor import Finding

#: Colours of the levels on a terminal.
_STYLES = {"ok": "green", "warning": "yellow", "trouble": "bold red"}


def doctor(*, json: JsonOption = False) -> None:
    """Check Redis, the database, the disk, DNS, clocks, ports, settings and packages, and whether workers run.

    Each line is ok, a warning or trouble, with what to do. Nothing is created or changed. The exit code is 1 if there is
    trouble. With --quiet, what is ok is left out.

    Example: `newsmill doctor`
    """
    from workers.local.doctor import examine_here

    findings = examine_here(read_settings(warn=False))
    if json:
        print_json([one.as_json() for one in findings])
    else:
        _print([one for one in findings if one.level != "ok" or not common().quiet])
        _say_sum(findings)
    if any(one.level == "trouble" for one in findings):
        raise typer.Exit(NOTHING)


def _print(findings: "Sequence[Finding]") -> None:
    from rich.text import Text

    from workers.output.blocks import Block
    from workers.output.printable import printable
    from workers.output.terminal import Terminal, shown

    terminal = Terminal()
    if terminal.is_terminal:
        rows = [(Text(one.level, _STYLES[one.level]), shown(one.sentence)) for one in findings]
        terminal.print(Block(rows), crop=False)
    else:  # one line each, to search in
        for one in findings:
            typer.echo(f"{one.level:<8} {printable(one.sentence)}")


def _say_sum(findings: "Sequence[Finding]") -> None:
    from workers.output.words import counted

    counts = {name: sum(one.level == name for one in findings) for name in _STYLES}
    say(f"{counts['ok']} ok, {counted(counts['warning'], 'warning')}, {counts['trouble']} in trouble")
