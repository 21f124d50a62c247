"""The language of a text: by its script, then by two fast detectors, and by langdetect where they disagree."""

import re
from dataclasses import dataclass
from importlib.metadata import version
from typing import Self

from tasks.language.ballot import DECLARED, Ballot, scaled
from tasks.language.declared import declared_code
from tasks.language.detectors import UNDETERMINED, Cld2, Langdetect, Prediction, Py3langid
from tasks.language.likeness import Likeness
from tasks.language.scripts import DominantScript, dominant_script, is_traditional, iso_script, languages_of
from tasks.language.south_slavic import SouthSlavic
from tasks.language.words import words_of

#: Increase with every change to the rules here.
RULES = 3

#: The name of the detector where the words told Serbian or Bosnian from Croatian.
BY_WORDS = "words"

#: Characters read. In 54 languages langdetect has 99.3 % right with 1,000, and 99.4 % with whole articles in twice the
#: time.
SAMPLE = 1000

#: Minimum confidence of CLD2 for a language that only it knows: 93 % of 2,672 sentences are right from there on, 61 %
#: below.
_MIN_CLD2_ALONE = 0.3
#: The same for py3langid, where the other two agree: on the closest language that they know.
_MIN_PY3LANGID_ALONE = 0.95
#: CLD2's confidence in a text of the language itself: 93 % of sentences in langdetect's languages reach it, and less than
#: two thirds of those in a related language that is taken for it (Bhojpuri for Hindi).
_FULL_CONFIDENCE = 0.25

