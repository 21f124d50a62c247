"""`newsmill settings`: every setting."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from workers.cli.common import common, read_settings
from workers.cli.options import JsonOption
from workers.cli.streams import print_json, show


def settings(*, json: JsonOption = False) -> None:
    """List every setting as a line for `.env`, with its meaning and where its value comes from.

    A setting that has its default is commented out, as is a URL, whose password is hidden.

    Example: `NEWSMILL_MAX_IN_FLIGHT=500 newsmill settings`
    """
    from workers.cli.settings_list import describe, settings_list

    options = {name: option for name, (_, option) in common().settings().items()}
    described = describe(read_settings(), options)
    if json:
        print_json([one._asdict() for one in described])
    else:
        show(*settings_list(described))
