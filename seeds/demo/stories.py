"""The demo's news stories: one Markdown file each, TOML front matter between `+++` lines, then the text."""

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path

import msgspec

ARTICLES = Path(__file__).parent / "articles"
_FENCE = "+++\n"
#: Marks a paragraph as a heading between paragraphs.
HEADING = "## "


class Story(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One story as one site publishes it."""

    #: The file's name without its ending.
    slug: str
    #: Host name without port, and the path on it.
    site: str
    path: str
    #: As langdetect names it: ISO 639-1, `zh-cn` for simplified Chinese.
    lang: str
    title: str
    author: str
    published: datetime
    section: str
    tags: tuple[str, ...]
    description: str
    #: Paragraphs and headings, in order.
    body: tuple[str, ...]
    #: Slug of the story that this one is an exact copy of.
    copy_of: str | None = None
    #: Slug of the story that this one is a lightly edited version of.
    edited_from: str | None = None

    @property
    def address(self) -> str:
        """Host and path, the way routes and troubles name a page."""
        return self.site + self.path


@cache
def load_stories() -> tuple[Story, ...]:
    """Return all stories in the order of their slugs; msgspec.ValidationError names a missing or an unknown field."""
    files = {path.stem: path.read_text(encoding="utf-8") for path in sorted(ARTICLES.glob("*.md"))}
    return tuple(_parse(slug, files) for slug in files)


def _parse(slug: str, files: dict[str, str]) -> Story:
    """Return the story in `files[slug]`; a copy takes its paragraphs from the file it copies."""
    front, text = _split(files[slug])
    source = front.get("copy_of")
    if source is not None:
        _, text = _split(files[str(source)])
    return msgspec.convert({**front, "slug": slug, "body": _paragraphs(text)}, Story)


def _split(content: str) -> tuple[dict[str, object], str]:
    """Return the front matter and the text of an article file."""
    _, front, text = content.split(_FENCE, 2)
    return tomllib.loads(front), text


def _paragraphs(text: str) -> list[str]:
    """Return the blocks between blank lines, each on one line."""
    return [" ".join(block.split()) for block in text.split("\n\n") if block.strip()]
