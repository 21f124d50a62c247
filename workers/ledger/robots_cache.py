"""robots.txt files in Redis: one fetch a host, however many workers ask; each worker keeps those of the last minute.

They are compressed, and have a share of Redis's memory (lua/robots_put.lua): a site with any number of host names costs other
sites' files at most, which are fetched again.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import zstandard
from redis.exceptions import LockError

from tasks.fetch.robots import MOST_BYTES, MemoryRobotsCache
from workers.ledger.redis_client import RedisClient
from workers.ledger.scripts import Scripts

#: Seconds that a worker keeps a robots.txt without asking Redis again: pages of one host come in a row.
ROBOTS_AT_HAND = 60.0
#: Seconds between two looks at whether somebody else's fetch is over.
_LOOK_EVERY = 0.05
#: Files that a worker keeps at hand, and the longest: 8 MB at most.
_MOST_AT_HAND, _LONGEST_AT_HAND = 500, 16_384


class RobotsCache:
    """tasks.fetch.RobotsCache in Redis."""

    def __init__(self, redis: RedisClient, prefix: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._run = Scripts(redis, prefix).run
        self._locks = prefix + "robots:lock:"
        self._at_hand = MemoryRobotsCache(clock, _MOST_AT_HAND)

    def get(self, origin: str) -> str | None:
        """Return the cached file of `origin` (scheme://host:port), None where there is none."""
        text = self._at_hand.get(origin)
        if text is not None:
            return text
        packed, left = self._run("robots_get", origin)
        text = _unpacked(packed)
        if text is not None:
            self._keep(origin, text, min(left / 1000, ROBOTS_AT_HAND))
        return text

    def put(self, origin: str, text: str, seconds: float) -> None:
        """Cache the file of `origin` for so many seconds."""
        # Level 1: 504 KB of rules that count up take 9 KB and 1 ms.
        packed = zstandard.ZstdCompressor(1).compress(text.encode("utf-8", "replace"))
        self._run("robots_put", origin, packed, round(seconds * 1000))
        self._keep(origin, text, min(seconds, ROBOTS_AT_HAND))

    def _keep(self, origin: str, text: str, seconds: float) -> None:
        if len(text) <= _LONGEST_AT_HAND:
            self._at_hand.put(origin, text, seconds)

    @contextmanager
    def fetching(self, origin: str, seconds: float) -> Iterator[bool]:
        """Yield True to the one who is to fetch the file; False to the others once that is over.

        A worker that dies over it holds the others up for `seconds` at most.
        """
        key = self._locks + origin
        lock = self._redis.lock(key, timeout=seconds, thread_local=False)
        mine = lock.acquire(blocking=False)
        if not mine:
            gives_up = time.monotonic() + seconds
            while self._redis.exists(key) and time.monotonic() < gives_up:
                time.sleep(_LOOK_EVERY)
        try:
            yield mine
        finally:
            if mine:
                with suppress(LockError):  # it has run out meanwhile
                    lock.release()


def _unpacked(packed: bytes | None) -> str | None:
    """Return the text of a file; None for what is none, or for one that is larger than any that newsmill keeps."""
    if not packed:
        return None
    try:
        if zstandard.get_frame_parameters(packed).content_size > 2 * MOST_BYTES:
            return None
        return zstandard.decompress(packed).decode("utf-8", "replace")
    except zstandard.ZstdError:
        return None
