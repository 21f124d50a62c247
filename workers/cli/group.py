"""Commands with their help, and the group that turns errors into a line and an exit code (docs/commands.md).

0: done. 1: nothing was found or taken. 2: a wrong call, or refused to start. 130: interrupted by Ctrl-C.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from workers.errors import EXIT_CODE, INTERRUPTED
from workers.output.printable import printable


class _WithHelp:
    """What commands and groups share."""

    def get_help(self, ctx: Any) -> str:
        """Return the help as text for the terminal."""
        from rich.console import Group  # noqa: PLC0415 - most commands print no help

        from workers.cli.help import help_of  # noqa: PLC0415
        from workers.output.terminal import Terminal  # noqa: PLC0415

        terminal = Terminal()
        with terminal.capture() as captured:
            terminal.print(Group(*help_of(ctx)), crop=False)
        return captured.get().rstrip("\n")


class Command(_WithHelp, TyperCommand):
    """A command."""


class Group(_WithHelp, TyperGroup):
    """Commands below a command."""


class MainGroup(Group):
    """All commands. Errors become a line on standard error and an exit code."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run the command line."""
        del standalone_mode  # typer would print its own kind of message
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except TyperException as error:  # a wrong call
            typer.echo(f"newsmill: {_sentence(error)}", err=True)
            code = error.exit_code
        except typer.Abort:
            code = INTERRUPTED
        sys.exit(code or 0)

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> Any:
        """Parse the options before the command, of which some, such as --help, end the program."""
        with _errors_are_lines():
            return super().make_context(info_name, args, *more, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        with _errors_are_lines():
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result


@contextmanager
def _errors_are_lines() -> Iterator[None]:
    """Raise typer.Exit for Ctrl-C, for a reader that has ended, and for an error that the user can put right."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        # The reader has ended (`| head`). Buffered output must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except (typer.Exit, typer.Abort, TyperException):
        raise
    except Exception as error:
        from workers.cli.errors import message_for  # noqa: PLC0415 - loads Redis's and the database's errors

        line = message_for(error)
        if line is None:
            raise
        typer.echo(f"newsmill: {line}", err=True)
        raise typer.Exit(EXIT_CODE) from None


def _sentence(error: TyperException) -> str:
    """Return what is wrong with a call, and where it says how the command is called."""
    error.message = error.message.removeprefix("Value error, ")  # pydantic's
    what = printable(" ".join(error.format_message().split()))
    what += "" if what.endswith((".", "?")) else "."
    ctx = getattr(error, "ctx", None)
    return f"{what} See `{ctx.command_path if ctx else 'newsmill'} --help`."
