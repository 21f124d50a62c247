"""Questions to the ledger that change nothing: what is leased, where one URL is, how much there is of what."""

from collections.abc import Iterator
from typing import Any

import msgspec

from tasks.article import ID_BYTES, Article
from workers.ledger.entries import LETTERS, Entry, Lease, Priority, Snapshot, State
from workers.ledger.host_rules import HostRules
from workers.ledger.redis_client import RedisClient
from workers.ledger.scripts import Scripts
from workers.ledger.walls import Walls

#: Entries of a queue read at once.
_CHUNK = 1000


class Lookups:
    """The frontier's questions. Each may raise redis.RedisError."""

    def __init__(self, redis: RedisClient, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self._scripts = Scripts(redis, prefix)
        self._run = self._scripts.run
        #: The hosts that give walls instead of pages.
        self.walls = Walls(redis, prefix)
        #: What an operator says of hosts.
        self.host_rules = HostRules(redis, prefix)

    def expired(self) -> list[Lease]:
        """Return the leases that have run out."""
        now = self._now()
        ids = self._redis.zrangebyscore(self._prefix + "leases", "-inf", now, start=0, num=1000)
        if not ids:
            return []
        texts = self._redis.hmget(self._prefix + "flight", ids)
        return list(leases_in([part for pair in zip(ids, texts, strict=True) if pair[1] for part in pair]))

    def leased(self) -> list[Lease]:
        """Return all leases."""
        flight = self._redis.hgetall(self._prefix + "flight")
        return list(leases_in([part for pair in flight.items() for part in pair]))

    def entry(self, article_id: str) -> Entry | None:
        """Return the entry of an article that is in flight or deferred, None for any other."""
        raw = bytes.fromhex(article_id)
        for key in ("flight", "deferred"):
            text = self._redis.hget(self._prefix + key, raw)
            if text:
                return entry_in(text)
        return None

    def state(self, article_id: str) -> State:
        """Return the state of an article."""
        raw = bytes.fromhex(article_id)
        letter = self._redis.hget(*seen_place(self._prefix.encode(), raw))
        if letter is None:
            return State.UNKNOWN
        text = letter.decode("ascii", "replace")
        return State(text) if text in set(State) else State.SETTLED

    def until(self, article_id: str) -> int | None:
        """Return when the article's lease or deferral ends, in milliseconds since the epoch; None without one."""
        raw = bytes.fromhex(article_id)
        for key in ("leases", "later"):
            score = self._redis.zscore(self._prefix + key, raw)
            if score is not None:
                return int(score)
        return None

    def position(self, article_id: str, host: str) -> tuple[int, Entry] | None:
        """Return how many URLs of its host are before a waiting one, and its entry; None if not found.

        Reads the first 100,000 of each priority, so it is for people who ask, not for programs.
        """
        raw = bytes.fromhex(article_id)
        before = 0
        for priority in Priority:
            key = f"{self._prefix}q:{int(priority)}:{host}"
            for start in range(0, 100_000, _CHUNK):
                entries = self._redis.lrange(key, start, start + _CHUNK - 1)
                for offset, entry in enumerate(entries):
                    if entry.startswith(raw) and (found := entry_in(entry[16:])):
                        return before + offset, found
                before += len(entries)
                if len(entries) < _CHUNK:
                    break
        return None

    def host_state(self, server: str) -> dict[str, int]:
        """Return `n` (in flight), `pace` and `due` (ms) of a server's host, with the server's pause, and its `fails` in a row."""
        host = server.removeprefix("https://")
        own, shared = self._hash(f"host:{server}"), self._hash(f"host:{host}")
        secure = self._hash(f"host:https://{host}")
        return {
            "n": _number(shared.get(b"n")) + _number(secure.get(b"n")),
            "pace": _number(shared.get(b"pace")),
            "due": max(_number(shared.get(b"due")), _number(own.get(b"pause"))),
            "fails": _number(own.get(b"fails")),
        }

    def snapshot(self) -> Snapshot:
        """Return the frontier in numbers, in one round trip."""
        flat, in_flight, minutes, later, clock = self._run("snapshot")
        counts = dict(zip(flat[::2], flat[1::2], strict=True))
        return Snapshot(
            waiting=_number(counts.get(b"waiting")),
            in_flight=in_flight,
            deferred=_number(counts.get(b"deferred")),
            outcomes={outcome: _number(counts.get(letter.encode())) for outcome, letter in LETTERS.items()},
            oldest=min((_number(minute) * 60_000 for minute in minutes), default=None),
            next_due=_number(later[1]) if later else None,
            now=_clock_ms((int(clock[0]), int(clock[1]))),
        )

    def kept(self) -> dict[str, float]:
        """Return what newsmill keeps and forgets at a limit, and which share of the limit it takes, 0 to 1."""
        robots, histories, idle, share, most_idle = self._run("kept")
        return {
            "robots": _number(robots) / share,
            "histories": _number(histories) / share,
            "idle_hosts": idle / most_idle,
        }

    def _hash(self, name: str) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = self._redis.hgetall(self._prefix + name)
        return found

    def _now(self) -> int:
        return _clock_ms(self._redis.time())


def seen_place(prefix: bytes, raw: bytes) -> tuple[bytes, bytes]:
    """Return the hash in Redis that has the state of the article with this id, and its field there (prelude.lua)."""
    return prefix + b"seen:" + bytes((raw[0], raw[1] & 0xFE)), raw[1:]


def _clock_ms(clock: tuple[int, int]) -> int:
    return clock[0] * 1000 + clock[1] // 1000


def leases_in(reply: list[bytes]) -> Iterator[Lease]:
    """Yield the leases in a reply of id, JSON, id, JSON, ...; what nobody can read is left out (reclaim.lua)."""
    for raw, text in zip(reply[::2], reply[1::2], strict=True):
        entry = entry_in(text)
        if entry is None or len(raw) != ID_BYTES:
            continue
        yield Lease(
            Article(
                id=raw.hex(),
                url=entry.url,
                extras=_extras(entry.src),
                submitted_at=entry.at / 1000,
                token=_number(entry.token),
                again=entry.again,
            ),
            entry,
        )


def entry_in(text: bytes) -> Entry | None:
    """Return the entry in a text, None for what is none: somebody else may write to this Redis, too."""
    try:
        return msgspec.json.decode(text, type=Entry)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _extras(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return {}


def _number(text: str | bytes | float | None) -> int:
    """Return a whole number that was kept, 0 for what is none."""
    try:
        return int(float(text or 0)) if not isinstance(text, (str, bytes)) else int(text)
    except (ValueError, OverflowError):
        return 0
