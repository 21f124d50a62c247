"""NEWSMILL_HOSTS_FILE: what an operator says of hosts, in TOML (docs/hosts.md)."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from tasks.hosts import HostRule
from tasks.urls import host_of, request_url
from workers.errors import UserError

#: Most bytes of a file: some 10,000 rules.
LARGEST = 1_000_000
#: Most names: all of them are in Redis, and in each worker.
MOST_NAMES = 20_000
#: Longest interval, in seconds: that of a Crawl-delay.
LONGEST_INTERVAL = 86_400
#: Most articles of one host in flight.
MOST_CONCURRENCY = 1000
#: Most characters of a note: each row of a denied host has it.
LONGEST_NOTE = 200

_MEANS = "deny, pause (true or false), interval (seconds), concurrency (a whole number), paths (a list), note (a text)"


class HostsFileError(UserError):
    """The file cannot be used; the message says where and why."""


def host_name(text: str) -> str:
    """Return the name of a rule: of a host, one with a port, or a URL; `*.` in front of it means nothing more.

    Raises ValueError, with a sentence about the text, for what has no host, and for a path without a scheme.
    """
    text = text.strip()
    whole = text if "://" in text else f"http://{text.removeprefix('*').removeprefix('.')}"
    try:
        url = request_url(whole)
    except ValueError as error:
        raise ValueError(f"{text} {error}") from None
    # Both schemes share the rules of a host, so 443 is the host itself, as 80 is.
    host = host_of(url).removesuffix(":443")
    if "://" not in text and "@" in text:
        raise ValueError(f"{text} contains a user")
    if "://" not in text and url.partition("://")[2].partition("/")[2]:
        raise ValueError(
            f"{text} is not a host: a rule is for a host, and its `paths` are for what lies there"
        )
    return host


def read_hosts_file(path: Path) -> tuple[dict[str, HostRule], str]:
    """Return the rules in a file, by name, and a digest of what it holds. Raises HostsFileError."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise HostsFileError(f"{path}: {error.strerror}.") from error
    if len(content) > LARGEST:
        raise HostsFileError(f"{path} has more than {LARGEST:,} bytes.")
    try:
        tables = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HostsFileError(f"{path} is not TOML: {error}.") from error
    if len(tables) > MOST_NAMES:
        raise HostsFileError(f"{path} has more than {MOST_NAMES:,} names.")
    rules: dict[str, HostRule] = {}
    for given, table in tables.items():
        try:
            name, rule = host_name(given), _rule(table)
        except ValueError as error:
            raise HostsFileError(f"{path}, [{given!r}]: {error}.") from error
        if name in rules:
            raise HostsFileError(f"{path}: {name} stands there twice.")
        rules[name] = rule
    return rules, hashlib.sha256(content).hexdigest()


def _rule(table: Any) -> HostRule:
    if not isinstance(table, dict):
        raise ValueError('a rule is a table: ["example.com"], then deny = true')  # noqa: TRY004 - one error for the file
    unknown = table.keys() - {"deny", "pause", "interval", "concurrency", "paths", "note"}
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} means nothing; known are {_MEANS}")
    try:
        rule = msgspec.convert(table, HostRule)
    except msgspec.ValidationError as error:
        raise ValueError(f"{error}; known are {_MEANS}") from None
    if rule.interval is not None and not 0 <= rule.interval <= LONGEST_INTERVAL:
        raise ValueError(f"interval is 0 to {LONGEST_INTERVAL} seconds")
    if rule.concurrency is not None and not 1 <= rule.concurrency <= MOST_CONCURRENCY:
        raise ValueError(f"concurrency is 1 to {MOST_CONCURRENCY}")
    if len(rule.note) > LONGEST_NOTE:
        raise ValueError(f"note has more than {LONGEST_NOTE} characters")
    for path in rule.paths or ():
        if not path.startswith(("/", "*")) or not path.isprintable():
            raise ValueError(f"{path!r} is not a path: it begins with / or *")
    return rule
