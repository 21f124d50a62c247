"""The vocabulary as build.py reads it: IPTC's concepts with labels and definitions, and what the data file has of them."""

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from tasks.topics.gazetteer import Concept
from tasks.topics.words import units

#: Lowest level of concepts in the data file: below it are single events of sports and kinds of share.
_DEEPEST = 3
#: Languages of the vocabulary that are another one in other spelling.
_REPEATED = frozenset({"en-US", "pt-BR", "nn"})
#: The level below the top.
SECOND = 2
#: Codes of the vocabulary's languages that language detectors do not use.
_LANGUAGE = {"en-US": "en", "nb": "no", "nn": "no", "pt-PT": "pt", "pt-BR": "pt", "zh-Hans": "zh"}
#: The note in `constitution (law)`.
_EXPLANATION = re.compile(r"\([^()]*\)")


class Entry(msgspec.Struct, frozen=True):
    """A concept in IPTC_JSON."""

    id: str
    broader: str | None
    top: str
    level: int
    label: dict[str, str]
    definition: dict[str, str]


class Vocabulary(msgspec.Struct, frozen=True):
    """IPTC_JSON: concepts of one release, with translations of an earlier one."""

    structure_en_release: str
    translations_release: str
    concepts: tuple[Entry, ...]

    @property
    def attribution(self) -> tuple[str, ...]:
        """The works that the data file is derived from, as in NOTICE."""
        releases = f"release {self.structure_en_release} with translations of {self.translations_release}"
        return (
            f"IPTC Media Topics, (c) IPTC (https://iptc.org), CC BY 4.0, {releases}",
            "News Category Dataset, (c) Rishabh Misra, CC BY 4.0",
        )


def descriptions(entry: Entry) -> Iterator[str]:
    """Yield a concept's label and definition in each language, or the label alone."""
    for language, label in entry.label.items():
        if language not in _REPEATED:
            definition = entry.definition.get(language)
            yield f"{label}. {definition}" if definition else label


def second_above(entry: Entry, by_id: Mapping[str, Entry]) -> str:
    """Return the id of the concept of the second level that `entry` is or is below."""
    while entry.level > SECOND and entry.broader:
        entry = by_id[entry.broader]
    return entry.id


def concepts_of(entries: Iterable[Entry]) -> Iterator[Concept]:
    """Yield the concepts of the upper levels, with their names by language code."""
    for entry in entries:
        if entry.level <= _DEEPEST:
            names: dict[str, set[str]] = {}
            for language, label in entry.label.items():
                names.setdefault(_LANGUAGE.get(language, language), set()).update(names_of(label))
            ordered = {language: tuple(sorted(names[language])) for language in sorted(names)}
            yield Concept(entry.id, entry.label["en"], entry.level, entry.top, entry.broader, ordered)


def names_of(label: str) -> Iterator[str]:
    """Yield the names in `label`: the parts between slashes, without explanations in parentheses."""
    for name in _EXPLANATION.sub("", label).split("/"):
        if found := units(name):
            yield " ".join(found)
