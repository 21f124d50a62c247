"""`newsmill settings`: every setting."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from workers.cli.common import read_settings
from workers.cli.options import (
    JsonOption,
    print_json,
)


def settings(*, json: JsonOption = False) -> None:
    """List every setting: its value, where the value comes from, and its meaning. Passwords are masked.

    Example: `NEWSMILL_MAX_IN_FLIGHT=500 newsmill settings`
    """
    from rich.console import Console

    from workers.cli.settings_table import describe, settings_table

    described = describe(read_settings())
    if json:
        print_json([one._asdict() for one in described])
    else:
        Console().print(settings_table(described))
