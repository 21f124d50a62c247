"""The command line: all commands, and the one place that turns errors into a message.

An error that a user can put right ends in one line and exit code 2 (errors.py), Ctrl-C in exit code 130. Each command
reads the settings and imports its modules when it is called, so that `--help` is fast.
"""
# ruff: noqa: PLC0415

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from workers.cli import inspect_commands, run_commands
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
    ctx: typer.Context, *, version: Annotated[bool, option("Print the version.", "--version")] = False
) -> None:
    """Turn article URLs into clean, deduplicated, tagged text.

    Start with `newsmill run --demo`, or try one page: `newsmill try page.html`.
    """
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"newsmill {version_of('newsmill')}")
    elif ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


app.command()(run_commands.submit)
app.command()(run_commands.run)
app.command()(run_commands.worker)
app.command()(run_commands.scheduler)
app.command()(inspect_commands.status)
app.command()(inspect_commands.why)
app.command()(inspect_commands.cluster)
app.command()(inspect_commands.export)
dead = typer.Typer(no_args_is_help=True, help="Count failed articles, or submit them again.")
dead.command("list")(inspect_commands.dead_list)
dead.command("replay")(inspect_commands.dead_replay)
app.add_typer(dead, name="dead")
app.command("try")(run_commands.try_)
app.command()(inspect_commands.settings)


def main() -> None:
    """Run the command line; never returns."""
    app(prog_name="newsmill")
