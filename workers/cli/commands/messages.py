"""`newsmill messages`: messages that nobody could read."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from typing import Annotated

from workers.cli.common import read_settings
from workers.cli.options import JsonOption, option
from workers.cli.streams import nothing, print_json, show


def messages(
    *,
    forget: Annotated[bool, option("Delete those that are shown.", "--forget")] = False,
    json: JsonOption = False,
) -> None:
    """Show the invalid messages: what stood in a queue, or in the ledger, and nobody could read.

    They were taken out, and the newest 100 are kept, 4 KB of each. Articles that had one come back with their leases. The
    exit code is 1 if there are none.

    Example: `newsmill messages --json`
    """
    from workers.cli.tables import invalid_messages
    from workers.ledger.invalid import InvalidMessages
    from workers.local.folder_redis import ledger_to_read, ledger_to_write

    settings = read_settings()
    with (ledger_to_write if forget else ledger_to_read)(settings) as client:
        invalid = InvalidMessages(client, settings.key_prefix)
        found = invalid.kept()
        if json:
            print_json([one.as_json() for one in found])
        elif found:
            show(invalid_messages(found))
        if forget:
            invalid.forget()
    if not found:
        nothing("No invalid messages.")
