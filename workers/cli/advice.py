"""What commands say of the ledger that they work with: whose it is, and how to go on."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from contextlib import suppress
from typing import TYPE_CHECKING

from workers.cli.streams import say

if TYPE_CHECKING:
    from workers.ledger.pair import Pair
    from workers.ledger.redis_client import RedisClient
    from workers.settings import Settings
    from workers.store.store import Store


def print_note(pair: "Pair") -> None:
    """Print what the user should know of how ledger and store came together."""
    if pair.note:
        say(f"newsmill: {pair.note}")


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
        say(f"Process them: {run}")


def warn_of_foreign(client: "RedisClient", settings: "Settings", store: "Store") -> None:
    """Print a warning if the ledger belongs to another store; say nothing where a server does not answer."""
    from redis.exceptions import RedisError
    from sqlalchemy.exc import DBAPIError

    from workers.ledger.pair import foreign
    from workers.local.folder_redis import own_redis

    with suppress(RedisError, DBAPIError):
        line = foreign(client, settings, store, own_redis(settings))
        if line:
            say(f"newsmill: warning: {line}")
