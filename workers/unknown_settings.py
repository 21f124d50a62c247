"""Warnings about variables that look like settings but are none: a typo must not switch politeness off silently."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values

from workers.settings import PREFIX, Settings

#: Variables of the project's tests and benchmarks, which are no settings of newsmill.
_OF_TESTS = frozenset({"NEWSMILL_DATA", "NEWSMILL_RECYCLINGS"})
#: Variables of docker-compose.yml in .env that are called as a setting without its prefix.
_OF_COMPOSE = frozenset({"DEMO_PORT"})
#: Minimum similarity (difflib's ratio) of a name to a setting: without the prefix, and of whole names if the prefix may be
#: wrong, too. NEWSMIL_HOST_INTERVAL has .98, NEWSPAPER_HOST .67.
_LIKE, _MUCH_LIKE = 0.6, 0.85


def warnings(environment: Mapping[str, str], env_file: Path) -> Iterator[str]:
    """Yield a warning for each variable of the environment, or of a .env file, that looks like a setting but is none."""
    yield from _warnings(environment, "")
    if env_file.is_file():
        values = dotenv_values(env_file, interpolate=False)
        yield from _warnings(values, f" in {env_file}")
        for name, value in values.items():
            if value is None:
                yield f"{name} in {env_file} has no value: write {name}=value."


def _warnings(names: Iterable[str], where: str) -> Iterator[str]:
    known = [name.upper() for name in Settings.model_fields]
    for given in names:
        name = given.upper()
        if (name.removeprefix(PREFIX) in known and name.startswith(PREFIX)) or name in _OF_TESTS:
            continue
        meant = _meant(name, known, in_file=bool(where))
        if meant:
            yield f"{given}{where} is not a setting. Did you mean {PREFIX}{meant}?"
        elif name.startswith(PREFIX):
            yield f"{given}{where} is not a setting. `newsmill settings` lists them."


def _meant(name: str, known: Sequence[str], *, in_file: bool) -> str | None:
    """Return the setting, without its prefix, that is most similar to a name in upper case."""
    if name.startswith(PREFIX):
        return _nearest(name.removeprefix(PREFIX), known, _LIKE)
    if in_file and name in known and name not in _OF_COMPOSE:
        return name
    if not name.startswith(PREFIX[:3]):  # most variables have nothing to do with newsmill
        return None
    nearest = _nearest(name, [PREFIX + one for one in known], _MUCH_LIKE)
    return nearest and nearest.removeprefix(PREFIX)


def _nearest(name: str, names: Sequence[str], cutoff: float) -> str | None:
    return next(iter(get_close_matches(name, names, 1, cutoff)), None)
