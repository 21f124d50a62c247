"""`newsmill dead`: failed articles."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from typing import Annotated

import typer

from workers.cli.common import read_settings
from workers.cli.options import (
    HostOption,
    LimitOption,
    ReasonOption,
    StageOption,
    TakeOverOption,
    filter_of,
    option,
    print_next_step,
    print_note,
    print_summary,
)


def dead_list(reason: ReasonOption = None, stage: StageOption = None, host: HostOption = None) -> None:
    """Count the failed articles by reason, stage and host.

    Example: `newsmill dead list --reason timeout`
    """
    from rich.console import Console

    from workers.cli.tables import dead_letter_table
    from workers.inspect.connections import open_rows

    with open_rows(read_settings()) as store:
        counted = store.dead(filter_of(reason=reason, stage=stage, host=host))
    Console().print(dead_letter_table(counted))


def dead_replay(
    *,
    reason: ReasonOption = None,
    stage: StageOption = None,
    host: HostOption = None,
    limit: LimitOption = None,
    dry_run: Annotated[bool, option("Only print how many articles that would be.", "--dry-run")] = False,
    take_over: TakeOverOption = False,
) -> None:
    """Submit failed articles again. Their history is kept.

    Example: `newsmill dead replay --reason timeout --limit 100`
    """
    from workers.inspect.connections import frontier_on, open_rows
    from workers.inspect.dead_letters import count, replay
    from workers.ledger.pair import pair
    from workers.local.folder_redis import ledger_to_write, own_redis
    from workers.store.store import open_store

    settings, filter_ = read_settings(), filter_of(reason=reason, stage=stage, host=host)
    with open_rows(settings) as store:
        would_be = count(store, filter_, limit)
    if dry_run:
        typer.echo(f"Would submit {would_be:,} again.")
        return
    with open_store(settings.database_url.get_secret_value()) as store, ledger_to_write(settings) as client:
        frontier = frontier_on(client, settings)
        frontier.check_version()
        print_note(pair(client, settings, store, take_over=take_over, folder=own_redis(settings)))
        print_summary(replay(frontier, store, filter_, limit))
    print_next_step(settings)
