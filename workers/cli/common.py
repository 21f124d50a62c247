"""The options that every command has: where the data is, how much is said, and where the log goes.

They may stand before the command or behind it: `newsmill --data x status` and `newsmill status --data x` are the same.
"""

# ruff: noqa: PLC0415

import inspect
import os
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workers.cli.options import option
from workers.errors import UserError

if TYPE_CHECKING:
    from workers.settings import Settings

#: The heading of these options in a command's help.
_COMMON = "Options of every command"

DataOption = Annotated[
    Path | None,
    option(
        "Folder of the data. Default: NEWSMILL_DATA_DIR, or ./data.",
        "--data",
        metavar="folder",
        rich_help_panel=_COMMON,
    ),
]
QuietOption = Annotated[
    bool, option("Print results and errors only.", "--quiet", "-q", rich_help_panel=_COMMON)
]
VerboseOption = Annotated[bool, option("Log details, too.", "--verbose", "-v", rich_help_panel=_COMMON)]
LogFileOption = Annotated[
    Path | None,
    option(
        "File that the log of this command is added to, instead of standard error.",
        "--log-file",
        metavar="file",
        rich_help_panel=_COMMON,
    ),
]


@dataclass(frozen=True, slots=True)
class Common:
    """The values of the common options."""

    data: Path | None = None
    quiet: bool = False
    verbose: bool = False
    log_file: Path | None = None

    def over(self, other: "Common") -> "Common":
        """Return these values, with those of `other` where an option was not given."""
        given = {name: value for name in _NAMES if (value := getattr(self, name))}
        return replace(other, **given)

    def settings(self) -> dict[str, tuple[Any, str]]:
        """Return the settings that these options give: the value of each, and the option."""
        found: dict[str, tuple[Any, str]] = {"data_dir": (self.data, "--data")} if self.data else {}
        if self.verbose or self.quiet:
            found["log_level"] = ("DEBUG", "--verbose") if self.verbose else ("ERROR", "--quiet")
        return found


_NAMES = {"data": DataOption, "quiet": QuietOption, "verbose": VerboseOption, "log_file": LogFileOption}
#: The options of the command that is running.
_current: ContextVar[Common] = ContextVar("common", default=Common())  # noqa: B039 - it is frozen


def common() -> Common:
    """Return the common options of the command that is running."""
    return _current.get()


def with_common_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return the command with the common options added to its own."""
    signature = inspect.signature(command)

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        given = Common(**{name: options.pop(name) for name in _NAMES})
        token = _current.set(given.over(common()))
        try:
            return command(*arguments, **options)
        finally:
            _current.reset(token)

    added = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, annotation=type_, default=getattr(Common(), name)
        )
        for name, type_ in _NAMES.items()
    ]
    run.__signature__ = signature.replace(parameters=[*signature.parameters.values(), *added])  # type: ignore[attr-defined]
    run.__annotations__ = {**command.__annotations__, **_NAMES}
    return run


def read_settings(*, warn: bool = True) -> "Settings":
    """Return the settings of this process, with the common options over them; set up its log.

    With `warn` prints a warning for each variable that is no setting. Raises SettingsError for an invalid value, and OSError if the file
    for the log cannot be written.
    """
    from workers.logs import set_up_logging
    from workers.settings import load_settings

    options = common()
    if options.quiet and options.verbose:
        raise UserError("--quiet and --verbose contradict each other. Give one of them.")
    settings = load_settings(**{name: value for name, (value, _) in options.settings().items()})
    set_up_logging(settings, options.log_file)
    if warn and not options.quiet:
        _warn_of_unknown()
    return settings


def _warn_of_unknown() -> None:
    """Print a warning for each `NEWSMILL_` variable that is not a setting."""
    from workers.output.printable import printable
    from workers.unknown_settings import warnings

    for warning in warnings(os.environ, Path(".env")):
        typer.echo(f"newsmill: warning: {printable(warning)}", err=True)


def set_common(**given: Any) -> None:
    """Note the common options that stand before the command."""
    _current.set(Common(**given))
