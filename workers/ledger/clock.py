"""Redis's clock, for the times that are stored: one for all workers, whatever their own clocks say."""

import time

from redis.exceptions import RedisError

from workers.ledger.redis_client import RedisClient

#: Seconds between two looks at Redis's clock; computers' clocks drift by less than 10 ms in that time.
_LOOK_EVERY = 60.0


class RedisClock:
    """Redis's time, from this process's monotonic clock and a look at Redis's once a minute. Thread-safe."""

    def __init__(self, redis: RedisClient) -> None:
        self._redis = redis
        #: Redis's time less the monotonic clock's, and when that was found.
        self._ahead: tuple[float, float] | None = None

    def time(self) -> float:
        """Return Redis's time in seconds since the epoch; that of this machine where Redis has never answered."""
        now = time.monotonic()
        ahead = self._ahead
        if ahead is None or now - ahead[1] > _LOOK_EVERY:
            try:
                seconds, microseconds = self._redis.time()
            except RedisError:
                return time.time() if ahead is None else now + ahead[0]
            now = time.monotonic()
            ahead = self._ahead = (seconds + microseconds / 1e6 - now, now)
        return now + ahead[0]
