"""Which article has which content. The first article to claim a content owns it; exact or near, in one atomic script.

On one Redis, a claim is one script (lua/contents/), so that one worker is first, however many there are. On several
(NEWSMILL_CONTENT_REDIS_URLS), each content and each band has its server, and a claim asks one after the other.
docs/duplicates.md says what still holds then, and what does not.
"""
# ruff: noqa: PLC0415 - a fetch worker makes no claims, so it needs no numpy (15 MB)

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from tasks.article import Article, Outcome
from tasks.dedupe.named import named_by
from tasks.url_keys import UrlKeys, packaged_keys
from workers.ledger.entries import LETTERS
from workers.ledger.host_paragraphs import HostParagraphs
from workers.ledger.lookups import seen_place
from workers.ledger.redis_client import RedisClient

if TYPE_CHECKING:
    from tasks.dedupe.minhash import Signature
    from tasks.dedupe.stage import Original

#: Seconds that a replica may have been behind when it was promoted.
LAG = 120.0

log = structlog.get_logger(__name__)

_LUA = Path(__file__).parent / "lua" / "contents"
#: Deletes a claim if it is the owner's. KEYS: bucket. ARGV: field, owner.
_RELEASE = """
local value = redis.call('HGET', KEYS[1], ARGV[1])
if value and string.sub(value, 1, 16) == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0
"""
#: Arguments of claim.lua after the part.
_ARGUMENTS = 8
#: Notes one of the copies of a content, forgotten a week after the last. KEYS: set, nothing. ARGV: article, most, seconds.
_COPIES = """
redis.call('DEL', KEYS[2])  -- so that it is carried out on a full Redis, too (lua/prelude.lua)
local count = redis.call('SCARD', KEYS[1])
if count < tonumber(ARGV[2]) then count = count + redis.call('SADD', KEYS[1], ARGV[1]) end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return count
"""
_WEEK = 7 * 24 * 3600
#: States of an owner that has no row with its content: it failed, was rejected, or is a duplicate itself.
_WITHOUT_CONTENT = frozenset(
    LETTERS[one].encode() for one in (Outcome.FAILED, Outcome.REJECTED, Outcome.DUPLICATE)
)


