"""robots.txt files in Redis: one fetch a host, however many workers ask."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis.exceptions import LockError

from workers.redis_client import RedisClient

#: Seconds between two looks at whether somebody else's fetch is over.
_LOOK_EVERY = 0.05


class RobotsCache:
    """tasks.fetch.RobotsCache in Redis."""

    def __init__(self, redis: RedisClient, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix + "robots:"
        self._locks = prefix + "robots:lock:"

    def get(self, origin: str) -> str | None:
        """Return the cached file of `origin` (scheme://host:port), None where there is none."""
        text = self._redis.get(self._prefix + origin)
        return None if text is None else str(text, "utf-8", "replace")

    def put(self, origin: str, text: str, seconds: float) -> None:
        """Cache the file of `origin` for so many seconds."""
        self._redis.set(self._prefix + origin, text, px=round(seconds * 1000))

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
