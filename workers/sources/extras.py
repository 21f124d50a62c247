"""The other columns and keys of a URL, as far as they are kept with it."""

from typing import Any

import msgspec

from workers.ledger.entries import LARGEST_EXTRAS
from workers.sources.bounds import DEEPEST

#: NUL in JSON: PostgreSQL cannot store it.
_NUL = b"\\u0000"
_NESTED = frozenset({dict, list})


def kept(extras: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of `extras`: at most LARGEST_EXTRAS bytes of JSON, without NUL.

    A value that is nested more than DEEPEST times is left out, then the largest values until the others fit.
    """
    if not _NESTED.isdisjoint(map(type, extras.values())):
        extras = {key: value for key, value in extras.items() if not _is_deeper(value, DEEPEST)}
    encoded = msgspec.json.encode(extras)
    if _NUL in encoded:
        extras = _without_nul(extras)
    return extras if len(encoded) <= LARGEST_EXTRAS else _smallest(extras)


def _smallest(extras: dict[str, Any]) -> dict[str, Any]:
    """Return the values that fit, the smallest first, in the order of `extras`."""
    # With its comma in place of one brace; the other brace is the first byte of all.
    sizes = {key: len(msgspec.json.encode({key: value})) - 1 for key, value in extras.items()}
    free, fitting = LARGEST_EXTRAS - 1, set()
    for key in sorted(sizes, key=sizes.__getitem__):
        free -= sizes[key]
        if free < 0:
            break
        fitting.add(key)
    return {key: value for key, value in extras.items() if key in fitting}


def _is_deeper(value: Any, levels: int) -> bool:
    """Tell whether lists and objects are nested more than `levels` times in `value`."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if inner is None:
        return False
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in inner)


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_nul(one) for one in value]
    return value
