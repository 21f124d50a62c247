"""Which language a text is in: its script, then two fast detectors, and langdetect where they differ."""

import re
from dataclasses import dataclass
from importlib.metadata import version
from typing import Self

from tasks.language.opinions import UNDETERMINED, Bayes, Opinion, Profiles, Quads
from tasks.language.scripts import Writing, is_traditional, iso_script, languages_of, writing_of

#: Goes up with every change to the rules here.
RULES = 2

#: Characters looked at: on 54 languages langdetect has 99.3 % right with 1,000, 99.4 % with whole articles in
#: twice the time.
SAMPLE = 1000

#: Least of CLD2's confidence for a language that only it knows: 93 % of 2,672 sentences right, 61 % below.
_ALONE_QUADS = 0.3
#: The same of py3langid's, where the other two agree on what is then the nearest relative that they know.
_ALONE_BAYES = 0.95
#: CLD2's confidence that a language's own texts reach: of the sentences in langdetect's languages 93 % do, of those
#: that the pair takes for the language of a relative (Bhojpuri for Hindi) less than two thirds.
_FLUENT = 0.25

# What is in no language; each has one of the marks, which are faster to look for.
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[#@]\w+")
_MARKS = ("://", "www.", "@", "#")


@dataclass(frozen=True, slots=True)
class Guess:
    """What a text is in.

    `language`: ISO 639 code, `zh-cn` and `zh-tw` for simplified and traditional Chinese, `und`. `confidence`: 0 to
    1; above a half where two detectors agree, the script alone decides or the only one that knows a language is
    sure of it. `detector`: who decided. `script`: ISO 15924 code, None where there are no letters.
    """

    language: str
    confidence: float
    detector: str
    script: str | None


@dataclass(frozen=True, slots=True)
class Detector:
    """The three detectors, loaded; made by `load`.

    `wanted`: codes of the languages that articles are kept in, all where it is empty. `zh` stands for `zh-cn` and
    `zh-tw`; `und` is a code like any other.
    """

    bayes: Bayes
    quads: Quads
    profiles: Profiles
    #: What detects, e.g. `langdetect 1.0.9, py3langid 0.4.0, pycld2 0.42 / newsmill 2`.
    version: str
    wanted: tuple[str, ...] = ()

    @classmethod
    def load(cls, wanted: tuple[str, ...] = ()) -> Self:
        """Read the models of the fast pair: 0.5 s and 95 MB, so once and before the fork."""
        parts = ", ".join(f"{name} {version(name)}" for name in ("langdetect", "py3langid", "pycld2"))
        return cls(Bayes.load(), Quads.load(), Profiles.load(), f"{parts} / newsmill {RULES}", wanted)

    def warm(self) -> None:
        """Read what the last of the three would read when it is asked, so that forked workers share it."""
        self.profiles.warm()

    def wants(self, language: str) -> bool:
        """Tell whether articles in `language` are kept."""
        return not self.wanted or language in self.wanted or language.split("-", maxsplit=1)[0] in self.wanted

    def detect(self, text: str) -> Guess:
        """Return the language of the first 1,000 characters of `text`.

        `und` with confidence 0 where there are no words (empty text, digits, URLs, emoji), and where three
        detectors name three languages.
        """
        sample = _words_of(text[:SAMPLE])
        writing = writing_of(sample)
        if writing is None:
            return Guess(UNDETERMINED, 0.0, "script", None)
        opinion, detector = self._by_script(sample, writing) or self._by_vote(sample)
        language, confidence = opinion.language, round(opinion.confidence, 4)
        if language == "zh":
            language = "zh-tw" if is_traditional(sample) else "zh-cn"
        if language == UNDETERMINED:
            confidence = 0.0
        return Guess(language, confidence, detector, iso_script(writing.script, sample))

    def _by_script(self, text: str, writing: Writing) -> tuple[Opinion, str] | None:
        """Return the language of a script that has one or two; CLD2 knows both where there are two."""
        languages = languages_of(writing.script, text)
        if not languages or writing.share <= 1 / 2:
            return None
        if len(languages) > 1:
            opinion, reliable = self.quads.ask(text)
            if reliable and opinion.language in languages:
                return Opinion(opinion.language, writing.share), "pycld2"
        return Opinion(languages[0], writing.share), "script"

    def _by_vote(self, text: str) -> tuple[Opinion, str]:
        """Return what two of three say, or one about a language that the others do not know.

        Sentences of articles in 205 varieties: the pair agreed on 8,502 of 8,723 that are in a language of
        langdetect's, all but 6 times rightly. It agreed on half of the others, too, rightly on 9,599 of 11,469
        that CLD2 called itself reliable on, and on 169 of 1,554 that it did not.
        """
        bayes, (quads, reliable) = self.bayes.ask(text), self.quads.ask(text)
        known = self.profiles.knows
        if bayes.language == quads.language and (reliable or bayes.language in known):
            trust = min(1, quads.confidence / _FLUENT) if reliable else 1 / 2
            return _weakened(bayes, trust), "py3langid+pycld2"
        if reliable and quads.language not in self.bayes.knows | known and quads.confidence >= _ALONE_QUADS:
            return quads, "pycld2"
        last = self.profiles.ask(text)
        if last.language == bayes.language:
            return _weakened(last, 1 / 2), "langdetect"
        if last.language == quads.language:
            if bayes.language not in known and bayes.confidence >= _ALONE_BAYES:
                return bayes, "py3langid"
            if reliable:
                return _weakened(last, 1 / 2), "langdetect"
        return Opinion(UNDETERMINED, 0.0), "langdetect"


def _weakened(opinion: Opinion, by: float) -> Opinion:
    return Opinion(opinion.language, opinion.confidence * by)


def _words_of(text: str) -> str:
    """Return `text` without addresses, in lower case if most of its words begin with a capital.

    Capitals take langdetect from 98 % right to 62 %, and capitalised headlines py3langid from 99.4 to 98.6 %.
    """
    if any(mark in text for mark in _MARKS):
        text = _ADDRESS.sub(" ", text)
    words = [word for word in text.split() if word[0].isalpha()]
    return text.lower() if sum(word[0].isupper() for word in words) * 2 > len(words) else text
