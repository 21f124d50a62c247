"""robots.txt files in Redis: one fetch a host, however many workers ask."""

from workers.redis_client import RedisClient


class RobotsCache:
    """tasks.fetch.RobotsCache in Redis."""

    def __init__(self, redis: RedisClient, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix + "robots:"

    def get(self, origin: str) -> str | None:
        """Return the cached file of `origin` (scheme://host:port), None where there is none."""
        text = self._redis.get(self._prefix + origin)
        return None if text is None else str(text, "utf-8", "replace")

    def put(self, origin: str, text: str, seconds: float) -> None:
        """Cache the file of `origin` for so many seconds."""
        self._redis.set(self._prefix + origin, text, px=round(seconds * 1000))
