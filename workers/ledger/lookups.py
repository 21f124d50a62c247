"""Questions to the ledger that change nothing: what is leased, where one URL is, how much there is of what."""

from collections.abc import Iterator

import msgspec

from tasks.article import Article
from workers.ledger.entries import LETTERS, Entry, Lease, Priority, Snapshot, State
from workers.ledger.redis_client import RedisClient
from workers.ledger.scripts import Scripts

#: Entries of a queue read at once.
_CHUNK = 1000


class Lookups:
    """The frontier's questions. Each may raise redis.RedisError."""

    def __init__(self, redis: RedisClient, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self._scripts = Scripts(redis, prefix)
        self._run = self._scripts.run

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
                return msgspec.json.decode(text, type=Entry)
        return None

    def state(self, article_id: str) -> State:
        """Return the state of an article."""
        raw = bytes.fromhex(article_id)
        letter = self._redis.hget(*seen_place(self._prefix.encode(), raw))
        if letter is None:
            return State.UNKNOWN
        text = letter.decode()
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
                    if entry.startswith(raw):
                        return before + offset, msgspec.json.decode(entry[16:], type=Entry)
                before += len(entries)
                if len(entries) < _CHUNK:
                    break
        return None

    def host_state(self, host: str) -> dict[str, int]:
        """Return the host's `n` (in flight), `due` (ms) and `fails` (in a row)."""
        raw = self._redis.hgetall(f"{self._prefix}host:{host}")
        return {name.decode(): int(value) for name, value in raw.items()}

    def snapshot(self) -> Snapshot:
        """Return the frontier in numbers, in one round trip."""
        flat, in_flight, minutes, later, clock = self._run("snapshot")
        counts = dict(zip(flat[::2], flat[1::2], strict=True))
        return Snapshot(
            waiting=int(counts.get(b"waiting", 0)),
            in_flight=in_flight,
            deferred=int(counts.get(b"deferred", 0)),
            outcomes={outcome: int(counts.get(letter.encode(), 0)) for outcome, letter in LETTERS.items()},
            oldest=min((int(minute) * 60_000 for minute in minutes), default=None),
            next_due=int(later[1]) if later else None,
            now=_clock_ms((int(clock[0]), int(clock[1]))),
        )

    def _now(self) -> int:
        return _clock_ms(self._redis.time())


def seen_place(prefix: bytes, raw: bytes) -> tuple[bytes, bytes]:
    """Return the hash in Redis that has the state of the article with this id, and its field there (prelude.lua)."""
    return prefix + b"seen:" + bytes((raw[0], raw[1] & 0xFE)), raw[1:]


def _clock_ms(clock: tuple[int, int]) -> int:
    return clock[0] * 1000 + clock[1] // 1000


def leases_in(reply: list[bytes]) -> Iterator[Lease]:
    """Yield the leases in a reply of id, JSON, id, JSON, ..."""
    for raw, text in zip(reply[::2], reply[1::2], strict=True):
        entry = msgspec.json.decode(text, type=Entry)
        yield Lease(
            Article(
                id=raw.hex(),
                url=entry.url,
                extras=msgspec.json.decode(entry.src),
                submitted_at=entry.at / 1000,
                token=int(entry.token or 0),
                again=entry.again,
            ),
            entry,
        )
