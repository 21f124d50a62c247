"""What the commands share: common options, and functions that turn them into arguments.

No large module is imported before a command is called, so that `--help` is fast.
"""
# ruff: noqa: PLC0415

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer

if TYPE_CHECKING:
    from workers.ledger.entries import Priority
    from workers.store.filters import Filter

PriorityName = Literal["high", "normal", "low"]
OutcomeName = Literal["enriched", "duplicate", "rejected", "failed"]


def option(help_: str, *names: str, **more: Any) -> Any:
    """Return an option. Its `metavar` is the word for its type; a flag has none."""
    return typer.Option(*names, help=help_, show_default=False, **more)


def argument(help_: str, **more: Any) -> Any:
    """Return an argument."""
    return typer.Argument(help=help_, show_default=False, **more)


def number(kind: type[int] | type[float], least: float) -> Callable[[Any], float]:
    """Return a function that parses a number of at least `least`, and raises ValueError for anything else."""

    def parse(text: Any) -> float:
        try:
            value = kind(text)
        except ValueError:
            raise ValueError(f"{text!r} is not a {'whole ' if kind is int else ''}number") from None
        if not least <= value < float("inf"):
            raise ValueError(f"{text} is less than {least:g}" if value < least else f"{text} is no number")
        return value

    return parse


def some_of(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Return a completion of words: those of `names` that begin with what was typed."""
    return lambda incomplete: [name for name in names() if name.startswith(incomplete)]


def _reasons() -> list[str]:
    from tasks.errors import Reason

    return sorted(Reason)


def _stages() -> list[str]:
    from tasks.pipeline import STAGES

    return [stage.name for stage in STAGES]


def queues() -> list[str]:
    """Return the queues of the stages, as they are by default."""
    from tasks.pipeline import STAGES

    return list(dict.fromkeys(stage.queue for stage in STAGES))


def choice(help_: str, names: Any, *flags: str) -> Any:
    """Return an option whose values are those of a Literal type."""
    return option(help_, *flags, metavar="|".join(get_args(names)))


SourcesArgument = Annotated[
    list[str] | None,
    argument("URLs, lists, documents, folders, or - for a list on standard input.", metavar="source"),
]
PriorityOption = Annotated[
    PriorityName,
    choice("Priority of these URLs; higher ones go first, over all hosts. Default: normal.", PriorityName),
]
AgainOption = Annotated[bool, option("Fetch URLs again that already have an outcome.", "--again")]
EncodingOption = Annotated[
    str | None,
    option(
        "Encoding of lists that are not UTF-8, e.g. windows-1252. By default it is guessed.",
        "--encoding",
        metavar="name",
    ),
]
ColumnOption = Annotated[
    str | None,
    option(
        "Column or key with the URL: its name, or its number from 1 in a table without a header. "
        "Default: url, link or href.",
        "--column",
        metavar="name|number",
    ),
]
DelimiterOption = Annotated[
    str | None,
    option(
        "Character between two columns, or the word tab. By default it is found.",
        "--delimiter",
        metavar="character",
    ),
]
AssumeHttpsOption = Annotated[
    bool, option("Take example.com/story for https://example.com/story.", "--assume-https")
]
RefusedOption = Annotated[
    Path | None,
    option("File for everything that is refused, as JSON lines.", "--refused", metavar="file"),
]
TakeOverOption = Annotated[
    bool, option("Bind a Redis that belongs to another database to this one.", "--take-over")
]
JsonOption = Annotated[bool, option("Print JSON, and all words to standard error.", "--json")]
ReasonOption = Annotated[
    str | None,
    option(
        "Only articles with this reason, e.g. timeout.", metavar="reason", autocompletion=some_of(_reasons)
    ),
]
StageOption = Annotated[
    str | None,
    option(
        "Only articles that ended in this stage, e.g. extract.",
        metavar="stage",
        autocompletion=some_of(_stages),
    ),
]
HostOption = Annotated[str | None, option("Only articles of this host.", metavar="host")]
LimitOption = Annotated[
    int | None, option("Maximum number of articles.", metavar="number", parser=number(int, 0))
]


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
            f"there is no reason {reason!r}. The reasons are: {', '.join(sorted(Reason))}",
            param_hint="--reason",
        )
    return Filter(outcome=Outcome(outcome) if outcome else None, reason=reason, **rest)
