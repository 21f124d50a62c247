"""Which content belongs to which article: first come, first owner, in one atomic script."""

from collections.abc import Callable

from tasks.article import Article
from workers.redis_client import RedisClient

#: KEYS: bucket, prefix of `seen`. ARGV: field, claimer, owner to replace or ''. Returns the owner: the claimer where
#: it owns the content now or already. An owner that ended as failed or rejected, or whose own content turned out to
#: be another's, has no row with this content: its claim is vacant.
_CLAIM = """
local owner = redis.call('HGET', KEYS[1], ARGV[1])
if owner and owner ~= ARGV[2] and owner ~= ARGV[3] then
  local state = redis.call('HGET', KEYS[2] .. string.sub(owner, 1, 2), string.sub(owner, 3))
  if state ~= 'x' and state ~= 'r' and state ~= 'd' then return owner end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return ARGV[2]
"""
#: Compare and delete, so that only the owner gives a content up.
_RELEASE = """
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0
"""


class ContentIndex:
    """tasks.dedupe.ContentIndex in Redis: 27 bytes a content, in 65,536 hashes that stay listpacks."""

    def __init__(self, redis: RedisClient, prefix: str, url_of: Callable[[str], str | None]) -> None:
        self._prefix = prefix.encode() + b"content:"
        self._seen = prefix.encode() + b"seen:"
        self._url_of = url_of
        self._claim = redis.register_script(_CLAIM)
        self._release = redis.register_script(_RELEASE)

    def claim(self, content_id: str, article: Article) -> str | None:
        """Claim a content; None where this article owns it (a redelivery too), else the owner's URL.

        An owner that nobody knows a URL of waits to be done again, and has no row: its claim is taken over.
        """
        mine = bytes.fromhex(article.id)
        owner = self._claim_over(content_id, mine, b"")
        while owner != mine:
            url = self._url_of(owner.hex())
            if url is not None:
                return url
            owner = self._claim_over(content_id, mine, owner)
        return None

    def release(self, content_id: str, article: Article) -> bool:
        """Give a content up, if this article owns it."""
        key, field = self._place(content_id)
        return bool(self._release(keys=[key], args=[field, bytes.fromhex(article.id)]))

    def _claim_over(self, content_id: str, mine: bytes, other: bytes) -> bytes:
        key, field = self._place(content_id)
        owner: bytes = self._claim(keys=[key, self._seen], args=[field, mine, other])
        return owner

    def _place(self, content_id: str) -> tuple[bytes, bytes]:
        raw = bytes.fromhex(content_id)
        return self._prefix + raw[:2], raw[2:]
