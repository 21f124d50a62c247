"""`newsmill hosts`: what an operator says of hosts."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.advice import print_note
from workers.cli.common import read_settings
from workers.cli.options import JsonOption, argument, option
from workers.cli.streams import nothing, print_json, show
from workers.errors import UserError

if TYPE_CHECKING:
    from tasks.hosts import HostRule
    from workers.inspect.host_rules import Change

HostArgument = Annotated[
    str,
    argument(
        "A host, which stands for those below it, too; one with a port; or a URL of it.", metavar="host"
    ),
]
NoteOption = Annotated[
    str, option("Why, for people: it is in `hosts list`, `why` and the rows.", "--note", metavar="text")
]


def hosts_list(*, json: JsonOption = False) -> None:
    """Show what commands and the file of hosts (NEWSMILL_HOSTS_FILE) say of hosts.

    The exit code is 1 if they say nothing.

    Example: `newsmill hosts list`
    """
    from workers.cli.tables import host_rules
    from workers.inspect.connections import frontier_on
    from workers.local.folder_redis import ledger_to_read

    settings = read_settings()
    with ledger_to_read(settings) as client:
        found = list(frontier_on(client, settings).host_rules.read())
    if json:
        print_json([said.as_json() for said in found])
    elif found:
        show(host_rules(found))
    if not found:
        nothing("No host has a rule.")


def hosts_pause(host: HostArgument, *, note: NoteOption = "", json: JsonOption = False) -> None:
    """Let the URLs of a host wait: nothing more is asked of it until `newsmill hosts resume`.

    All workers and schedulers know it within seconds. It lifts an earlier `hosts deny`.

    Example: `newsmill hosts pause example.com --note "asked us to wait until Monday"`
    """
    from tasks.hosts import HostRule

    change = _say(host, HostRule(pause=True, note=_checked(note)))
    _print(change, f"Paused {change.name} and the hosts below it. Their URLs wait.", as_json=json)


def hosts_deny(host: HostArgument, *, note: NoteOption = "", json: JsonOption = False) -> None:
    """Leave a host alone for good: its URLs end as rejected(host_denied), those that wait and those that come.

    Redirects that lead there do, too. All workers and schedulers know it within seconds.

    Example: `newsmill hosts deny example.com --note "asked us to stop, 29 November"`
    """
    from tasks.hosts import HostRule

    change = _say(host, HostRule(deny=True, note=_checked(note)))
    _print(
        change,
        f"Denied {change.name} and the hosts below it. Their URLs end as rejected(host_denied).",
        as_json=json,
    )


def hosts_resume(host: HostArgument, *, json: JsonOption = False) -> None:
    """Undo `hosts pause` and `hosts deny` of a host.

    The exit code is 1 if there was nothing to undo, or if the file or a rule for a domain still holds the host back. What was rejected
    comes back with `newsmill submit --again`.

    Example: `newsmill hosts resume example.com`
    """
    change = _say(host, None)
    _print(change, f"Resumed {change.name}." if change.is_new else "", as_json=json)
    by = change.denies or change.pauses
    if by:
        how = "Edit that file" if by.in_file else f"Try `newsmill hosts resume {by.name}`"
        nothing(f"{by.words('denied' if change.denies else 'paused')}. {how}.")
    elif not change.is_new:
        nothing(f"{change.name} was neither paused nor denied.")


def _say(host: str, rule: "HostRule | None") -> "Change":
    import msgspec

    from workers.hosts_file import host_name
    from workers.inspect.connections import frontier_on
    from workers.inspect.host_rules import say
    from workers.ledger.pair import pair
    from workers.local.folder_redis import ledger_to_write, own_redis
    from workers.store.store import open_store

    settings = read_settings()
    try:
        name = host_name(host)
    except ValueError as error:
        raise UserError(f"{error}.") from None
    with (
        ledger_to_write(settings) as client,
        open_store(settings.database_url.get_secret_value()) as store,
    ):
        frontier = frontier_on(client, settings)
        frontier.check_version()
        print_note(pair(client, settings, store, take_over=False, folder=own_redis(settings)))
        if rule is not None:
            rule = msgspec.structs.replace(rule, since=frontier.snapshot().now)
        return say(frontier, store, settings, name, rule)


def _checked(note: str) -> str:
    from workers.hosts_file import LONGEST_NOTE

    note = " ".join(note.split())
    if len(note) > LONGEST_NOTE:
        raise UserError(f"--note has more than {LONGEST_NOTE} characters.")
    return note


def _print(change: "Change", words: str, *, as_json: bool) -> None:
    from tasks.hosts import HostRule, Said

    if as_json:
        said = Said(change.name, change.rule or HostRule(), in_file=False)
        held = {
            "denied_by": change.denies and change.denies.name,
            "paused_by": change.pauses and change.pauses.name,
        }
        print_json({**said.as_json(), "changed": change.is_new, **held})
    elif words:
        typer.echo(words)
