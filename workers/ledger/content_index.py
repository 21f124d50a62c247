"""Which content belongs to which article: first come, first owner, exact or near, in one atomic script.

On one Redis, a claim is one script (lua/contents/): of any number of workers one comes first. With several
(NEWSMILL_CONTENT_REDIS_URLS), a content's claim and each band have their server, and a claim visits them one
after the other; docs/duplicates.md says what that keeps and what it gives up.
"""
# ruff: noqa: PLC0415 - a fetch worker releases claims, but makes none: it can do without numpy, 15 MB

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.article import Article, Outcome
from workers.ledger.entries import LETTERS
from workers.ledger.frontier import seen_place
from workers.ledger.redis_client import RedisClient

if TYPE_CHECKING:
    from tasks.dedupe.minhash import Signature
    from tasks.dedupe.stage import Original

_LUA = Path(__file__).parent / "lua" / "contents"
#: Compare and delete, so that only the owner gives a content up. KEYS: bucket. ARGV: field, owner.
_RELEASE = """
local value = redis.call('HGET', KEYS[1], ARGV[1])
if value and string.sub(value, 1, 16) == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0
"""
#: States of an owner that has no row with its content: it failed, was rejected, or its own content is another's.
_WITHOUT_CONTENT = frozenset(
    LETTERS[one].encode() for one in (Outcome.FAILED, Outcome.REJECTED, Outcome.DUPLICATE)
)


class ContentIndex:
    """tasks.dedupe.ContentIndex in Redis: some 400 bytes an article, 70 of them for good."""

    def __init__(
        self,
        redis: RedisClient,
        prefix: str,
        url_of: Callable[[str], str | None],
        shards: Sequence[RedisClient] = (),
    ) -> None:
        self._redis = redis
        self._prefix = prefix.encode()
        self._url_of = url_of
        self._shards = [_Shard(client, self._prefix) for client in shards or [redis]]

    def claim(self, content: "Signature", article: Article) -> "Original | None":
        """Claim a content; None where this article owns it (a redelivery too), else whose duplicate it is.

        An original that ended without this content, or that nobody knows (it waits to be done again), is no
        original: what it had is taken over.
        """
        from tasks.dedupe.stage import Original

        mine, forget = bytes.fromhex(article.id), b""
        while True:
            found = self._ask(content, mine, forget)
            if found is None:
                return None
            original, score = found
            url = self._standing(original)
            if url is not None:
                return Original(url, score)
            forget += original

    def release(self, content_id: str, article: Article) -> bool:
        """Give a content up, if this article owns it; as a near original it is forgotten at the next meeting."""
        raw = bytes.fromhex(content_id)
        return self._home(raw).release(raw, bytes.fromhex(article.id))

    def _standing(self, owner: bytes) -> str | None:
        """Return the URL of an article that has, or will have, the content it claimed; None for any other."""
        state = self._redis.hget(*seen_place(self._prefix, owner))
        return None if state in _WITHOUT_CONTENT else self._url_of(owner.hex())

    def _ask(self, content: "Signature", mine: bytes, forget: bytes) -> tuple[bytes, float | None] | None:
        raw = bytes.fromhex(content.content_id)
        if len(self._shards) == 1:
            return _found(self._shards[0].run("all", mine, raw, content.bands, content.sketch, forget))
        home = self._home(raw)
        answer = home.run("claim", mine, raw, content.bands, content.sketch, forget)
        if answer[0] != b"open":
            return _found(answer)
        told, added = self._search(content, mine, forget)
        found = _found(home.run("close", mine, raw, b"", b"", b"", told))
        if found is not None:
            for shard, key, field in added:
                shard.redis.hdel(key, field)
        return found

    def _search(
        self, content: "Signature", mine: bytes, forget: bytes
    ) -> tuple[bytes, list[tuple["_Shard", bytes, int]]]:
        """Return the answer to an open claim, and where the article was added on the way to it.

        All articles visit the servers in one order, so that the first one that two share decides: whoever comes
        second there stops, and is not added.
        """
        added: list[tuple[_Shard, bytes, int]] = []
        for shard, bands in self._split(content.bands):
            answer, *rest = shard.run("search", mine, b"", bands, content.sketch, forget)
            if answer == b"near":
                return rest[0] + bytes([rest[1]]), added
            added.append((shard, rest[0], rest[1]))
        return b"", added

    def _home(self, content_id: bytes) -> "_Shard":
        return self._shards[int.from_bytes(content_id[-4:]) % len(self._shards)]

    def _split(self, bands: bytes) -> Iterator[tuple["_Shard", bytes]]:
        """Yield each server that has some of the bands, and those."""
        from tasks.dedupe.minhash import BAND_BYTES

        parts = [b""] * len(self._shards)
        for at in range(0, len(bands), BAND_BYTES):
            band = bands[at : at + BAND_BYTES]
            # Its last two bytes: the first four choose the hash.
            parts[int.from_bytes(band[-2:]) % len(parts)] += band
        return ((shard, part) for shard, part in zip(self._shards, parts, strict=True) if part)


class _Shard:
    """The scripts on one server."""

    def __init__(self, redis: RedisClient, prefix: bytes) -> None:
        self.redis = redis
        self._prefix = prefix
        self._claim = redis.register_script(
            "".join((_LUA / f"{one}.lua").read_text() for one in ("near", "claim"))
        )
        self._release = redis.register_script(_RELEASE)

    def run(self, part: str, *args: bytes) -> list[Any]:
        """Run a part of claim.lua with the arguments after the part's name; the answer is optional."""
        answer: list[Any] = self._claim(keys=[self._prefix], args=[part, *args, *[b""] * (6 - len(args))])
        return answer

    def release(self, content_id: bytes, owner: bytes) -> bool:
        """Delete a claim that is this owner's."""
        key = self._prefix + b"content:" + content_id[:2]
        return bool(self._release(keys=[key], args=[content_id[2:], owner]))


def _found(answer: list[Any]) -> tuple[bytes, float | None] | None:
    match answer:
        case [b"exact", owner]:
            return owner, None
        case [b"near", owner, percent]:
            return owner, percent / 100
    return None
