"""`newsmill dead`: failed articles."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from typing import Annotated

import typer

from workers.cli.advice import print_next_step, print_note
from workers.cli.common import read_settings
from workers.cli.options import (
    HostOption,
    JsonOption,
    LimitOption,
    ReasonOption,
    StageOption,
    TakeOverOption,
    filter_of,
    option,
)
from workers.cli.streams import nothing, print_json, print_summary, show

_NONE = "No failed articles."


def dead_list(
    *,
    reason: ReasonOption = None,
    stage: StageOption = None,
    host: HostOption = None,
    json: JsonOption = False,
) -> None:
    """Count the failed articles by reason, stage and host.

    Shows the hosts with most of them; JSON has all. The exit code is 1 if there are none.

    Example: `newsmill dead list --reason timeout`
    """
    from workers.cli.tables import dead_letters
    from workers.inspect.connections import open_rows

    filter_ = filter_of(reason=reason, stage=stage, host=host)
    with open_rows(read_settings()) as store:
        counted = store.dead(filter_)
    if json:
        names = ("reason", "stage", "host", "count")
        print_json([dict(zip(names, row, strict=True)) for row in counted])
    elif counted:
        show(dead_letters(counted))
    if not counted:
        nothing(_NONE)


def dead_replay(
    *,
    reason: ReasonOption = None,
    stage: StageOption = None,
    host: HostOption = None,
    limit: LimitOption = None,
    dry_run: Annotated[bool, option("Only print how many articles that would be.", "--dry-run")] = False,
    take_over: TakeOverOption = False,
    json: JsonOption = False,
) -> None:
    """Submit failed articles again. Their history is kept.

    The exit code is 1 if there are none.

    Example: `newsmill dead replay --reason timeout --limit 100`
    """
    from workers.inspect.connections import frontier_on, open_rows
    from workers.inspect.dead_letters import count, replay
    from workers.ledger.pair import pair
    from workers.ledger.submit import Submitted
    from workers.local.folder_redis import ledger_to_write, own_redis
    from workers.output.words import counted
    from workers.store.store import open_store

    settings, filter_ = read_settings(), filter_of(reason=reason, stage=stage, host=host)
    with open_rows(settings) as store:
        would_be = count(store, filter_, limit)
    if dry_run:
        article = counted(would_be, "article")
        print_json({"would_submit": would_be}) if json else typer.echo(f"Would submit {article} again.")
    elif not would_be:
        print_summary(Submitted(), as_json=json)
    else:
        url = settings.database_url.get_secret_value()
        with open_store(url) as store, ledger_to_write(settings) as client:
            frontier = frontier_on(client, settings)
            frontier.check_version()
            print_note(pair(client, settings, store, take_over=take_over, folder=own_redis(settings)))
            print_summary(replay(frontier, store, filter_, limit), as_json=json)
        print_next_step(settings)
    if not would_be:
        nothing(_NONE)
