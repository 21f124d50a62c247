"""Where commands write: results to standard output, words about them to standard error."""

from typing import NoReturn

import typer
from rich.console import Group, RenderableType

from workers.cli.common import common
from workers.errors import NOTHING
from workers.output.printable import printable
from workers.output.terminal import Terminal


def show(*results: RenderableType) -> None:
    """Print results, with long words, such as URLs, left whole."""
    Terminal().print(Group(*results), crop=False)


def notes() -> Terminal:
    """Return the console for progress and words: standard error, and nothing with `--quiet`."""
    return Terminal(stderr=True, quiet=common().quiet)


def nothing(sentence: str) -> NoReturn:
    """End the command, which has found or taken nothing, with a sentence on standard error."""
    typer.echo(printable(sentence), err=True)
    raise typer.Exit(NOTHING)
