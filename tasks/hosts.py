"""What an operator says of hosts: which are left alone, which wait, how often each may be asked (docs/hosts.md).

A rule is for a name: that host, and those below it. A name with a port is for that port only. Of each field the longest name
that has it counts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import msgspec

from tasks.errors import Reason, Rejected, TryLater
from tasks.fetch.robots_match import Rules
from tasks.urls import host_of

#: Seconds until an article that was about to be asked for comes back to see whether its host still waits.
PAUSED_FOR = 60.0

_PORT = re.compile(r"(?<=.):[0-9]{1,5}\Z")
_ADDRESS = re.compile(r"\A(?:\[|[0-9.]++\Z)")


class HostRule(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is said of a name. None: nothing, so that a shorter name's value counts."""

    #: Its URLs end as rejected(host_denied); nothing is asked of it any more.
    deny: bool | None = None
    #: Its URLs wait.
    pause: bool | None = None
    #: Seconds between two requests, instead of NEWSMILL_HOST_INTERVAL. A longer Crawl-delay still counts.
    interval: float | None = None
    #: Articles in flight, instead of NEWSMILL_HOST_CONCURRENCY.
    concurrency: int | None = None
    #: Paths that are denied, written as those of a Disallow in robots.txt.
    paths: tuple[str, ...] | None = None
    #: Why, for people.
    note: str = ""
    #: When a command said so, in milliseconds since the epoch; 0 for what stands in a file.
    since: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """A rule, by which name it is for, and whether it stands in the file or a command has said so."""

    name: str
    rule: HostRule
    in_file: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON types; what is not said is null."""
        rule = self.rule
        return {
            "host": self.name,
            "deny": rule.deny,
            "pause": rule.pause,
            "interval": rule.interval,
            "concurrency": rule.concurrency,
            "paths": None if rule.paths is None else list(rule.paths),
            "note": rule.note or None,
            "from": "file" if self.in_file else "command",
        }

    def words(self, what: str) -> str:
        """Return a clause: who says that the host is denied, or paused."""
        by = (
            "the file of hosts"
            if self.in_file
            else f"`newsmill hosts {'deny' if what == 'denied' else 'pause'}`"
        )
        return f"{self.name} is {what} by {by}" + (f" ({self.rule.note})" if self.rule.note else "")


class Hosts(Protocol):
    """Says which URLs may be asked for at all."""

    def check(self, url: str) -> None:
        """Raise Rejected(HOST_DENIED) for a URL that is denied, TryLater(HOST_PAUSED) for one whose host waits."""


def names_of(host: str) -> Iterator[str]:
    """Yield the names whose rules are for a host (tasks/urls.py, `host_of`), the longest first; as prelude.lua does."""
    yield host
    name = _PORT.sub("", host)
    if name != host:
        yield name
    while not _ADDRESS.match(name):
        _, dot, name = name.partition(".")
        if not dot or not name:
            return
        yield name


class HostList:
    """Rules by name: those of commands, and those of the file; of one name what a command says comes first."""

    def __init__(
        self, commands: Mapping[str, HostRule] | None = None, file: Mapping[str, HostRule] | None = None
    ) -> None:
        self.commands = commands or {}
        self.file = file or {}

    def about(self, host: str) -> list[Said]:
        """Return the rules for a host; the first that has a field has its value."""
        return [
            Said(name, rules[name], in_file)
            for name in names_of(host)
            for rules, in_file in ((self.commands, False), (self.file, True))
            if name in rules
        ]

    def denies(self, host: str) -> Said | None:
        """Return by which rule a host is denied, None if it is not."""
        return _true(self.about(host), "deny")

    def pauses(self, host: str) -> Said | None:
        """Return by which rule a host waits, None if it does not."""
        return _true(self.about(host), "pause")

    def check(self, url: str) -> None:
        """Raise Rejected(HOST_DENIED) for a URL that is denied, TryLater(HOST_PAUSED) for one whose host waits."""
        if not self.commands and not self.file:
            return
        about = self.about(host_of(url))
        denies = _true(about, "deny")
        if denies:
            raise Rejected(Reason.HOST_DENIED, f"{denies.words('denied')}.")
        paths = next((said for said in about if said.rule.paths is not None), None)
        if paths and not _paths(paths.rule.paths or ()).allow(url):
            raise Rejected(
                Reason.HOST_DENIED, f"The paths of {paths.name} that are denied have that of {url}."
            )
        pauses = _true(about, "pause")
        if pauses:
            raise TryLater(Reason.HOST_PAUSED, f"{pauses.words('paused')}.", after=PAUSED_FOR)

    def __iter__(self) -> Iterator[Said]:
        """Yield all rules, by name, those of commands before those of the file."""
        all_ = [Said(name, rule, False) for name, rule in self.commands.items()]
        all_ += [Said(name, rule, True) for name, rule in self.file.items()]
        return iter(sorted(all_, key=lambda said: (said.name, said.in_file)))


def _true(about: Iterable[Said], field: str) -> Said | None:
    first: tuple[Any, Said] | None = next(
        ((value, said) for said in about if (value := getattr(said.rule, field)) is not None), None
    )
    return first[1] if first and first[0] else None


@lru_cache(1000)
def _paths(paths: tuple[str, ...]) -> Rules:
    return Rules("".join(f"Disallow: {path}\n" for path in paths))
