"""The record that travels: one article, from its URL to its topics.

A record is frozen; a stage returns a changed copy (`evolve`). On the wire it is JSON, without the page and
without the text: those travel beside the message (`Article.to_message`).
"""

import re
from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, Any, Self

import msgspec

from tasks.errors import Reason

#: Bytes of a blake2b digest that name an article (of its URL) or a content (of its text). 16 bytes make an
#: accidental collision among 10^10 articles less likely than 10^-18.
ID_BYTES = 16


#: A point in time: seconds since the epoch.
Timestamp = Annotated[float, msgspec.Meta(title="time")]


class Outcome(StrEnum):
    """What became of a URL; every submitted URL ends in exactly one of these."""

    ENRICHED = "enriched"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    FAILED = "failed"


class Topic(msgspec.Struct, frozen=True):
    """One topic of an article."""

    #: Concept of the taxonomy, e.g. `medtop:15000000`.
    id: str
    #: The concept's English label, e.g. `sport`.
    label: str
    #: How sure the tagger is, 0 to 1.
    score: float


class Hop(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request on the way to a page, where there was more than one."""

    #: Shortened where it is long.
    url: str
    status: int
    #: How it led to the next one: `redirect`, or `refresh` for a page that loads another one; None for the last.
    led_on: str | None = None
    #: What was sent: the user agent with the first, the names of cookies, the headers of a conditional request.
    sent: tuple[str, ...] = ()


class Article(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An article on its way; fields fill up stage by stage and are None or empty until then.

    Their order is that of the columns of an export.
    """

    #: blake2b-16 of the canonical URL (tasks/url_keys.py), in hex: the key of rows, leases, bodies and log lines.
    id: str
    #: As it is asked for (tasks/urls.py, `request_url`); `file://...` for a local document.
    url: str
    #: What the submitter wants kept with the URL: the other columns of a list. `source` in messages, rows and exports.
    extras: dict[str, Any] = msgspec.field(default_factory=dict, name="source")
    #: On Redis's clock.
    submitted_at: Timestamp = 0.0
    #: Fencing token of the lease this attempt holds: grows with every claim, so the row of an older attempt
    #: never overwrites that of a newer one.
    token: int = 0
    #: Whether it was enriched or a duplicate before, and submitted once more (`--again`).
    again: bool = False

    # From extract.
    title: str | None = None
    #: Whom the page gives as its author, in one text, separated by "; ": `authors` and the agencies beside them; where it names
    #: no person, the organisation or the agency.
    author: str | None = None
    #: Persons who wrote it.
    authors: tuple[str, ...] = ()
    #: Agencies that it is from, separated by "; ".
    agency: str | None = None
    #: ISO 8601 day of publication, `2025-04-16`, in the zone of the page.
    date: str | None = None
    #: When it was published; None where the page does not tell time and zone.
    published: Timestamp | None = None
    #: The same as far as the page tells: day, minute or second, in its own zone, `2025-04-16T08:30+02:00`.
    published_stated: str | None = None
    #: When it was changed last.
    modified: Timestamp | None = None
    modified_stated: str | None = None
    site: str | None = None
    #: Who publishes the site.
    publisher: str | None = None
    #: Section of the site that it is in.
    section: str | None = None
    keywords: tuple[str, ...] = ()
    #: As the page declares it, `de-AT`; `language` is what the text is in.
    declared_language: str | None = None
    description: str | None = None
    image: str | None = None
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    page_type: str | None = None
    license: str | None = None
    #: What the page names as its own URL, absolute: `<link rel=canonical>`, else that of a Link header; `og:url`; the
    #: URL of its AMP page. As it would be requested; nothing is fetched from there.
    canonical_link: str | None = None
    og_url: str | None = None
    amphtml: str | None = None
    #: URL that a local document was saved from, by its sidecar or by what is in the page; None for one from
    #: the web.
    saved_from: str | None = None
    #: The clean text, paragraphs separated by a newline. Never in a message.
    text: str | None = None

    # From detect_language.
    #: ISO 639 code (`zh-cn`, `zh-tw` as langdetect has them), `und` where nobody can tell.
    language: str | None = None
    language_confidence: float | None = None
    #: Who decided it: `script`, `py3langid+pycld2`, `pycld2`, `py3langid`, `langdetect`, `words` or `declared`.
    language_detector: str | None = None
    #: ISO 15924 code of the script, `Latn`; Chinese is `Hans` or `Hant`. None for a text without letters.
    script: str | None = None

    # From dedupe.
    #: blake2b-16 of the normalised text, in hex.
    content_id: str | None = None
    #: URL of the article that has this very content and came first.
    duplicate_of: str | None = None
    #: URL of an earlier article that has nearly this content, and how alike the two are, 0 to 1.
    near_duplicate_of: str | None = None
    near_score: float | None = None
    #: Numbers, from 1, of the paragraphs of `text` that its host repeats over its stories, `1 7-9`: near-duplicates were looked for
    #: without them.
    repeated_paragraphs: str | None = None
    #: Version of what finds near-duplicates.
    deduper: str | None = None

    # From tag_topics.
    topics: tuple[Topic, ...] = ()
    #: Of the model, and of the vocabulary that the topics' ids come from.
    tagger_version: str | None = None
    taxonomy_release: str | None = None

    # From fetch.
    #: Where the redirects ended.
    final_url: str | None = None
    #: The requests on the way to the page, if there were several.
    hops: tuple[Hop, ...] = ()
    #: HTTP status of the page itself.
    status: int | None = None
    #: Media type, as sniffed: `text/html` or `text/plain`.
    content_type: str | None = None
    #: The charset that the Content-Type header names, if any.
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    #: What the page asks of machines, as headers or `<meta>` have it: `noai`, `noindex`, `tdm-reservation`, ...
    opt_outs: tuple[str, ...] = ()
    fetched_at: Timestamp | None = None
    #: When the site last said that nothing has changed since then (304).
    checked_at: Timestamp | None = None
    #: The page as fetched, decompressed. Never in a message.
    html: bytes | None = None

    # From stages that have a struct of their own for their fields.
    #: Those fields by their names, as JSON types (tasks/stage.py, `Stage.adds`).
    added: dict[str, Any] = {}

    #: What made the fields, and its version, by the names of `Stage.version_names`.
    versions: dict[str, str] = {}
    #: Milliseconds that each stage took.
    timings: dict[str, float] = {}
    #: Set by the stage that ends the article early as something else than an error (a duplicate), and why.
    outcome: Outcome | None = None
    reason: Reason | None = None

    def evolve(self, **changes: Any) -> Self:
        """Return a copy with `changes` in place; TypeError for a field that does not exist."""
        return msgspec.structs.replace(self, **changes)

    def with_added(self, fields: msgspec.Struct) -> Self:
        """Return a copy with the fields of a stage that are not among Article's own (`Stage.adds`)."""
        return self.evolve(added={**self.added, **msgspec.to_builtins(fields)})

    def to_message(self) -> dict[str, Any]:
        """Return the record as JSON types, without page and text (bodies never travel inside a message)."""
        message: dict[str, Any] = msgspec.to_builtins(self.evolve(html=None, text=None))
        return message

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> Self:
        """Return the record that `to_message` made; msgspec.ValidationError where a field has a wrong type."""
        return msgspec.convert(message, cls)


_ID = re.compile(f"[0-9a-f]{{{2 * ID_BYTES}}}")


def is_article_id(text: str) -> bool:
    """Return whether `text` has the form of an article's id; TypeError for anything but text."""
    return _ID.fullmatch(text) is not None


def article_id(canonical_url: str) -> str:
    """Return the id (32 hex digits) of the article at `canonical_url`."""
    return blake2b(canonical_url.encode(), digest_size=ID_BYTES).hexdigest()
