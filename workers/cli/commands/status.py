"""`newsmill status`: what waits, is in progress and is done."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from functools import partial
from typing import Annotated

import typer

from workers.cli.common import read_settings
from workers.cli.options import (
    JsonOption,
    option,
    print_json,
    run_command,
    warn_of_foreign,
)


def status(
    *,
    watch: Annotated[bool, option("Update the display until Ctrl-C.", "--watch", "-w")] = False,
    every: Annotated[float, typer.Option(help="Seconds between two updates of --watch.", min=0.1)] = 2.0,
    json: JsonOption = False,
) -> None:
    """Show how many URLs wait, are in progress or are done, with their outcomes, the throughput, and who works.

    Example: `newsmill status --watch`
    """
    from rich.console import Console

    from workers.cli import live_screen
    from workers.cli.tables import status_tables
    from workers.inspect.connections import frontier_on, open_rows
    from workers.inspect.live_status import StatusReader
    from workers.inspect.status import follow, read_status
    from workers.inspect.working import read_working
    from workers.local.folder_redis import ledger_to_read

    settings, console = read_settings(), Console()
    run = run_command(settings)
    with ledger_to_read(settings) as client, open_rows(settings, empty_ok=True) as store:
        frontier, who = frontier_on(client, settings), partial(read_working, client, settings, run)
        warn_of_foreign(client, settings, store)
        if watch and json:
            for one in follow(frontier, store, who, every=every):
                print_json(one.as_json())
        elif watch:
            live_screen.watch(console, StatusReader(client, frontier, store, settings, run), every=every)
        elif json:
            print_json(read_status(frontier, store, who).as_json())
        else:
            console.print(status_tables(read_status(frontier, store, who)))
