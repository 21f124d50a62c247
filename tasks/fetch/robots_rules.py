"""The rules of a robots.txt that are for one crawler: its group, and nothing else (RFC 9309, 2.2).

A file may have 500 KiB, most of it for others, and lists of sitemaps. What is left is a file of one group that means the
same to its parser, Protego, which is generous: a field may stand without its colon, or be misspelt.
"""

import math
from collections.abc import Iterator

_AGENT = frozenset({"user-agent", "useragent", "user agent"})
_ALLOW = frozenset({"allow"})
_DISALLOW = frozenset({"disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"})
_DELAY = frozenset({"crawl-delay", "crawl delay"})
#: Fields of the whole file. They end no group.
_OF_FILE = frozenset({"sitemap", "sitemaps", "site-map", "host"})
#: Fields that say nothing to us; they end the list of a group's names, as any field does.
_OTHER = frozenset({"request-rate", "request rate", "visit-time", "visit time"})
#: All that may stand without a colon.
FIELDS = _AGENT | _ALLOW | _DISALLOW | _DELAY | _OF_FILE | _OTHER


def rules_for(text: str, token: str) -> str:
    """Return the rules in `text` for the crawler with this product token, as the file of a single group; '' without any.

    Of the groups that it matches the one with the longest name counts; several of one name are one (RFC 9309, 2.2.1).
    """
    found: dict[str, dict[str, None]] = {}
    delays: dict[str, str] = {}
    names: set[str] = set()
    last = ""
    for field, value in _fields(text):
        if field in _AGENT:
            if last not in _AGENT:
                names = set()
            matching = [name for name in _names(value) if _score(name, token)]
            names.update(matching)
            for name in matching:
                found.setdefault(name, {})
        elif names and value:
            _note(field, value, names, found, delays)
        if field not in _OF_FILE:
            last = field
    if not found:
        return ""
    best = max(found, key=lambda name: _score(name, token))
    delay = [f"Crawl-delay: {delays[best]}"] if best in delays else []
    lines = [*found[best], *delay]
    return "".join(f"{line}\n" for line in ("User-agent: *", *lines)) if lines else ""


def _note(
    field: str, value: str, names: set[str], found: dict[str, dict[str, None]], delays: dict[str, str]
) -> None:
    """Note a rule for each of the group's names that match; there are few."""
    if field in _DELAY:
        if _is_delay(value):
            delays.update(dict.fromkeys(names, value))
    elif field in _ALLOW or field in _DISALLOW:
        line = f"{'Allow' if field in _ALLOW else 'Disallow'}: {value}"
        for name in names:
            found[name][line] = None


def _fields(text: str) -> Iterator[tuple[str, str]]:
    for whole in text.splitlines():
        line = whole.partition("#")[0].strip()
        field = _field(line) if line else None
        if field:
            yield field


def _field(line: str) -> tuple[str, str] | None:
    head, colon, rest = line.partition(":")
    field = head.strip().lower()
    if colon and (field in FIELDS or not rest or rest[0].isspace()):
        return field, rest.strip()
    words = line.split(maxsplit=2)
    for count in (1, 2):
        candidate = " ".join(words[:count]).lower()
        if candidate in FIELDS:
            return candidate, " ".join(line.split()[count:])
    return (field, rest.strip()) if colon else None


def _names(value: str) -> list[str]:
    """Return the names in a User-agent line, with and without asterisks."""
    name = value.lower()
    return [one for one in (name, "" if name == "*" else name.replace("*", "")) if one]


def _score(name: str, token: str) -> int:
    """Return how well a group's name matches a product token; 0 if it does not."""
    return 1 if name == "*" else len(name) if token.lower().startswith(name) else 0


def _is_delay(value: str) -> bool:
    try:
        seconds = float(value)
    except ValueError:
        return False
    return 0 <= seconds < math.inf
