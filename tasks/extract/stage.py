"""The stage function: from `article.html` to text and metadata."""

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import trafilatura
from trafilatura.meta import reset_caches

from tasks.article import Article
from tasks.errors import Reason, Rejected
from tasks.extract.boilerplate import remove_boilerplate
from tasks.extract.characters import latin_length
from tasks.extract.decode import decode, domain_of
from tasks.extract.fields import ExtractedFields
from tasks.extract.notices import is_notice, notice_instead
from tasks.extract.page import read_page
from tasks.extract.page_data.page import read_page_data
from tasks.extract.plain_text import read_plain_text
from tasks.extract.saved_pages import address_in_sidecar
from tasks.extract.url_lists import is_url_list
from tasks.fetch.content_type import HEAD_BYTES, sniff
from tasks.walls.front_pages import front_page_instead
from tasks.walls.recognition import Finding, finding_of

#: Increase with every change to the fields that this package extracts.
RULES = 6

#: After a page whose id ends like this, the caches of trafilatura and its dependencies are reset. Otherwise they keep the
#: strings of thousands of pages. Ids are hashes: 1 page in 4,096. A reset includes a garbage collection of 0.1 to 0.3 s.
_RESETS = "000"
#: Of a page in whose data the article may be: a shell, a notice or a dialog about cookies is what it shows without scripts.
_MAY_HAVE_DATA = frozenset({Reason.NO_ARTICLE, Reason.NEEDS_JAVASCRIPT, Reason.BLOCKED})


@dataclass(frozen=True, slots=True)
class Extractor:
    """The settings of extraction.

    `min_chars`: minimum length of a page's text; a Chinese or Japanese character counts for three, a Korean one for
    two. 150 characters are two sentences. Shorter texts are teasers, captions and error messages; the shortest of 181
    news articles has 369.
    """

    min_chars: int = 150

    @property
    def version(self) -> str:
        """What the fields were extracted with, e.g. `trafilatura 2.3.1 / newsmill 1`."""
        return f"trafilatura {trafilatura.__version__} / newsmill {RULES}"


def extract(article: Article, *, extractor: Extractor) -> Article:
    """Return `article` with title, text and metadata in place of `html`.

    `text/plain` is taken as the text, however short; anything else is read as HTML. Raises Rejected: no_article for no
    text, for less than `extractor.min_chars`, for a notice about cookies; blocked, soft_404, needs_javascript for what is no
    article and recognised as such (tasks/walls); url_list for a text that is mostly URLs; not_html for a PDF, an image, a
    feed; too_large for a page that would take minutes. ValueError for an article without a page.
    """
    if article.html is None:
        raise ValueError("the article has no page to extract from")
    if article.content_type == "text/plain":
        text = decode(article.html, article.charset)
        if is_url_list(text):
            raise Rejected(Reason.URL_LIST, "The text is mostly URLs: submit it as a list of URLs.")
        fields = _checked(remove_boilerplate(read_plain_text(text)), 1)
    else:
        sniff(article.html[:HEAD_BYTES], article.content_type)
        html = decode(article.html, article.charset, domain_of(article.final_url or article.url))
        _reject(front_page_instead(article.url, article.final_url or article.url, html))
        fetched = datetime.fromtimestamp(article.fetched_at, UTC) if article.fetched_at is not None else None
        fields = _of_html(html, article.final_url or article.url, fetched, extractor.min_chars)
    if article.id.endswith(_RESETS):
        reset_caches()
    if article.url.startswith("file:"):
        saved_from = address_in_sidecar(article.extras) or fields.saved_from
        fields = msgspec.structs.replace(fields, saved_from=saved_from)
    if fields.canonical_link is None:  # then that of a Link header counts
        fields = msgspec.structs.replace(fields, canonical_link=article.canonical_link)
    return article.evolve(
        **msgspec.structs.asdict(fields.bounded()),
        html=None,
        versions=article.versions | {"extractor": extractor.version},
    )


def _of_html(html: str, url: str, fetched: datetime | None, minimum: int) -> ExtractedFields:
    """Return the fields of a page: as it is or, where no article is found so, from the data that it brings for its scripts.

    Raises Rejected: blocked, soft_404, needs_javascript for what is recognised as no article; no_article for the rest.
    """
    try:
        fields = remove_boilerplate(read_page(html, url, fetched))
        _reject_wall(html, fields.text)
        return _checked(fields, minimum)
    except Rejected as rejected:
        if rejected.reason not in _MAY_HAVE_DATA:
            raise
        found = read_page_data(html, url, fetched)
        if found is not None and latin_length(found.text) >= minimum and not is_notice(found.text):
            return found
        if rejected.reason is Reason.NO_ARTICLE:  # of a list of links, too
            _reject_wall(html, "")
        raise


def _checked(fields: ExtractedFields, minimum: int) -> ExtractedFields:
    """Return the fields of a text that is long enough, else raise Rejected(no_article)."""
    length = latin_length(fields.text)
    if length < minimum:
        raise Rejected(Reason.NO_ARTICLE, f"{length} characters of text, the minimum is {minimum}")
    return fields


def _reject_wall(html: str, text: str) -> None:
    _reject(finding_of(html, text, latin_length(text)) or notice_instead(html, text))


def _reject(found: Finding | None) -> None:
    if found:
        raise Rejected(found.reason, found.detail)