# Addresses and tags are in no language. Each contains one of `_MARKS`, which are faster to search for.
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|(?<!\S)\S[^\s@]*+@\S+|[#@]\w+")
_MARKS = ("://", "www.", "@", "#")


@dataclass(frozen=True, slots=True)
class Guess:
    """The language and script of a text.

    `language`: ISO 639 code, `zh-cn` and `zh-tw` for simplified and traditional Chinese, `und`. `confidence`: 0 to 1;
    above 0.5 where two detectors agree, where the script alone decides, or where the only detector that knows the
    language is sure. `detector`: which one decided. `script`: ISO 15924 code, None for a text without letters.
    """

    language: str
    confidence: float
    detector: str
    script: str | None


@dataclass(frozen=True, slots=True)
class Detector:
    """The three detectors with their models; use `load` to create one.

    `wanted`: codes of the languages in which articles are kept, empty for all. `zh` stands for `zh-cn` and `zh-tw`;
    `und` may be one of them.
    """

    py3langid: Py3langid
    cld2: Cld2
    langdetect: Langdetect
    likeness: Likeness
    south_slavic: SouthSlavic
    #: Versions, e.g. `langdetect 1.0.9, py3langid 0.4.0, pycld2 0.42 / newsmill 3`.
    version: str
    wanted: tuple[str, ...] = ()

    @classmethod
    def load(cls, wanted: tuple[str, ...] = ()) -> Self:
        """Read the models of the two fast detectors: 0.5 s and 95 MB, so once and before the fork."""
        parts = ", ".join(f"{name} {version(name)}" for name in ("langdetect", "py3langid", "pycld2"))
        return cls(
            Py3langid.load(),
            Cld2.load(),
            Langdetect.load(),
            Likeness.load(),
            SouthSlavic.load(),
            f"{parts} / newsmill {RULES}",
            wanted,
        )

    def warm(self) -> None:
        """Read langdetect's profiles, too, so that forked workers share them."""
        self.langdetect.warm()

    def wants(self, language: str) -> bool:
        """Return whether articles in `language` are kept."""
        return not self.wanted or language in self.wanted or language.split("-", maxsplit=1)[0] in self.wanted

    def detect(self, text: str, declared: str | None = None) -> Guess:
        """Return the language of the first 1,000 characters of `text`; of three times as many between Serbian and Croatian.

        `declared`: what the page says that it is in, `sr-Latn`; evidence between near relatives only. `und` with confidence 0
        where there are no words (empty text, digits, URLs, emoji), where the three detectors name three languages, and where
        the text is unlike the language that they name.
        """
        sample, capitals = _words_of(text[:SAMPLE])
        dominant = dominant_script(sample)
        if dominant is None:
            return Guess(UNDETERMINED, 0.0, "script", None)
        by_script = self._by_script(sample, dominant)
        code = declared_code(declared)
        prediction, detector = by_script or self._by_vote(
            Ballot(sample, capitals, dominant.script, code, self.likeness)
        )
        if prediction.language == "hr":
            prediction, detector = self._south_slavic(prediction, detector, text, code)
        language, confidence = prediction.language, round(prediction.confidence, 4)
        if language == "zh":
            language = "zh-tw" if is_traditional(sample) else "zh-cn"
        if language == UNDETERMINED:
            confidence = 0.0
        return Guess(language, confidence, detector, iso_script(dominant.script, sample))

    def _by_script(self, text: str, dominant: DominantScript) -> tuple[Prediction, str] | None:
        """Return the language of a script that one or two languages use; CLD2 knows both where there are two."""
        languages = languages_of(dominant.script, text)
        if not languages or dominant.share <= 1 / 2:
            return None
        if len(languages) > 1:
            prediction, reliable = self.cld2.predict(text)
            if reliable and prediction.language in languages:
                return Prediction(prediction.language, dominant.share), "pycld2"
        language = languages[0]
        if self.likeness.is_relative(language, words_of(text)):
            language = UNDETERMINED
        return Prediction(language, dominant.share), "script"

    def _by_vote(self, ballot: Ballot) -> tuple[Prediction, str]:
        """Return the language that two of three detectors name, or one that the others do not know.

        On sentences in 205 language varieties py3langid and CLD2 agreed on 8,502 of 8,723 in a language that langdetect
        knows, and were wrong on 6. They agreed on half of the others, too: rightly on 9,599 of 11,469 where CLD2 called
        itself reliable, and on 169 of 1,554 where it did not. What is unlike the language that they name is `und`.
        """
        first = ballot.named(self.py3langid.predict(ballot.text))
        second, reliable = self.cld2.predict(ballot.text)
        second = ballot.named(second)
        known = self.langdetect.knows
        if first.language == second.language and (reliable or first.language in known):
            factor = min(1, second.confidence / _FULL_CONFIDENCE) if reliable else 1 / 2
            return ballot.elect(scaled(first, factor), "py3langid+pycld2")
        others_know = second.language in self.py3langid.knows | known
        if reliable and not others_know and second.confidence >= _MIN_CLD2_ALONE:
            return ballot.elect(second, "pycld2")
        third = ballot.named(self.langdetect.predict(ballot.text))
        if third.language == first.language:
            return ballot.elect(scaled(third, 1 / 2), "langdetect")
        if third.language == second.language:
            if first.language not in known and first.confidence >= _MIN_PY3LANGID_ALONE:
                return ballot.elect(first, "py3langid")
            if reliable:
                return ballot.elect(scaled(third, 1 / 2), "langdetect")
        return ballot.undecided("langdetect")

    def _south_slavic(
        self, prediction: Prediction, detector: str, text: str, declared: str
    ) -> tuple[Prediction, str]:
        """Return which of Croatian, Serbian and Bosnian a text is in that the detectors call one of them."""
        language, factor, by_declaration = self.south_slavic.language_of(text, declared)
        if by_declaration:
            detector = DECLARED
        elif language != prediction.language:
            detector = BY_WORDS
        return Prediction(language, prediction.confidence * factor), detector


def _words_of(text: str) -> tuple[str, float]:
    """Return `text` without addresses, in lower case if most of its words begin with a capital; and the share that do.

    On upper case langdetect falls from 98 % right to 62 %, on capitalised headlines py3langid from 99.4 to 98.6 %.
    """
    if any(mark in text for mark in _MARKS):
        text = _ADDRESS.sub(" ", text)
    words = [word for word in text.split() if word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in words) / max(1, len(words))
    return (text.lower() if capitals > 1 / 2 else text), capitals
