"""What an operator says of hosts, in Redis: so that all workers and schedulers know it within seconds (tasks/hosts.py).

Scripts of the ledger read the same hashes: denied URLs are claimed at once and end in a worker, paused ones stay in their queue.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice

import msgspec

from tasks.hosts import HostList, HostRule, names_of
from workers.ledger.redis_client import RedisClient
from workers.ledger.scripts import Scripts

#: Seconds that a worker works with the rules that it has read.
AT_HAND = 1.0
#: Names in one script.
_BATCH = 1000


class HostRules:
    """The rules of a ledger. Thread-safe; each call may raise redis.RedisError."""

    def __init__(self, redis: RedisClient, prefix: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._prefix = prefix
        self._keys = f"{prefix}hosts:"
        self._run = Scripts(redis, prefix).run
        self._clock = clock
        #: The rules at hand, their stamp, and until when nobody asks for a newer one.
        self._known: tuple[HostList, bytes | None, float] = (HostList(), None, float("-inf"))

    def check(self, url: str) -> None:
        """Raise Rejected(HOST_DENIED) or TryLater(HOST_PAUSED); what the operator says is known within a second."""
        known, stamp, until = self._known
        now = self._clock()
        if now >= until:
            newest = self._redis.get(f"{self._keys}stamp")
            if newest != stamp:
                known = self.read()
            self._known = known, newest, now + AT_HAND
        known.check(url)

    def read(self) -> HostList:
        """Return all rules."""
        return HostList(self._read("set"), self._read("file"))

    def say(self, name: str, rule: HostRule | None, concurrency: int) -> None:
        """Keep what a command says of a name, None for nothing any more."""
        self._write("set", {name: rule})
        self._wake([name], concurrency)

    def copy(self, which: str, rules: Mapping[str, HostRule], mark: str, concurrency: int) -> None:
        """Replace the rules of commands (`set`) or of the file (`file`), and note by `mark` what they are a copy of."""
        self._write(which, rules, mark=mark)
        self._wake([name for name, rule in rules.items() if rule.deny], concurrency)

    def marks(self) -> tuple[str | None, str | None]:
        """Return what was copied: of the commands' rules, and of the file."""
        found = self._redis.mget(f"{self._keys}mark:set", f"{self._keys}mark:file")
        ours, file = (None if one is None else one.decode("utf-8", "replace") for one in found)
        return ours, file

    def note_trouble(self, why: str | None) -> None:
        """Note why the file is not read, None if it is."""
        key = f"{self._keys}trouble"
        if why is None:
            self._redis.delete(key)
        else:
            self._redis.set(key, why)

    def trouble(self) -> str | None:
        """Return why the file is not read."""
        why: bytes | None = self._redis.get(f"{self._keys}trouble")
        return None if why is None else why.decode("utf-8", "replace")

    def _read(self, which: str) -> dict[str, HostRule]:
        found: dict[bytes, bytes] = self._redis.hgetall(self._keys + which)
        rules = {name.decode("utf-8", "replace"): _rule(text) for name, text in found.items()}
        return {name: rule for name, rule in rules.items() if rule is not None}

    def _write(self, which: str, rules: Mapping[str, HostRule | None], *, mark: str | None = None) -> None:
        replaces = "0" if mark is None else "1"
        items = list(rules.items())
        for start in range(0, max(len(items), 1), _BATCH):
            batch = items[start : start + _BATCH]
            last = start + _BATCH >= len(items)
            flat = [part for name, rule in batch for part in (name, _text(rule))]
            self._run("hosts", which, replaces if start == 0 else "0", mark if mark and last else "", *flat)

    def _wake(self, names: Collection[str], concurrency: int) -> None:
        """Let the scheduler look anew at the hosts of these names that have waiting URLs."""
        wanted = set(names)
        covered = {
            server
            for server in (self._servers() if wanted else ())
            if not wanted.isdisjoint(names_of(_host(server)))
        }
        for batch in _batches(covered):
            self._run("wake", concurrency, *batch)

    def _servers(self) -> Iterator[str]:
        """Yield the servers that may have waiting URLs: those that have a time, and those at their concurrency."""
        for priority in range(3):
            for server, _ in self._redis.zscan_iter(f"{self._prefix}ready:{priority}", count=1000):
                yield server.decode("utf-8", "replace")
        for _, text in self._redis.hscan_iter(f"{self._prefix}flight", count=1000):
            with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                yield msgspec.json.decode(text, type=_Leased).host


def _batches(servers: Iterable[str]) -> Iterator[list[str]]:
    left = iter(servers)
    while batch := list(islice(left, _BATCH)):
        yield batch


class _Leased(msgspec.Struct):
    """What is read of an article in flight."""

    host: str = ""


def _host(server: str) -> str:
    return server.removeprefix("https://")


def _text(rule: HostRule | None) -> bytes:
    return b"" if rule is None else msgspec.json.encode(rule)


def _rule(text: bytes) -> HostRule | None:
    """Return the rule in a text, None for what is none: somebody else may write to this Redis, too."""
    try:
        return msgspec.json.decode(text, type=HostRule)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
