"""The stage itself: from `article.html` to the fields and the text."""

from dataclasses import dataclass

import msgspec
import trafilatura
from trafilatura.meta import reset_caches

from tasks.article import Article
from tasks.errors import Reason, Rejected
from tasks.extract.characters import weight
from tasks.extract.decode import decode
from tasks.extract.document import read_document
from tasks.extract.mirror import without_frame
from tasks.extract.notices import is_notice
from tasks.extract.page import read_page
from tasks.fetch.content_type import HEAD_BYTES, sniff

#: Goes up with every change to what this package makes of a page.
RULES = 2

#: Pages whose id ends so reset the caches of trafilatura and its parts, which otherwise keep the strings of
#: thousands of pages: 1 page in 4,096, as ids are hashes. A reset ends in a garbage collection of 0.1 to 0.3 s.
_RESETS = "000"


@dataclass(frozen=True, slots=True)
class Extractor:
    """How to extract.

    `min_chars`: a page's text of less is no article, where a Chinese or Japanese character counts for three and
    a Korean one for two. 150 characters are two sentences; what is shorter is a teaser, a caption or an error
    message, while the shortest of 181 news articles measured has 369.
    """

    min_chars: int = 150

    @property
    def version(self) -> str:
        """What makes the fields, e.g. `trafilatura 2.3.1 / newsmill 1`."""
        return f"trafilatura {trafilatura.__version__} / newsmill {RULES}"


def extract(article: Article, *, extractor: Extractor) -> Article:
    """Return `article` with title, text and metadata in place of `html`.

    A `text/plain` document is taken as the text, however short; anything else is read as HTML. Raises Rejected:
    no_article where there is no text, less than `extractor.min_chars` of it, or only a notice about JavaScript
    or cookies; not_html for a PDF, a picture, a feed; too_large for a page that would take minutes. ValueError
    where the article has no page.
    """
    if article.html is None:
        raise ValueError("the article has no page to extract from")
    if article.content_type == "text/plain":
        draft = without_frame(read_document(decode(article.html, article.charset)))
        least = 1
    else:
        sniff(article.html[:HEAD_BYTES], article.content_type)
        source = decode(article.html, article.charset)
        draft = without_frame(read_page(source, article.final_url or article.url))
        least = extractor.min_chars
        _reject_notice(draft.text)
    if weight(draft.text) < least:
        raise Rejected(
            Reason.NO_ARTICLE, f"{weight(draft.text)} characters of text, at least {least} make an article"
        )
    if article.id.endswith(_RESETS):
        reset_caches()
    return article.evolve(
        **msgspec.structs.asdict(draft.bounded()),
        html=None,
        versions=article.versions | {"extractor": extractor.version},
    )


def _reject_notice(text: str) -> None:
    if is_notice(text):
        raise Rejected(Reason.NO_ARTICLE, f"a notice: {text[:100]}")
