"""`newsmill status`: what waits, is in progress and is done."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from functools import partial
from typing import Annotated

from workers.cli.advice import run_command, warn_of_foreign
from workers.cli.common import read_settings
from workers.cli.options import JsonOption, number, option
from workers.cli.streams import print_json, show
from workers.errors import UserError


def status(
    *,
    watch: Annotated[bool, option("Update the display until Ctrl-C.", "--watch", "-w")] = False,
    every: Annotated[
        float,
        option(
            "Seconds between two updates of --watch. Default: 2.",
            metavar="number",
            parser=number(float, 0.1),
        ),
    ] = 2.0,
    json: JsonOption = False,
) -> None:
    """Show how many URLs wait, are in progress or are done, with their outcomes, the throughput, and who works.

    --watch needs a terminal, or --json, which then prints a line each time.

    Example: `newsmill status --watch`
    """
    from workers.cli.live_screen import watch as watch_on
    from workers.cli.tables import status_tables
    from workers.inspect.connections import frontier_on, open_rows
    from workers.inspect.live_status import StatusReader
    from workers.inspect.status import follow, read_status
    from workers.inspect.working import read_working
    from workers.local.folder_redis import ledger_to_read
    from workers.output.terminal import Terminal, is_live

    console = Terminal()
    if watch and not json and not is_live(console):
        raise UserError(
            "--watch draws on a terminal, and this is none. `newsmill status` prints the state once, "
            "`newsmill status --watch --json` a line each time."
        )
    settings = read_settings()
    run = run_command(settings)
    with ledger_to_read(settings) as client, open_rows(settings, empty_ok=True) as store:
        frontier, who = frontier_on(client, settings), partial(read_working, client, settings, run)
        warn_of_foreign(client, settings, store)
        if watch and json:
            for one in follow(frontier, store, who, every=every):
                print_json(one.as_json())
        elif watch:
            watch_on(console, StatusReader(client, frontier, store, settings, run), every=every)
        elif json:
            print_json(read_status(frontier, store, who).as_json())
        else:
            show(status_tables(read_status(frontier, store, who)))
