"""Names in the values of JSON-LD, microdata and metas: strings, things, lists of them, at any depth and of any type."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from tasks.extract.authors.labels import plain
from tasks.extract.authors.names import MOST_NAMES, Found, names_in
from tasks.extract.characters import folded
from tasks.extract.statement import types_of

#: Depth to which lists and names that are things themselves are followed.
_DEEPEST = 5
#: Types that are no person, whatever their names look like.
_ORGANISATION = ("organization", "corporation", "newspaper", "periodical", "website", "company")


def found_in(value: Any, language: str | None, sites: Collection[str]) -> Found:
    """Return whom a value names. An organisation's name, and a name that is none of a person, is an organisation."""
    return merged(_entity(*one, language, sites) for one in _entities(value, 0))


def merged(all_found: Iterable[Found]) -> Found:
    """Return what several bylines name, each once and in order."""
    found = list(all_found)
    return Found(
        _unique(name for one in found for name in one.persons)[:MOST_NAMES],
        _unique(name for one in found for name in one.agencies),
        _unique(name for one in found for name in one.organisations),
        introduced=any(one.introduced for one in found),
        edited=any(one.edited for one in found) and all(one.edited or not one.persons for one in found),
    )


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(folded(name), name)
    return tuple(kept.values())


def _entity(name: str, is_organisation: bool, language: str | None, sites: Collection[str]) -> Found:
    found = names_in(name, language, sites, stated=True)
    if is_organisation and found.persons:
        return Found((), found.agencies, (plain(name),))
    return found


def _entities(value: Any, depth: int) -> Iterator[tuple[str, bool]]:
    """Yield the names in a value, and whether each is that of an organisation."""
    if isinstance(value, str):
        if _is_name(value):
            yield value, False
    elif isinstance(value, list) and depth < _DEEPEST:
        for one in value[:MOST_NAMES]:
            yield from _entities(one, depth + 1)
    elif isinstance(value, dict) and depth < _DEEPEST:
        organisation = any(one.endswith(_ORGANISATION) for one in types_of(value))
        for name, inner in _entities(_name_of(value), depth + 1):
            yield name, organisation or inner


def _name_of(thing: dict[str, Any]) -> Any:
    """Return what a thing says its name is: `name`, else the given and the family name, else another."""
    if thing.get("name"):
        return thing["name"]
    halves = [thing.get("givenName"), thing.get("additionalName"), thing.get("familyName")]
    joined = " ".join(half.strip() for half in halves if isinstance(half, str) and half.strip())
    return joined or thing.get("@value") or thing.get("alternateName")


def _is_name(text: str) -> bool:
    text = text.strip()
    return bool(text) and not text.startswith(("http://", "https://", "//", "/", "www.", "@", "#"))
