"""The gazetteer: finds the names of the vocabulary's concepts in a text, in the text's language."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from tasks.topics.words import units

#: First letters that all forms of a word have in common; names are indexed by them.
_STEM = 4
#: Letters that an inflected form may have more than the name (`Wahl`, `Wahlen`), or less (`elections`, `election`). None
#: less for names under seven letters, one less under ten, so that `band` is not `bandy` and `current` not `currency`.
_ENDING = 2
#: A name, as its units, and the id of its concept.
_Name = tuple[tuple[str, ...], str]
#: Other codes for languages of the vocabulary.
_ALIAS = {"nb": "no", "nn": "no"}
#: Language whose names are searched in texts of other languages than the vocabulary's: most loanwords are from it.
_FALLBACK = "en"


class Concept(msgspec.Struct, frozen=True):
    """A concept of the vocabulary."""

    #: E.g. `medtop:20000065`.
    id: str
    #: English label.
    label: str
    #: 1 for a top-level topic, 2 and 3 for what is below it.
    level: int
    #: Id of the top-level topic that it belongs to; itself on level 1.
    top: str
    #: Id of the concept above; None on level 1.
    broader: str | None
    #: Names by ISO 639-1 code, each as its units (`words.units`) with spaces between.
    names: dict[str, tuple[str, ...]]


class Gazetteer:
    """Finds names of `concepts` in texts: other endings of the words match, another order does not."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self.concepts: Mapping[str, Concept] = {concept.id: concept for concept in concepts}
        self._names: dict[str, dict[str, list[_Name]]] = {}
        for concept in self.concepts.values():
            self._add(concept)

    def mentions(self, text: str, language: str) -> Counter[str]:
        """Return how often `text` names each concept below the top level.

        A mention counts for the broader concept, too: a text about a final is about the sport.
        """
        found: Counter[str] = Counter()
        for id_ in self._find(units(text), self._names_in(language)):
            found[id_] += 1
            broader = self.concepts.get(self.concepts[id_].broader or "")
            if broader and broader.level > 1:
                found[broader.id] += 1
        return found

    def _add(self, concept: Concept) -> None:
        if concept.level == 1:
            return
        for language, names in concept.names.items():
            by_key = self._names.setdefault(language, {})
            for name in names:
                parts = tuple(name.split())
                by_key.setdefault(parts[0][:_STEM], []).append((parts, concept.id))

    def _names_in(self, language: str) -> Mapping[str, Sequence[_Name]]:
        code = language.partition("-")[0]
        return self._names.get(_ALIAS.get(code, code)) or self._names.get(_FALLBACK, {})

    @staticmethod
    def _find(text: Sequence[str], names: Mapping[str, Sequence[_Name]]) -> Iterator[str]:
        """Yield the concept of each name, from left to right: the longest match, no unit twice."""
        end = 0
        # Of the 748 words of a page, 17 begin like a name.
        for position in [place for place, unit in enumerate(text) if unit[:_STEM] in names]:
            if position < end:
                continue
            candidates = names[text[position][:_STEM]]
            matching = [name for name in candidates if _is_name_at(position, text, name[0])]
            if matching:
                parts, id_ = max(matching, key=lambda name: len(name[0]))
                end = position + len(parts)
                yield id_


def _is_name_at(position: int, text: Sequence[str], parts: Sequence[str]) -> bool:
    if not _same_word(parts[0], text[position]):
        return False
    rest = text[position + 1 : position + len(parts)]
    return len(rest) == len(parts) - 1 and all(map(_same_word, parts[1:], rest))


def _same_word(name: str, word: str) -> bool:
    """Return whether `word` is `name`, perhaps with another ending; short words have to be equal."""
    if len(name) < _STEM:
        return word == name
    stem = name[: len(name) - min(_ENDING, (len(name) - _STEM) // 3)]
    return word.startswith(stem) and len(word) <= len(name) + _ENDING
