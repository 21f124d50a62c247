"""`newsmill run`: the whole system on this machine."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from typing import Annotated

import typer

from workers.cli.common import read_settings
from workers.cli.options import (
    AgainOption,
    PriorityOption,
    SourcesArgument,
    TakeOverOption,
    option,
    priority_of,
)


def run(
    sources: SourcesArgument = None,
    *,
    demo: Annotated[
        bool, option("Process the demo's URLs, from the demo's own web server.", "--demo")
    ] = False,
    priority: PriorityOption = "normal",
    again: AgainOption = False,
    take_over: TakeOverOption = False,
) -> None:
    """Process URLs on this machine until all are done. It starts a Redis, the scheduler and the workers.

    Without sources it continues an earlier run. You can stop it at any time; the next run continues.

    Example: `newsmill run urls.txt`
    """
    from rich.console import Console

    from workers.local.run import LocalRun

    console = Console(stderr=True)
    local = LocalRun(
        read_settings(),
        sources or (),
        console,
        demo=demo,
        again=again,
        priority=priority_of(priority),
        take_over=take_over,
    )
    raise typer.Exit(local.run())
