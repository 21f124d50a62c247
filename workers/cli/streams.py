"""Where commands write: results to standard output, words about them to standard error."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

import sys
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from workers.cli.common import common
from workers.errors import NOTHING
from workers.output.printable import json_escaped, printable

if TYPE_CHECKING:
    from rich.console import RenderableType

    from workers.ledger.submit import Submitted
    from workers.output.terminal import Terminal


def show(*results: "RenderableType") -> None:
    """Print results, with long words, such as URLs, left whole."""
    from rich.console import Group

    from workers.output.terminal import Terminal

    Terminal().print(Group(*results), crop=False)


def print_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    import msgspec

    # Bytes: JSON is UTF-8 (RFC 8259, 8.1), whatever the terminal's locale.
    sys.stdout.buffer.write(json_escaped(msgspec.json.encode(value).decode()).encode() + b"\n")
    sys.stdout.buffer.flush()


def print_summary(result: "Submitted", *, as_json: bool = False) -> None:
    """Print the counts of a submission."""
    if as_json:
        print_json(result.as_json())
    else:
        typer.echo(result.as_words())
    if result.unconfirmed:
        say(
            f"newsmill: warning: no replica of Redis has confirmed {result.unconfirmed:,} of the queued URLs: if Redis fails over "
            "now, they are lost. Submit the list again once a replica follows; what is known is not queued twice."
        )


def say(sentence: str) -> None:
    """Print a sentence that is no result to standard error, and nothing with `--quiet`."""
    if not common().quiet:
        typer.echo(printable(sentence), err=True)


def notes() -> "Terminal":
    """Return the console for progress and words: standard error, and nothing with `--quiet`."""
    from workers.output.terminal import Terminal

    return Terminal(stderr=True, quiet=common().quiet)


def nothing(sentence: str) -> NoReturn:
    """End the command, which has found or taken nothing, with a sentence on standard error."""
    typer.echo(printable(sentence), err=True)
    raise typer.Exit(NOTHING)
