"""Pages and texts between two tasks: compressed, in Redis, under the article's id, with a time to live."""

from collections import deque

import msgspec
import zstandard

from tasks.article import Article
from workers.ledger.redis_client import RedisClient

#: Page and text.
_Body = tuple[bytes | None, str | None]
#: Bytes of the largest body that is unpacked: 30 times the largest page (NEWSMILL_MAX_BODY_BYTES, 3 MB by default).
LARGEST = 100_000_000


class BodyLostError(Exception):
    """The body is not in Redis any more; the article has to be fetched again."""


class Bodies:
    """Pages and texts that are too large for a message.

    The next task gets a body when it starts (start.lua). Settling the article deletes it (settle.lua).
    """

    def __init__(self, redis: RedisClient, prefix: str, ttl: int, largest: int = LARGEST) -> None:
        self._redis = redis
        self._largest = largest
        self._prefix = prefix.encode() + b"body:"
        self._ttl = ttl
        # Making a compressor takes 0.13 ms of 0.5, and up to 1 MB. One thread can use it at a time.
        self._compressors: deque[zstandard.ZstdCompressor] = deque(maxlen=2)

    def save(self, article: Article) -> None:
        """Store the article's page and text for its next task."""
        body = msgspec.msgpack.encode((article.html, article.text))
        self._redis.set(self._key(article), self._compress(body), ex=self._ttl)

    def unpack(self, article: Article, body: bytes | None) -> Article:
        """Return the article with the page and text that `save` stored; BodyLostError where there is no such body.

        Whatever else somebody has written there counts as lost, too, without being unpacked if it would be too large.
        """
        if body is None:
            raise BodyLostError(article.id)
        try:
            if zstandard.get_frame_parameters(body).content_size > self._largest:
                raise BodyLostError(article.id)
            html, text = msgspec.msgpack.decode(zstandard.decompress(body), type=_Body)
        except (zstandard.ZstdError, msgspec.MsgspecError) as error:
            raise BodyLostError(article.id) from error
        return article.evolve(html=html, text=text)

    def _compress(self, body: bytes) -> bytes:
        # Level 1: 174 KB to 36 KB in 0.4 ms; level 3 takes half as much again for 34 KB.
        try:
            compressor = self._compressors.pop()
        except IndexError:
            compressor = zstandard.ZstdCompressor(1)
        compressed = compressor.compress(body)
        self._compressors.append(compressor)
        return compressed

    def _key(self, article: Article) -> bytes:
        return self._prefix + bytes.fromhex(article.id)