class ContentIndex:
    """tasks.dedupe.ContentIndex in Redis: some 500 bytes an article, 70 of them for good."""

    def __init__(
        self,
        redis: RedisClient,
        prefix: str,
        url_of: Callable[[str], str | None],
        shards: Sequence[RedisClient] = (),
        *,
        last_owners: Callable[[float], Iterable[tuple[str, str]]] = lambda _: (),
        id_now: Callable[[str], str | None] = lambda _: None,
        keys: UrlKeys | None = None,
    ) -> None:
        """`url_of` and `id_now` ask the store for the URL of an article, and for the id of one that had another before."""
        self._redis = redis
        self._prefix = prefix.encode()
        self._url_of = url_of
        self._last_owners = last_owners
        self._id_now = id_now
        self._keys = keys or packaged_keys()
        self._shards = [_Shard(client, self._prefix, self._restore) for client in shards or [redis]]
        self._paragraphs = HostParagraphs(shards or [redis], self._prefix)

    def claim(self, content: "Signature", article: Article) -> "Original | None":
        """Claim a content; None where this article owns it, after a redelivery too, else the original.

        The article takes over the content of an original that ended without it, or that is unknown because it waits to
        be fetched again.
        """
        from tasks.dedupe.stage import Original

        mine, forget = bytes.fromhex(article.id), b""
        named = bytes.fromhex("".join(named_by(article, self._keys)))
        while True:
            found = self._ask(content, mine, forget, named)
            if found is None:
                return None
            original, score = found
            url = self._standing(original, article.id)
            if url is not None:
                return Original(url, score)
            forget += original

    def copies(self, content: "Signature", article: Article, most: int) -> int:
        """Note `article` among the copies of a content; return how many are noted, `most` at most.

        Forgotten a week after the last one.
        """
        raw = bytes.fromhex(content.content_id)
        return self._home(raw).copies(raw, bytes.fromhex(article.id), most)

    def repeated(self, host: str, keys: Sequence[bytes]) -> frozenset[bytes]:
        """Return which paragraphs so many stories of the host have had that they say nothing of a story, by their keys."""
        return self._paragraphs.repeated(host, keys)

    def note_story(self, host: str, keys: Sequence[bytes], article: Article) -> None:
        """Note a story of the host with these paragraphs; once, however often it is noted."""
        self._paragraphs.note(host, keys, bytes.fromhex(article.id))

    def release(self, content_id: str, article: Article) -> bool:
        """Delete the claim if it is this article's. The index of near-duplicates forgets the article when one meets it."""
        raw = bytes.fromhex(content_id)
        return self._home(raw).release(raw, bytes.fromhex(article.id))

    def keep(self, owners: Iterable[tuple[str, str]]) -> None:
        """Note that settled articles own their contents, unless others do: a Redis that failed over may not know it.

        `owners` are ids of an article and of its content.
        """
        for shard, claims in self._by_home(owners).items():
            shard.keep(claims)

    def _by_home(self, owners: Iterable[tuple[str, str]]) -> "dict[_Shard, list[tuple[bytes, bytes]]]":
        found: dict[_Shard, list[tuple[bytes, bytes]]] = {}
        for article_id, content_id in owners:
            raw = bytes.fromhex(content_id)
            found.setdefault(self._home(raw), []).append((raw, bytes.fromhex(article_id)))
        return found

    def _restore(self, shard: "_Shard") -> None:
        """Claim anew what the last rows own, on a server that may have forgotten it."""
        claims = self._by_home(self._last_owners(LAG)).get(shard, [])
        shard.keep(claims)
        log.warning(
            "Redis has failed over, or was restarted: claimed the contents of the last rows anew",
            count=len(claims),
        )

    def _standing(self, owner: bytes, mine: str) -> str | None:
        """Return the URL of an owner that has, or will have, the content that it claimed; None for any other.

        None, too, for the article `mine`, which may have claimed it under a former id.
        """
        state = self._redis.hget(*seen_place(self._prefix, owner))
        if state in _WITHOUT_CONTENT:
            return None
        url = self._url_of(owner.hex())
        if url is not None:
            return url
        now = self._id_now(owner.hex())
        return None if now is None or now == mine else self._standing(bytes.fromhex(now), mine)

    def _ask(
        self, content: "Signature", mine: bytes, forget: bytes, named: bytes
    ) -> tuple[bytes, float | None] | None:
        raw = bytes.fromhex(content.content_id)
        if len(self._shards) == 1:
            args = (mine, raw, content.bands, content.sketch, forget, b"", named, content.particulars)
            return _found(self._shards[0].run("all", *args))
        home = self._home(raw)
        answer = home.run("claim", mine, raw, content.bands, content.sketch, forget)
        if answer[0] != b"open":
            return _found(answer)
        told, added = self._search(content, mine, forget, named)
        found = _found(home.run("close", mine, raw, b"", b"", b"", told))
        if found is not None:
            for shard, keys, field in added:
                for key in keys:
                    shard.redis.hdel(key, field)
        return found

    def _search(
        self, content: "Signature", mine: bytes, forget: bytes, named: bytes
    ) -> tuple[bytes, list[tuple["_Shard", list[bytes], int]]]:
        """Return the answer to an open claim, and where the article was added on the way to it.

        All articles ask the servers in the same order. So the first server that two articles share decides: the article
        that comes second stops there, and is not added.
        """
        added: list[tuple[_Shard, list[bytes], int]] = []
        for shard, bands in self._split(content.bands):
            answer, *rest = shard.run(
                "search", mine, b"", bands, content.sketch, forget, b"", named, content.particulars
            )
            if answer == b"near":
                return rest[0] + bytes([rest[1]]), added
            added.append((shard, rest[:2], rest[2]))
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

    def __init__(self, redis: RedisClient, prefix: bytes, restore: "Callable[[_Shard], None]") -> None:
        self.redis = redis
        self._restore = restore
        self._prefix = prefix
        self._claim = redis.register_script(
            "".join((_LUA / f"{one}.lua").read_text() for one in ("near", "claim"))
        )
        self._release = redis.register_script(_RELEASE)
        self._copies = redis.register_script(_COPIES)

    def run(self, part: str, *args: bytes) -> list[Any]:
        """Run a part of claim.lua with the arguments after the part's name; the last ones are optional."""
        while True:
            answer: list[Any] = self._claim(
                keys=[self._prefix], args=[part, *args, *[b""] * (_ARGUMENTS - len(args))]
            )
            if answer[0] != b"forgot":
                return answer
            self._restore(self)
            self.redis.set(self._prefix + b"contents-on", answer[1])

    def release(self, content_id: bytes, owner: bytes) -> bool:
        """Delete a claim that is this owner's."""
        return bool(self._release(keys=[self._claims(content_id)], args=[content_id[2:], owner]))

    def copies(self, content_id: bytes, article: bytes, most: int) -> int:
        """Note a copy; return how many are noted."""
        keys = [self._prefix + b"copies:" + content_id, self._prefix + b"nothing"]
        return int(self._copies(keys=keys, args=[article, most, _WEEK]))

    def keep(self, claims: Iterable[tuple[bytes, bytes]]) -> None:
        """Add claims, contents with their owners, where there are none; in one round trip."""
        pipe = self.redis.pipeline(transaction=False)
        for content_id, owner in claims:
            pipe.hsetnx(self._claims(content_id), content_id[2:], owner)
        pipe.execute()

    def _claims(self, content_id: bytes) -> bytes:
        return self._prefix + b"content:" + content_id[:2]


def _found(answer: list[Any]) -> tuple[bytes, float | None] | None:
    match answer:
        case [b"exact", owner]:
            return owner, None
        case [b"near", owner, percent]:
            return owner, percent / 100
    return None
