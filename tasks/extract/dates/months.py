"""Names of months to their numbers, by language (months.toml)."""

# ruff: noqa: RUF001 - dates in several scripts

import tomllib
from functools import lru_cache
from pathlib import Path

from tasks.normal_form import normal_form

#: Letters that one language writes for two characters, or without a base letter.
_SAME = str.maketrans(
    {"ı": "i", "ي": "ی", "ك": "ک", "ى": "ی", "أ": "ا", "إ": "ا", "آ": "ا", "ё": "е", "׳": ""}
)


def month_of(word: str, language: str) -> tuple[str, int] | None:
    """Return the calendar (`gregorian`, `solar_hijri`, `bikram_sambat`) and the number of a month that `word` names.

    The name counts that it has in `language` (a primary subtag, may be empty), else the one that all other languages agree
    on: "listopad" is October in Croatian and November in Czech.
    """
    own, shared = names()
    key = folded(word)
    return own.get(language, {}).get(key) or shared.get(key)


def folded(word: str) -> str:
    """Return a word as names of months are compared."""
    if word.isascii():
        return word.casefold().rstrip(".")
    # Hindi writes the nasal before a "b" as a letter or as a dot: सितम्बर, सितंबर.
    word = normal_form("NFKD", word.casefold()).replace("\u092e\u094d\u092c", "\u0902\u092c")
    kept = "".join(one for one in word if not 0x300 <= ord(one) < 0x370)  # noqa: PLR2004 (combining accents)
    return kept.translate(_SAME).replace(".", "")


@lru_cache(maxsize=1)
def names() -> tuple[dict[str, dict[str, tuple[str, int]]], dict[str, tuple[str, int]]]:
    """Return the months by name: of each language, and those that all languages agree on."""
    tables = tomllib.loads(Path(__file__).with_name("months.toml").read_text("utf-8"))
    own: dict[str, dict[str, tuple[str, int]]] = {}
    meanings: dict[str, set[tuple[str, int]]] = {}
    for calendar, languages in tables.items():
        for language, line in languages.items():
            for number, names in enumerate(line.split(), 1):
                for name in map(folded, names.split("/")):
                    own.setdefault(language, {})[name] = (calendar, number)
                    meanings.setdefault(name, set()).add((calendar, number))
    shared = {name: next(iter(found)) for name, found in meanings.items() if len(found) == 1}
    return own, shared
