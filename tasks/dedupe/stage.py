"""The stage function: the first article with a content owns it, later ones are exact or near-duplicates."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from tasks.article import Article, Outcome
from tasks.dedupe.minhash import BAND_BYTES, NAMED, NEAR, VERSION, Signature, score, signature
from tasks.dedupe.named import named_by
from tasks.dedupe.repeated import STORIES, VERSIONS, as_ranges, paragraphs
from tasks.dedupe.templates import (
    ENOUGH,
    MOST_CHARACTERS,
    are_unrelated,
    name_other_things,
    reason_of_template,
)
from tasks.errors import Rejected
from tasks.url_keys import UrlKeys, packaged_keys
from tasks.urls import host_of


class Original(msgspec.Struct, frozen=True):
    """The earlier article with this content."""

    url: str
    #: Similarity of the contents, 0 to 1 in hundredths; None for an exact duplicate.
    score: float | None = None


class ContentIndex(Protocol):
    """Which article owns which content. Any number of workers use it at once; a claim is atomic."""

    def claim(self, content: Signature, article: Article) -> Original | None:
        """Return None if `article` owns `content`, now or since an earlier claim, else the original it duplicates.

        An article that is delivered again gets the same answer again. One that the page names as itself (named.py) goes before
        all others, and needs to be less alike.
        """
        ...

    def copies(self, content: Signature, article: Article, most: int) -> int:
        """Note `article` among the copies of a content; return how many are noted, `most` at most.

        Forgotten a week after the last one.
        """
        ...

    def repeated(self, host: str, keys: Sequence[bytes]) -> frozenset[bytes]:
        """Return which paragraphs (repeated.py) STORIES stories of the host have had, by their keys, as far as is known."""
        ...

    def note_story(self, host: str, keys: Sequence[bytes], article: Article) -> None:
        """Note a story of the host with these paragraphs; once, however often it is noted."""
        ...


class MemoryContentIndex:
    """A ContentIndex for one process and one thread, for tests and small runs."""

    def __init__(self, keys: UrlKeys | None = None) -> None:
        self._keys = keys or packaged_keys()
        #: By content id: id and URL of the article that claimed it first, and the answer it got.
        self._claims: dict[str, tuple[str, str, Original | None]] = {}
        #: By band: id, URL and signature of each article.
        self._bands: dict[tuple[int, bytes], list[tuple[str, str, Signature]]] = {}
        self._copies: dict[str, set[str]] = {}
        #: By host and paragraph: the stories that had it.
        self._paragraphs: dict[tuple[str, bytes], set[str]] = {}

    def claim(self, content: Signature, article: Article) -> Original | None:
        """Return None if `article` owns `content`, else the original it duplicates."""
        claim = self._claims.get(content.content_id)
        if claim is None:
            answer = self._nearest(content, article)
            self._claims[content.content_id] = (article.id, article.url, answer)
            if answer is None:
                for band in _bands(content):
                    self._bands.setdefault(band, []).append((article.id, article.url, content))
            return answer
        id_, url, answer = claim
        return answer if id_ == article.id else Original(url)

    def copies(self, content: Signature, article: Article, most: int) -> int:
        """Note `article` among the copies of a content; return how many are noted, `most` at most."""
        noted = self._copies.setdefault(content.content_id, set())
        if len(noted) < most:
            noted.add(article.id)
        return len(noted)

    def repeated(self, host: str, keys: Sequence[bytes]) -> frozenset[bytes]:
        """Return which paragraphs STORIES stories of the host have had."""
        return frozenset(key for key in keys if len(self._paragraphs.get((host, key), ())) >= STORIES)

    def note_story(self, host: str, keys: Sequence[bytes], article: Article) -> None:
        """Note a story of the host with these paragraphs."""
        for key in keys:
            self._paragraphs.setdefault((host, key), set()).add(article.id)

    def _nearest(self, content: Signature, article: Article) -> Original | None:
        named = named_by(article, self._keys)
        candidates = {one for band in _bands(content) for one in self._bands.get(band, ())}
        scored = [(id_ in named, score(content, other), url) for id_, url, other in candidates]
        near = [one for one in scored if one[1] >= (NAMED if one[0] else NEAR)]
        if not near:
            return None
        _, best, url = max(near)
        return Original(url, round(best, 2))


def _bands(content: Signature) -> list[tuple[int, bytes]]:
    return [(at, content.bands[at : at + BAND_BYTES]) for at in range(0, len(content.bands), BAND_BYTES)]


def dedupe(article: Article, *, contents: ContentIndex) -> Article:
    """Return `article` with its content id, and with the URL of the earlier article that it duplicates.

    An exact duplicate ends here; a near-duplicate goes on, with its text and a link. Paragraphs that the host repeats are left out of
    that comparison. They stay in the text, and their numbers are on the record. A short text that its host has at ENOUGH other addresses
    which have nothing in common with the first one's is a template (templates.py): Rejected, soft_404 or blocked. What `contents`
    raises, such as a connection error, is not caught.
    """
    text, host = article.text or "", host_of(article.final_url or article.url)
    own = paragraphs(text) if host else []  # a local document has no host
    keys = [key for _, key in own]
    known = contents.repeated(host, keys) if keys else frozenset()
    repeated = [number for number, key in own if key in known]
    content = signature(text, repeated)
    original = contents.claim(content, article)
    article = article.evolve(
        content_id=content.content_id, repeated_paragraphs=as_ranges(repeated), deduper=VERSION
    )
    if keys and _is_another_story(article, original):
        contents.note_story(host, keys, article)
    if original is None:
        return article
    if original.score is None:
        _reject_template(article, content, original, contents)
        return article.evolve(duplicate_of=original.url, outcome=Outcome.DUPLICATE)
    return article.evolve(near_duplicate_of=original.url, near_score=original.score)


def _is_another_story(article: Article, original: Original | None) -> bool:
    """Return whether an article counts for the paragraphs that its host repeats: many versions of one story count once.

    Short stories over one long footer are near-duplicates until the footer is known. So one whose address has other words than the original's
    counts, too; of the others one in VERSIONS, always the same ones.
    """
    if original is None:
        return True
    if original.score is None or original.url in (article.canonical_link, article.og_url):
        return False
    return name_other_things(article.url, original.url) or int(article.id, 16) % VERSIONS == 0


def _reject_template(
    article: Article, content: Signature, original: Original, contents: ContentIndex
) -> None:
    text = article.text or ""
    if len(text) > MOST_CHARACTERS or not are_unrelated(article.url, original.url):
        return
    if original.url in (article.canonical_link, article.og_url):  # the site says that it is one article
        return
    if contents.copies(content, article, ENOUGH) >= ENOUGH:
        detail = (
            f"A template: {host_of(article.url)} has these {len(text)} characters at {ENOUGH} other addresses or more, "
            f"first at {original.url[:200]}."
        )
        raise Rejected(reason_of_template(text), detail)
