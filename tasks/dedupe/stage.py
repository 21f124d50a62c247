"""Stage 4, dedupe: the first article with a content owns it, later ones are its duplicates, exact or near."""

from typing import Protocol

import msgspec

from tasks.article import Article, Outcome
from tasks.dedupe.minhash import BAND_BYTES, NEAR, VERSION, Signature, score, signature


class Original(msgspec.Struct, frozen=True):
    """The article whose content came before."""

    url: str
    #: How alike the contents are, 0 to 1 in hundredths; None where they are the very same.
    score: float | None = None


class ContentIndex(Protocol):
    """Who owns which content. Any number of workers ask at the same time; a claim is atomic."""

    def claim(self, content: Signature, article: Article) -> Original | None:
        """Return None if `article` owns `content`, now or since an earlier claim, else whose duplicate it is.

        An article that is delivered again gets the answer that it got before.
        """
        ...


class MemoryContentIndex:
    """A ContentIndex for one process and one thread, for tests and small runs."""

    def __init__(self) -> None:
        #: Who has which very content, and what it was told.
        self._claims: dict[str, tuple[str, str, Original | None]] = {}
        self._bands: dict[tuple[int, bytes], list[tuple[str, bytes]]] = {}

    def claim(self, content: Signature, article: Article) -> Original | None:
        """Return None if `article` owns `content`, else whose duplicate it is."""
        claim = self._claims.get(content.content_id)
        if claim is None:
            answer = self._nearest(content)
            self._claims[content.content_id] = (article.id, article.url, answer)
            if answer is None:
                for band in _bands(content):
                    self._bands.setdefault(band, []).append((article.url, content.sketch))
            return answer
        id_, url, answer = claim
        return answer if id_ == article.id else Original(url)

    def _nearest(self, content: Signature) -> Original | None:
        met = {one for band in _bands(content) for one in self._bands.get(band, ())}
        scored = [(score(content.sketch, sketch), url) for url, sketch in met]
        best, url = max(scored, default=(0.0, ""))
        return Original(url, round(best, 2)) if best >= NEAR else None


def _bands(content: Signature) -> list[tuple[int, bytes]]:
    return [(at, content.bands[at : at + BAND_BYTES]) for at in range(0, len(content.bands), BAND_BYTES)]


def dedupe(article: Article, *, contents: ContentIndex) -> Article:
    """Return `article` with its content id, and what it is a duplicate of, if an article before it has its content.

    An exact duplicate ends here; a near one goes on, with its text and a link. Whatever `contents` raises (it may
    be a server that is down) passes through.
    """
    content = signature(article.text or "")
    original = contents.claim(content, article)
    article = article.evolve(content_id=content.content_id, deduper=VERSION)
    if original is None:
        return article
    if original.score is None:
        return article.evolve(duplicate_of=original.url, outcome=Outcome.DUPLICATE)
    return article.evolve(near_duplicate_of=original.url, near_score=original.score)
