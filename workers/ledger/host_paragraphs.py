"""Which paragraphs a host has had in how many of its stories, in Redis. lua/contents/paragraphs.lua has the keys, and counts.

Bounded, and a help only: 400 paragraphs of a host, of 5,000 hosts, for two weeks after a host's last story: 4 KB a host, 21 MB in all. What is forgotten, or lost with a Redis, is counted from the beginning.
"""

from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

from redis.commands.core import Script

from tasks.dedupe.repeated import KEY_BYTES, STORIES
from workers.ledger.redis_client import RedisClient

_LUA = Path(__file__).parent / "lua/contents/paragraphs.lua"
#: Bytes of an article's id by which a paragraph knows it again, and of an entry: key and STORIES marks.
_MARK_BYTES = 2
_ENTRY_BYTES = KEY_BYTES + STORIES * _MARK_BYTES


class HostParagraphs:
    """Counts the stories of a host that have a paragraph. Each call may raise redis.RedisError."""

    def __init__(self, servers: Sequence[RedisClient], prefix: bytes) -> None:
        """`servers` are those of the contents; each host is on one of them."""
        source = _LUA.read_text("utf-8")
        self._prefix = prefix
        self._servers = [(server, server.register_script(source)) for server in servers]

    def repeated(self, host: str, keys: Sequence[bytes]) -> frozenset[bytes]:
        """Return which of the paragraphs STORIES stories of the host have had (tasks/dedupe/repeated.py)."""
        name = _name(host)
        entries = self._server(name)[0].get(self._prefix + b"paragraphs:" + name) if keys else None
        # Somebody else may write to this Redis, too.
        if not entries or len(entries) % _ENTRY_BYTES:
            return frozenset()
        return frozenset(key for key in keys if _is_full(entries, key))

    def note(self, host: str, keys: Sequence[bytes], story: bytes) -> None:
        """Count a story with these paragraphs, by its article's id; once, however often it is noted."""
        if keys:
            name = _name(host)
            args = [name, b"".join(keys), story[:_MARK_BYTES]]
            self._server(name)[1](keys=[self._prefix], args=args)

    def _server(self, name: bytes) -> tuple[RedisClient, Script]:
        return self._servers[crc32(name) % len(self._servers)]


def _name(host: str) -> bytes:
    return host.encode("utf-8", "surrogatepass")


def _is_full(entries: bytes, key: bytes) -> bool:
    """Return whether a paragraph's entry has all of its marks."""
    at = entries.find(key)
    while at % _ENTRY_BYTES and at != -1:
        at = entries.find(key, at + 1)
    end = at + _ENTRY_BYTES
    return at != -1 and any(entries[end - _MARK_BYTES : end])
