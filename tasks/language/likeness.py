"""Whether a text looks like the language that it is taken for, or like a relative of it that no detector knows.

A detector names the closest language that it knows, with any confidence: Hindi for Magahi, Polish for Silesian. Three signs tell
such a text: CLD2's score for each KiB is well below what texts of the language have, so is the share of the language's most
frequent words, and there are words that the relatives alone have.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

#: Most that each sign counts for, and what the words count for beside the score.
_MOST_SCORE, _MOST_WORDS, _WEIGHT_OF_WORDS = 1.2, 1.0, 0.5
#: What the words count for in a language without a list of them, and at least in one that hardly has frequent words, since
#: it joins them to others: Xhosa.
_NO_LIST, _JOINED, _SHARE_OF_JOINED = 0.8, 0.5, 0.16
#: The least likeness by the number of words: of score and words together, and of the words alone. Chosen on FLORES and the
#: Universal Declaration, and on half of the languages there that no detector knows; docs/quality.md has what the other half says.
_LEAST = ((3, 0.3), (8, 0.42), (12, 0.52), (20, 0.64), (32, 0.70), (60, 0.75), (110, 0.78))
_LEAST_BY_WORDS = ((8, 0.0), (12, 0.2), (20, 0.4), (32, 0.5), (60, 0.6), (110, 0.65))
#: Of the least, what is enough for a language whose relatives are few, and told by their words: results and lists of names are
#: published in English most.
_ENOUGH = {"en-Latn": 0.75}
#: Share of words with a capital that a text has without many names, and where nouns have one. With more names less is asked:
#: a page of results or transfers has a third of the words and half of the score. What a share above counts for.
_CAPITALS, _CAPITALS_OF_NOUNS, _NOUNS = 0.2, 0.3, frozenset({"de-Latn", "lb-Latn"})
_PER_CAPITAL = 0.8
#: What is above the least by so much counts in full.
_AMPLE = 0.35
#: The least share of words that only relatives have, and how many different ones. Texts of the language itself have
#: none, or one in a quotation.
_FOREIGN_SHARE, _FOREIGN_WORDS = 0.04, 2


@dataclass(frozen=True, slots=True)
class Profile:
    """What texts of a language look like: a line of languages.toml."""

    score: int
    share: float
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Relatives:
    """What the relatives of a language have and it has not: a line of relatives.toml."""

    words: frozenset[str]
    parts: tuple[str, ...]

    def count(self, words: Sequence[str]) -> int:
        """Return how many of `words` are theirs; 0 if these are one word again and again, such as an airline's name."""
        theirs = [word for word in words if word in self.words]
        for part in self.parts:
            theirs += [word for word in words if part in word]
        return len(theirs) if len(set(theirs)) >= _FOREIGN_WORDS else 0


@dataclass(frozen=True, slots=True)
class Likeness:
    """The profiles of the languages, by code and script: `hi-Deva`; what their relatives have, by code."""

    profiles: dict[str, Profile] = field(repr=False)
    relatives: dict[str, Relatives] = field(repr=False)
    #: The languages that have a profile.
    languages: frozenset[str] = field(repr=False)

    @classmethod
    def load(cls) -> Self:
        """Read the tables."""
        table, foreign = _table("languages.toml"), _table("relatives.toml")
        profiles = {
            key: Profile(one["score"], one["share"], frozenset(one["words"].split()))
            for key, one in table.items()
        }
        relatives = {
            language: Relatives(frozenset(words.split()), tuple(foreign["parts"].get(language, "").split()))
            for language, words in foreign["words"].items()
        }
        return cls(profiles, relatives, frozenset(key.split("-")[0] for key in profiles))

    def is_written_otherwise(self, language: str, script: str) -> bool:
        """Return whether texts of `language` have other scripts than this one: Uzbek in Arabic letters is Azerbaijani.

        Never for Latin letters: pages have names and code in them.
        """
        return script != "Latn" and language in self.languages and f"{language}-{script}" not in self.profiles

    def is_relative(self, language: str, words: Sequence[str]) -> bool:
        """Return whether `words` are of a relative of `language`."""
        relatives = self.relatives.get(language)
        if relatives is None:
            return False
        return relatives.count(words) >= max(1, len(words) * _FOREIGN_SHARE)

    def above_least(self, key: str, words: Sequence[str], score: int, capitals: float = 0.0) -> float | None:
        """Return how far a text is above what its language must have at least: negative for a relative of it.

        `key`: code and script. `words`: of the text. `score`: CLD2's for this language, 0 where it names another or none.
        `capitals`: share of its words that begin with a capital. None for a language without a profile, or where its profile
        has nothing to compare with.
        """
        profile = self.profiles.get(key)
        if profile is None:
            return None
        share = None
        if profile.words and words:
            share = sum(word in profile.words for word in words) / len(words) / profile.share
        usual = _CAPITALS_OF_NOUNS if key in _NOUNS else _CAPITALS
        asked = 1 - _PER_CAPITAL * max(0.0, capitals - usual)
        if score and profile.score:
            likeness = min(score / profile.score, _MOST_SCORE) + _WEIGHT_OF_WORDS * _by_words(profile, share)
            return likeness - _at(len(words), _LEAST) * _ENOUGH.get(key, 1) * asked
        return None if share is None else share - _at(len(words), _LEAST_BY_WORDS) * asked


def _by_words(profile: Profile, share: float | None) -> float:
    if share is None:
        return _NO_LIST
    return max(min(share, _MOST_WORDS), _JOINED if profile.share < _SHARE_OF_JOINED else 0.0)


def certainty(above: float) -> float:
    """Return a factor for a detector's confidence: 0.5 at the least likeness, 1 well above it."""
    return min(1.0, 0.5 + 0.5 * above / _AMPLE)


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))


def _at(count: int, points: Sequence[tuple[int, float]]) -> float:
    """Return the value at `count`, between the two points beside it."""
    if count <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if count <= right:
            return low + (high - low) * (count - left) / (right - left)
    return points[-1][1]
