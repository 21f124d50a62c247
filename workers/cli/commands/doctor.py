"""`newsmill doctor`: what is wrong, and what to do."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from typing import TYPE_CHECKING

import typer

from workers.cli.common import common
from workers.cli.options import JsonOption, print_json

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
    from workers.settings import load_settings

    # Not read_settings: variables that are not settings are findings here.
    data = common().data
    findings = examine_here(load_settings(**({"data_dir": data} if data else {})))
    if json:
        print_json([one.as_json() for one in findings])
    else:
        _print([one for one in findings if one.level != "ok" or not common().quiet])
        _print_sum(findings)
    raise typer.Exit(1 if any(one.level == "trouble" for one in findings) else 0)


def _print(findings: "Sequence[Finding]") -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for one in findings:
        line = Text(f"{one.level:<8} ", _STYLES[one.level]).append(f"{one.check}: {one.found}.", "default")
        console.print(line.append(f" {one.advice}" if one.advice else "", "bold"), soft_wrap=True)


def _print_sum(findings: "Sequence[Finding]") -> None:
    counts = {name: sum(one.level == name for one in findings) for name in _STYLES}
    warnings = f"{counts['warning']} warning{'' if counts['warning'] == 1 else 's'}"
    typer.echo(f"{counts['ok']} ok, {warnings}, {counts['trouble']} in trouble", err=True)
