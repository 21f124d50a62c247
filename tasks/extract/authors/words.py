"""The words of bylines, from words.toml."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: Words of the longest phrase in the table.
LONGEST_PHRASE = 4
#: Joins that need no names of two words on both sides: they are no part of a name in any language.
SURE_JOINS = frozenset(
    ("and", "und", "og", "och", "et", "és", "sowie", "oraz", "και", "ve", "và", "và", "និង")
)
#: Agencies of few letters are written in one way only: "AP", but not "Ap".
_SHORT = 5
_GENERIC = frozenset(
    (
        *("agence", "agencia", "agência", "agenzia", "agencja", "agentur", "agentura", "agency", "agenția"),
        *("agencija", "агентство", "агенция", "вести", "وكالة", "خبرگزاری"),
    )
)


@dataclass(frozen=True, slots=True)
class Words:
    """Sets of phrases, case-folded, of all languages."""

    before: frozenset[str]
    ambiguous: frozenset[str]
    #: Of a language, those of `before`, which are sure there.
    before_in: Mapping[str, frozenset[str]]
    #: Labels by what they say of the name behind them: "writer", "editor" or "other".
    labels: Mapping[str, str]
    role: frozenset[str]
    join: frozenset[str]
    organisation: frozenset[str]
    #: Of both those of Han, kana and hangul, which end a name without a space; the longest first.
    east_asian_role: tuple[str, ...]
    east_asian_organisation: tuple[str, ...]
    #: Agencies as this table writes them, by what a byline may have.
    agency: Mapping[str, str]
    #: Sets of single words that stand within or behind names.
    particles: frozenset[str]
    before_date: frozenset[str]
    before_place: frozenset[str]
    before_company: frozenset[str]
    credentials: frozenset[str]
    generations: frozenset[str]
    no_name: frozenset[str]

    def agency_in(self, text: str) -> str | None:
        """Return the agency whose name a text is, None if it is none."""
        words = text.split()
        if len(words) > 1 and words[0].casefold() in _GENERIC:
            text = " ".join(words[1:])
        return self.agency.get(text) or self.agency.get(text.casefold())


@cache
def words() -> Words:
    """Return the words; they are read once."""
    tables = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
    labels = {
        phrase: kind for kind in ("other", "editor", "writer") for phrase in _phrases(tables[kind].values())
    }
    role, organisation = _phrases(tables["role"].values()), _phrases(tables["organisation"].values())
    agencies = [name for names in tables["agency"].values() for name in names]
    return Words(
        before=_phrases(tables["before"].values()),
        ambiguous=_phrases([tables["ambiguous"]["words"]]),
        before_in={language: _phrases([phrases]) for language, phrases in tables["before"].items()},
        labels=labels,
        role=role,
        join=_phrases(tables["join"].values()),
        organisation=organisation,
        east_asian_role=_east_asian(role),
        east_asian_organisation=_east_asian(organisation),
        agency={name: name for name in agencies}
        | {name.casefold(): name for name in agencies if len(name) >= _SHORT},
        **{name: _phrases([given]) for name, given in tables["within"].items()},
    )


@cache
def first_words() -> frozenset[str]:
    """Return the first words of all that stands before an author's name."""
    written = {phrase for phrase, kind in words().labels.items() if kind != "other"}
    return frozenset(phrase.split()[0] for phrase in words().before | written)


def _east_asian(phrases: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted((one for one in phrases if one > "\u3000"), key=len, reverse=True))


def _phrases(lists: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(phrase.casefold() for phrases in lists for phrase in phrases)
