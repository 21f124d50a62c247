"""Change what is said of a host: in the store, which keeps it, and in Redis, where workers and schedulers see it."""

from dataclasses import dataclass

import msgspec

from tasks.hosts import HostList, HostRule, Said
from workers.ledger.frontier import Frontier
from workers.settings import Settings
from workers.store.store import Store


@dataclass(frozen=True, slots=True)
class Change:
    """What a command has done to the rule of a name."""

    name: str
    #: What commands say of it now; None for nothing.
    rule: HostRule | None
    #: Whether that is new.
    is_new: bool
    #: By which rule it is denied or paused all the same, besides its own.
    denies: Said | None
    pauses: Said | None


def say(frontier: Frontier, store: Store, settings: Settings, name: str, rule: HostRule | None) -> Change:
    """Keep what a command says of a name, None for nothing any more. Raises redis.RedisError, sqlalchemy.exc.DBAPIError.

    The store comes first: if Redis cannot be reached then, a scheduler that starts does the rest.
    """
    before = frontier.host_rules.read()
    was = before.commands.get(name)
    is_new = _meaning(was) != _meaning(rule)
    store.host_rules.put(name, None if rule is None else msgspec.json.encode(rule).decode())
    frontier.host_rules.say(name, rule, settings.host_concurrency)
    others = {known: one for known, one in before.commands.items() if known != name}
    rest = HostList(others, before.file)
    return Change(name, rule, is_new, rest.denies(name), rest.pauses(name))


def _meaning(rule: HostRule | None) -> HostRule | None:
    """Return a rule without when it was said."""
    return None if rule is None else msgspec.structs.replace(rule, since=0)
