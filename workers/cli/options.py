"""What the commands share: common options, and functions that turn them into arguments.

No large module is imported before a command is called, so that `--help` is fast.
"""
# ruff: noqa: PLC0415

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from workers.ledger.entries import Priority
    from workers.ledger.pair import Pair
    from workers.ledger.redis_client import RedisClient
    from workers.ledger.submit import Submitted
    from workers.settings import Settings
    from workers.store.filters import Filter
    from workers.store.store import Store

PriorityName = Literal["high", "normal", "low"]
OutcomeName = Literal["enriched", "duplicate", "rejected", "failed"]


def option(help_: str, *names: str, **more: Any) -> Any:
    """Return an option whose help does not show the default."""
    return typer.Option(*names, help=help_, show_default=False, **more)


def argument(help_: str) -> Any:
    """Return an argument whose help does not show the default."""
    return typer.Argument(help=help_, show_default=False)


SourcesArgument = Annotated[
    list[str] | None, argument("URLs, lists, documents, folders, or - for a list on standard input.")
]
PriorityOption = Annotated[
    PriorityName, typer.Option(help="Priority of these URLs; higher ones go first, over all hosts.")
]
AgainOption = Annotated[bool, option("Fetch URLs again that already have an outcome.", "--again")]
TakeOverOption = Annotated[
    bool, option("Bind a Redis that belongs to another database to this one.", "--take-over")
]
JsonOption = Annotated[bool, option("Print JSON.", "--json")]
ReasonOption = Annotated[str | None, option("Only articles with this reason, e.g. timeout.")]
StageOption = Annotated[str | None, option("Only articles that ended in this stage, e.g. extract.")]
HostOption = Annotated[str | None, option("Only articles of this host.")]
LimitOption = Annotated[int | None, option("Maximum number of articles.", min=0)]


def priority_of(name: PriorityName) -> "Priority":
    """Return the priority by its name."""
    from workers.ledger.entries import Priority

    return Priority[name.upper()]


def filter_of(*, outcome: OutcomeName | None = None, reason: str | None = None, **rest: Any) -> "Filter":
    """Return the filter of these options; typer.BadParameter for an unknown reason."""
    from tasks.article import Outcome
    from tasks.errors import Reason
    from workers.store.filters import Filter

    if reason is not None and reason not in set(Reason):
        raise typer.BadParameter(
            f"There is no reason {reason!r}. The reasons are: {', '.join(sorted(Reason))}"
        )
    return Filter(outcome=Outcome(outcome) if outcome else None, reason=reason, **rest)


def print_summary(result: "Submitted") -> None:
    """Print the counts of a submission."""
    typer.echo(
        f"queued {result.queued:,}, in progress {result.in_progress:,},"
        f" already done {result.settled:,}, refused {result.refused:,}"
    )


def print_note(pair: "Pair") -> None:
    """Print what the user should know of how ledger and store came together."""
    if pair.note:
        typer.echo(f"newsmill: {pair.note}", err=True)


def run_command(settings: "Settings") -> str | None:
    """Return the command that processes what waits in the data folder; None if the ledger is elsewhere."""
    from workers.local.folder import DataFolder, command_line
    from workers.local.folder_redis import uses_folder

    return command_line(DataFolder.of(settings), "run") if uses_folder(settings) else None


def print_next_step(settings: "Settings") -> None:
    """Print how to process what was submitted, if it lies in the data folder and no run is going on there."""
    from workers.local.folder_redis import has_run

    run = run_command(settings)
    if run and not has_run(settings):
        typer.echo(f"Process them: {run}", err=True)


def print_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    import msgspec

    # Bytes: JSON is UTF-8 (RFC 8259, 8.1), whatever the terminal's locale.
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


def warn_of_foreign(client: "RedisClient", settings: "Settings", store: "Store") -> None:
    """Print a warning if the ledger belongs to another store; say nothing where a server does not answer."""
    from redis.exceptions import RedisError
    from sqlalchemy.exc import DBAPIError

    from workers.ledger.pair import foreign
    from workers.local.folder_redis import own_redis

    with suppress(RedisError, DBAPIError):
        line = foreign(client, settings, store, own_redis(settings))
        if line:
            typer.echo(f"newsmill: warning: {line}", err=True)
