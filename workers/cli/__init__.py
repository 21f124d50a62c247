"""The command line: all commands, and the one place that turns errors into a message.

An error that a user can put right ends in one line and exit code 2 (errors.py), Ctrl-C in exit code 130. Each command
reads the settings and imports its modules when it is called, so that `--help` is fast.
"""
# ruff: noqa: PLC0415

import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from workers.cli.commands.dead import dead_list, dead_replay
from workers.cli.commands.doctor import doctor
from workers.cli.commands.export import export
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
from workers.cli.options import option


class _Commands(TyperGroup):
    """The commands; it turns errors into messages."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Raises typer.Exit(2) for an error that the user can put right."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader has ended (`| head`). Buffered output must not fail again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return None
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except Exception as error:
            from workers.cli.errors import message_for

            line = message_for(error)
            if line is None:
                raise
            typer.echo(f"newsmill: {line}", err=True)
            raise typer.Exit(2) from None
        return result


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
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


def _add(to: typer.Typer, name: str, command: Callable[..., Any], **more: Any) -> None:
    to.command(name, **more)(with_common_options(command))


_add(app, "submit", submit)
_add(app, "run", run)
_add(app, "worker", worker)
_add(app, "scheduler", scheduler)
_add(app, "status", status)
_add(app, "why", why)
_add(app, "cluster", cluster)
_add(app, "export", export)
dead = typer.Typer(no_args_is_help=True, help="Count failed articles, or submit them again.")
_add(dead, "list", dead_list)
_add(dead, "replay", dead_replay)
app.add_typer(dead, name="dead")
_add(app, "try", try_)
_add(app, "settings", settings)
_add(app, "doctor", doctor)


def main() -> None:
    """Run the command line; never returns."""
    app(prog_name="newsmill")
