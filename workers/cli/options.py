"""What the commands share: common options, and functions that turn them into arguments.

No large module is imported before a command is called, so that `--help` is fast.
"""
# ruff: noqa: PLC0415

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from workers.ledger.entries import Priority
    from workers.ledger.submit import Submitted
    from workers.store.filters import Filter

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


def quoted(path: Path) -> str:
    """Return a path as a shell takes it, in quotes where it has a space; what a terminal would obey is left out."""
    return shlex.quote("".join(one if one.isprintable() else "?" for one in str(path)))


def print_summary(result: "Submitted") -> None:
    """Print the counts of a submission."""
    typer.echo(
        f"queued {result.queued:,}, in progress {result.in_progress:,},"
        f" already done {result.settled:,}, refused {result.refused:,}"
    )


def print_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    import msgspec

    # Bytes: JSON is UTF-8 (RFC 8259, 8.1), whatever the terminal's locale.
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()
