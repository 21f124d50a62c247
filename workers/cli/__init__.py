"""The command line: all commands, grouped by what people use them for.

group.py turns errors into a line and an exit code. Each command reads the settings and imports its modules when it is called,
so that `--help` is fast.
"""
# ruff: noqa: PLC0415

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from workers.cli.commands.dead import dead_list, dead_replay
from workers.cli.commands.doctor import doctor
from workers.cli.commands.export import export
from workers.cli.commands.hosts import hosts_deny, hosts_list, hosts_pause, hosts_resume
from workers.cli.commands.messages import messages
from workers.cli.commands.run import run
from workers.cli.commands.settings import settings
from workers.cli.commands.status import status
from workers.cli.commands.submit import submit
from workers.cli.commands.try_ import try_
from workers.cli.commands.why import cluster, why
from workers.cli.commands.worker import scheduler, worker
from workers.cli.common import (
    DataOption,
    LogFileOption,
    QuietOption,
    VerboseOption,
    set_common,
    with_common_options,
)
from workers.cli.group import Command, Group, MainGroup
from workers.cli.options import option

app = typer.Typer(
    name="newsmill",
    cls=MainGroup,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def newsmill(
    ctx: typer.Context,
    *,
    version: Annotated[bool, option("Print the version.", "--version")] = False,
    data: DataOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    log_file: LogFileOption = None,
) -> None:
    """Turn article URLs into clean, deduplicated, tagged text.

    Start with `newsmill run --demo`, or try one page: `newsmill try page.html`.
    """
    set_common(data=data, quiet=quiet, verbose=verbose, log_file=log_file)
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"newsmill {version_of('newsmill')}")
    elif ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def _add(to: typer.Typer, name: str, command: Callable[..., Any], group: str | None = None) -> None:
    to.command(name, cls=Command, rich_help_panel=group)(with_common_options(command))


_LOCAL, _ANSWERS, _CLUSTER, _MORE = (
    "On this machine",
    "What became of the URLs",
    "On several machines",
    "Set-up",
)

_add(app, "run", run, _LOCAL)
_add(app, "try", try_, _LOCAL)
_add(app, "status", status, _ANSWERS)
_add(app, "export", export, _ANSWERS)
_add(app, "why", why, _ANSWERS)
_add(app, "cluster", cluster, _ANSWERS)
dead = typer.Typer(cls=Group, invoke_without_command=True)
_add(dead, "list", dead_list)
_add(dead, "replay", dead_replay)
app.add_typer(dead, name="dead", rich_help_panel=_ANSWERS)
_add(app, "submit", submit, _CLUSTER)
_add(app, "scheduler", scheduler, _CLUSTER)
_add(app, "worker", worker, _CLUSTER)
hosts = typer.Typer(cls=Group, invoke_without_command=True)
_add(hosts, "list", hosts_list)
_add(hosts, "pause", hosts_pause)
_add(hosts, "resume", hosts_resume)
_add(hosts, "deny", hosts_deny)
app.add_typer(hosts, name="hosts", rich_help_panel=_MORE)
_add(app, "messages", messages, _CLUSTER)
_add(app, "settings", settings, _MORE)
_add(app, "doctor", doctor, _MORE)


@dead.callback()
def _dead(ctx: typer.Context) -> None:
    """Count failed articles, or submit them again."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@hosts.callback()
def _hosts(ctx: typer.Context) -> None:
    """Leave a site alone, for a while or for good (docs/hosts.md)."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def main() -> None:
    """Run the command line; never returns."""
    if sys.stdout.encoding.lower() != "utf-8":
        # An escape for a character that the terminal does not have, not an error; standard error does that already.
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    from workers.uncaught import log_what_nobody_catches

    log_what_nobody_catches()
    app(prog_name="newsmill")
