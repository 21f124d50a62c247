"""What an object of page data says of itself: title, authors, day, address."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from tasks.extract.page_data.bodies import text_of
from tasks.extract.page_data.words import named, words_of

Follow = Callable[[Any], Any]

#: Keys of a title, the surest first; then any whose words have one of these.
_TITLES = ("headline", "headlines", "title", "heading", "post_title", "hed", "name")
_TITLE_WORDS = named("title headline headlines heading titulo titre titel")
_NO_TITLE_WORDS = named(
    "seo short sub alt image photo mobile social og meta kicker section site page job img"
)
#: Keys in a title that is an object.
_IN_TITLE = (
    "basic",
    "default",
    "rendered",
    "main",
    "headline",
    "title",
    "text",
    "long",
    "web",
    "value",
    "print",
    "plain",
)
#: Objects beside the text that have the title, authors and day.
_BESIDE = (
    "frontmatter",
    "fields",
    "attributes",
    "meta",
    "metadata",
    "data",
    "header",
    "info",
    "head",
    "seo",
    "_embedded",
)
_AUTHORS = named(
    "author authors byline bylines writer writers creator creators contributor contributors credits by reporter"
)
_NO_AUTHOR = named("id ids image url slug link bio count")
_IN_AUTHOR = (
    *(
        "name",
        "displayName",
        "display_name",
        "fullName",
        "full_name",
        "node",
        "nodes",
        "by",
        "fields",
        "data",
        "attributes",
        "title",
        "text",
        "items",
    ),
)
#: Words of keys with a day, the surest first.
_DAYS = (
    frozenset(("published", "publish", "publication", "publicationdate", "datepublished", "firstpublished")),
    frozenset(("display", "displaydate", "posted", "postdate")),
    frozenset(("date", "datetime", "pubdate", "release")),
    frozenset(("created", "createdat", "time", "timestamp")),
)
_NO_DAY = named("modified updated update expire expires end event unpublish deleted scheduled")
_ISO = re.compile(r"((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")
_BY = re.compile(r"(?:by|von|par|por|di|door|av|af)\s+(?=\S)", re.IGNORECASE)
#: Keys of what names the object in the URL of its page.
_ADDRESS_WORDS = named("slug url uri path permalink link canonical href id uuid")
_OF_ANOTHER = named("image parent author section site video category")
_LONGEST_ADDRESS = 2048
_SHORTEST, _LONGEST_TITLE, _LONGEST_NAME, _MOST_AUTHORS = 3, 400, 100, 10
#: How deep a name is in what is under the author's key.
_DEEPEST = 5
#: Seconds since the epoch that may be a day of publication: 1990 to 2099. What is larger has milliseconds.
_SECONDS, _MILLISECONDS = range(631_152_000, 4_102_444_800), 100_000_000_000


def title_of(value: Mapping[str, Any], follow: Follow) -> str:
    """Return the title of an object, '' where it has none."""
    for key in _TITLES:
        if title := _title_in(value.get(key), follow):
            return title
    for key, one in value.items():
        words = words_of(key)
        if words & _TITLE_WORDS and not words & _NO_TITLE_WORDS and (title := _title_in(one, follow)):
            return title
    return ""


def _title_in(value: Any, follow: Follow) -> str:
    value = follow(value)
    if isinstance(value, dict):
        value = next(
            (value[key] for key in _IN_TITLE if isinstance(value.get(key), str) and value[key]), None
        )
    if not isinstance(value, str) or not _SHORTEST <= len(value) <= _LONGEST_TITLE:
        return ""
    return text_of(value)


def with_what_is_beside(value: Mapping[str, Any], follow: Follow) -> Iterator[Mapping[str, Any]]:
    """Yield the object, then those objects in it that describe it."""
    yield value
    for key in _BESIDE:
        beside = follow(value.get(key))
        if isinstance(beside, dict):
            yield beside


def authors_of(value: Mapping[str, Any], follow: Follow) -> str | None:
    """Return the names of the authors, separated by `; ` as trafilatura has them; None where there are none."""
    for key, one in value.items():
        words = words_of(key)
        if words & _AUTHORS and not words & _NO_AUTHOR:
            names = list(dict.fromkeys(_names(one, follow, 0)))[:_MOST_AUTHORS]
            if names:
                return "; ".join(names)
    return None


def _names(value: Any, follow: Follow, depth: int) -> Iterator[str]:
    value = follow(value)
    if isinstance(value, str):
        name = _BY.sub("", text_of(value), count=1) if _BY.match(value) else text_of(value)
        if (
            _SHORTEST <= len(name) <= _LONGEST_NAME
            and not name.isdigit()
            and "/" not in name
            and "@" not in name
        ):
            yield name
    elif isinstance(value, list) and depth < _DEEPEST:
        for one in value[:_MOST_AUTHORS]:
            yield from _names(one, follow, depth + 1)
    elif isinstance(value, dict) and depth < _DEEPEST:
        first, last = (
            value.get("firstName") or value.get("first_name"),
            value.get("lastName") or value.get("last_name"),
        )
        if isinstance(first, str) and isinstance(last, str):
            yield f"{first} {last}".strip()
            return
        for key in _IN_AUTHOR:
            names = list(_names(value.get(key), follow, depth + 1))
            if names:
                yield from names
                return


def day_of(value: Mapping[str, Any], follow: Follow) -> str | None:
    """Return the day of publication, `2025-04-16`; None where no key has one."""
    for wanted in _DAYS:
        for key, one in value.items():
            words = words_of(key)
            if words & wanted and not words & _NO_DAY and (day := _day_in(one, follow)):
                return day
    return None


def _day_in(value: Any, follow: Follow) -> str | None:
    value = follow(value)
    if isinstance(value, dict):
        value = next((one for one in value.values() if isinstance(one, (str, int))), None)
    if isinstance(value, str):
        found = _ISO.match(value.removeprefix("$D").strip())
        try:
            return date(*map(int, found.groups())).isoformat() if found else None
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if _MILLISECONDS < value < _MILLISECONDS * 1000:
        value /= 1000
    if not _SECONDS.start <= value < _SECONDS.stop:
        return None
    return datetime.fromtimestamp(value, UTC).date().isoformat()


def addresses_of(value: Mapping[str, Any], follow: Follow) -> Iterator[str]:
    """Yield what names the object in URLs: its slug, path, URL or id."""
    for key, one in value.items():
        if words_of(key) & _ADDRESS_WORDS and not words_of(key) & _OF_ANOTHER:
            address = follow(one)
            if isinstance(address, dict):
                address = address.get("current") or address.get("path") or address.get("url")
            if isinstance(address, (str, int)) and not isinstance(address, bool):
                yield str(address)[:_LONGEST_ADDRESS]
