"""How every URL of the demo must end: stories enriched, troubles as troubles.toml says."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import msgspec

from seeds.demo.stories import Story, load_stories
from tasks.article import Outcome
from tasks.errors import Reason

#: The port that seeds/demo.txt is written for.
DEFAULT_PORT = 8088


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """How one URL must end."""

    outcome: Outcome
    reason: Reason | None = None
    #: The stage that a failed one fails in.
    stage: str | None = None
    language: str | None = None
    title: str | None = None
    #: URL of the page with the very same text. Which of the two comes first is chance: one must end as
    #: `outcome`, the other as a duplicate of it.
    same_as: str | None = None
    #: URL of the page with nearly this text: the later of the two names the earlier one.
    near: str | None = None


class Trouble(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of troubles.toml: a page that is no story, or a story behind redirects."""

    #: Host and path.
    at: str
    outcome: Outcome
    reason: Reason | None = None
    stage: str | None = None
    #: Of a page that is enriched although it is no story.
    language: str | None = None
    title: str | None = None
    #: Address of the story that a redirect ends at; the story is then not listed for itself.
    ends_at: str | None = None
    #: False for the one URL that no server of the demo answers.
    with_port: bool = True


@cache
def load_troubles() -> tuple[Trouble, ...]:
    """Return the entries of troubles.toml; msgspec.ValidationError names a wrong one."""
    text = Path(__file__).with_name("troubles.toml").read_text(encoding="utf-8")
    return tuple(msgspec.convert(tomllib.loads(text)["trouble"], list[Trouble]))


def expected(port: int = DEFAULT_PORT) -> dict[str, Expected]:
    """Return how each URL of the demo served on `port` must end, in the order of the list."""
    stories = load_stories()
    by_address = {story.address: story for story in stories}
    troubles = load_troubles()
    listed_elsewhere = {trouble.ends_at for trouble in troubles} | {trouble.at for trouble in troubles}
    listed = [story for story in stories if story.address not in listed_elsewhere]
    endings = {_url(story.address, port): _of_story(story, port) for story in _in_order(listed)}
    for trouble in troubles:
        url = _url(trouble.at, port) if trouble.with_port else f"http://{trouble.at}"
        endings[url] = _of_trouble(trouble, by_address)
    return endings


def demo_urls(port: int = DEFAULT_PORT) -> list[str]:
    """Return the demo's URLs for a server on `port`: stories first, the sites taking turns, then troubles."""
    return list(expected(port))


def differences(rows: Mapping[str, Mapping[str, Any]], port: int = DEFAULT_PORT) -> list[str]:
    """Return a sentence for each difference between `rows` and `expected(port)`; an empty list where there is none.

    `rows` holds a mapping per URL with the columns outcome, reason, stage, language, title, duplicate_of and
    near_duplicate_of; a column that is missing counts as None.
    """
    wanted = expected(port)
    unknown = [f"{url}: not a URL of the demo" for url in rows if url not in wanted]
    return unknown + [
        f"{url}: {difference}"
        for url, ending in wanted.items()
        for difference in _differences_of_row(url, ending, rows)
    ]


def _differences_of_row(url: str, ending: Expected, rows: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    row = rows.get(url)
    if row is None:
        yield "has no row"
        return
    outcome = ending.outcome
    if _is_later_copy(url, ending, rows):
        outcome = Outcome.DUPLICATE
        if row.get("duplicate_of") != ending.same_as:
            yield f"duplicate_of is {row.get('duplicate_of')}, not {ending.same_as}"
    if row.get("outcome") != outcome:
        yield f"outcome is {row.get('outcome')}, not {outcome}"
    for column in ("reason", "stage", "language", "title"):
        value = getattr(ending, column)
        if value is not None and row.get(column) != value:
            yield f"{column} is {row.get(column)}, not {value}"
    if ending.near and _near_links(url, ending.near, rows) != 1:
        yield f"not exactly one of it and {ending.near} is near_duplicate_of the other"


def _is_later_copy(url: str, ending: Expected, rows: Mapping[str, Mapping[str, Any]]) -> bool:
    """Say whether `url` is the one of two copies that must be the duplicate: the one that says so.

    Where neither says so the second by URL has to, where both do the first must not: a pair is then wrong once.
    """
    if ending.same_as is None:
        return False
    mine, other = (rows.get(one, {}).get("outcome") == Outcome.DUPLICATE for one in (url, ending.same_as))
    return mine if mine != other else url > ending.same_as


def _near_links(url: str, other: str, rows: Mapping[str, Mapping[str, Any]]) -> int:
    """Return how many of two URLs name the other as what they nearly are."""
    pairs = ((url, other), (other, url))
    return sum(rows.get(one, {}).get("near_duplicate_of") == two for one, two in pairs)


def _of_story(story: Story, port: int) -> Expected:
    """Return the ending of a story's own page."""
    return Expected(
        outcome=Outcome.ENRICHED,
        language=story.lang,
        title=story.title,
        same_as=_partner(story, "copy_of", port),
        near=_partner(story, "edited_from", port),
    )


def _partner(story: Story, relation: str, port: int) -> str | None:
    """Return the URL of the story that `story` copies or is copied by, as the field `relation` tells."""
    source = getattr(story, relation)
    for other in load_stories():
        if other.slug == source or getattr(other, relation) == story.slug:
            return _url(other.address, port)
    return None


def _of_trouble(trouble: Trouble, by_address: dict[str, Story]) -> Expected:
    """Return the ending of an entry of troubles.toml; behind a redirect it is the story's."""
    story = by_address[trouble.ends_at] if trouble.ends_at else None
    return Expected(
        outcome=trouble.outcome,
        reason=trouble.reason,
        stage=trouble.stage,
        language=story.lang if story else trouble.language,
        title=story.title if story else trouble.title,
    )


def _in_order(stories: list[Story]) -> list[Story]:
    """Return `stories` in the order of the list.

    Sites take turns, because hosts have rate limits. Stories that exist twice come first, so that the first rows of a
    run already show duplicates; then the oldest.
    """
    twice = {slug for story in stories for slug in (story.copy_of, story.edited_from)}
    by_site: dict[str, list[Story]] = {}
    for story in sorted(stories, key=lambda one: (not _is_twice(one, twice), one.published)):
        by_site.setdefault(story.site, []).append(story)
    return [story for turn in zip_longest(*by_site.values()) for story in turn if story is not None]


def _is_twice(story: Story, sources: set[str | None]) -> bool:
    """Say whether `story` is a copy, an edited version, or what one of those (`sources`, by slug) was made from."""
    return story.slug in sources or story.copy_of is not None or story.edited_from is not None


def _url(address: str, port: int) -> str:
    """Return the URL of `host/path` on the demo's port."""
    host, slash, path = address.partition("/")
    return f"http://{host}:{port}{slash}{path}"
