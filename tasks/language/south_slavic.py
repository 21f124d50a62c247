"""Bosnian, Croatian and Serbian in Latin letters, told apart by their words.

py3langid and CLD2 know that a text is one of the three, seldom which: of 44 passages in Serbian py3langid calls 34 Croatian.
What differs are the reflex of yat (`vreme`, `vrijeme`), names of months, words that one or two of the three standards have,
and what follows a verb like `može`. Serbian is written with either reflex; Montenegrin counts as Serbian.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tasks.language.words import words_of

#: Characters read: more than for other languages, as only some of the words tell.
SAMPLE = 3000
#: The three, the default first.
LANGUAGES = ("hr", "sr", "bs")
#: How much more than the next one a language needs before the page's own statement no longer counts.
SURE = 3.0
#: The factor for the confidence where the statement counts.
_DECLARED = 0.75
#: Points of a word for Croatian, Serbian and Bosnian, by the list that it is on. A word counts once.
_POINTS = {
    "ekavian": (-1.5, 2.0, -1.5),
    "ijekavian": (1.0, -1.0, 1.0),
    "croatian": (2.0, -1.0, -1.0),
    "serbian": (-1.0, 2.0, -0.5),
    "bosnian": (-1.0, -0.5, 2.0),
    "not_croatian": (-1.5, 1.0, 1.0),
    "not_serbian": (1.0, -1.5, 1.0),
}
#: The same for `može da piše` and for `može pisati`, of each verb.
_DA, _INFINITIVE = (-1.0, 1.0, 0.3), (0.5, -1.0, 0.5)
#: Words between the verb and `da` or the infinitive: `može se pisati`.
_BETWEEN = 2
_INFINITIVES = ("ti", "ći")
#: The longest beginning of a word on a list has 13 letters.
_LONGEST = 13


@dataclass(frozen=True, slots=True)
class SouthSlavic:
    """The lists of south_slavic.toml: by beginning and by whole word, the names of the lists that have it."""

    beginnings: dict[str, tuple[str, ...]] = field(repr=False)
    whole: dict[str, tuple[str, ...]] = field(repr=False)
    before_a_verb: frozenset[str] = field(repr=False)

    @classmethod
    def load(cls) -> Self:
        """Read the lists."""
        table = tomllib.loads(Path(__file__).with_name("south_slavic.toml").read_text("utf-8"))
        beginnings: dict[str, tuple[str, ...]] = {}
        whole: dict[str, tuple[str, ...]] = {}
        for name in _POINTS:
            for word in table[name].split():
                place = whole if word.endswith("$") else beginnings
                key = word.removesuffix("$")
                place[key] = (*place.get(key, ()), name)
        return cls(beginnings, whole, frozenset(table["before_a_verb"].split()))

    def language_of(self, text: str, declared: str) -> tuple[str, float, bool]:
        """Return `hr`, `sr` or `bs`, a factor for the confidence, 0.5 to 1, and whether the page's own statement decided.

        `declared` counts where the words do not say enough.
        """
        points = self.points_of(text, declared)
        best = max(points, key=points.__getitem__)
        first, second, _ = sorted(points.values(), reverse=True)
        if declared in points and first - second < SURE:
            return declared, _DECLARED, declared != best
        return best, min(1.0, 0.5 + 0.5 * (first - second) / SURE), False

    def points_of(self, text: str, declared: str = "") -> dict[str, float]:
        """Return what the first 3,000 characters of `text` say for each of the three languages.

        A page that declares Serbian may have either reflex of yat: then `ije` speaks for none of the three.
        """
        words = words_of(text[:SAMPLE])
        points = [*self._of_words(set(words), declared), *self._of_verbs(words)]
        return {language: sum(one[at] for one in points) for at, language in enumerate(LANGUAGES)}

    def _of_words(self, words: Iterable[str], declared: str) -> Iterator[tuple[float, ...]]:
        for word in words:
            lists = set(self.whole.get(word, ()))
            for end in range(2, min(len(word), _LONGEST) + 1):
                lists.update(self.beginnings.get(word[:end], ()))
            if declared == "sr":
                lists.discard("ijekavian")
            yield from (_POINTS[name] for name in sorted(lists))

    def _of_verbs(self, words: Sequence[str]) -> Iterator[tuple[float, ...]]:
        signs = {}
        for at, word in enumerate(words):
            if word in self.before_a_verb:
                after = words[at + 1 : at + 1 + _BETWEEN]
                if "da" in after:
                    signs[word, "da"] = _DA
                elif any(one.endswith(_INFINITIVES) for one in after):
                    signs[word, "infinitive"] = _INFINITIVE
        yield from signs.values()
